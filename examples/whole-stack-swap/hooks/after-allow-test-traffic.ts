import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { waitSeconds } from '../propagation.js';
import { retireOnFailure } from '../retire-stack.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** Waits for the remaining propagation time, then runs step 8, the application's own tests. A failure costs no user: the old stack has the traffic. */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    await retireOnFailure(stack, async () => {
      await stack.clock.sleep(waitSeconds.afterAllowTestTraffic * 1000, signal);
      await stack.runStep(8, 'Tests run against the test listener', () =>
        stack.invoke('smoke-test', { stack: stack.replacement }, signal),
      );
    });
  }, options);

export const handler = makeHandler(stackFromEnvironment);
