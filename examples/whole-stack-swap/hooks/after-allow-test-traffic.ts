import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { waitSeconds } from '../propagation.js';
import { restingOnFailure } from '../put-to-rest.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** The rest of the wait, then step 8: the application's own tests, which fail the deployment while the old stack still has all the traffic. */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    await restingOnFailure(stack, async () => {
      await stack.clock.sleep(waitSeconds.afterAllowTestTraffic * 1000, signal);
      await stack.runStep(8, 'Tests run against the test listener', () =>
        stack.invoke('smoke-test', { stack: stack.replacement }, signal),
      );
    });
  }, options);

export const handler = makeHandler(stackFromEnvironment);
