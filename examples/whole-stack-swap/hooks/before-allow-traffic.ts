import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { propagationSeconds } from '../propagation.js';
import { restingOnFailure } from '../put-to-rest.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** The last gate before the traffic moves: the rest of the propagation, and a look at the replacement's database. */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    await restingOnFailure(stack, async () => {
      await stack.clock.sleep(propagationSeconds.beforeAllowTraffic * 1000, signal);
      await stack.database.waitForClusterState(stack.replacement, 'available', { maxWaitSeconds: 120, signal });
    });
  }, options);

export const handler = makeHandler(stackFromEnvironment);
