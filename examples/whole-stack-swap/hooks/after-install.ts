import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { propagationSeconds } from '../propagation.js';
import { restingOnFailure } from '../put-to-rest.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** Waits out the first part of the subscriptions' propagation, so that the tests find a database that is being filled. */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    await restingOnFailure(stack, () => stack.clock.sleep(propagationSeconds.afterInstall * 1000, signal));
  }, options);

export const handler = makeHandler(stackFromEnvironment);
