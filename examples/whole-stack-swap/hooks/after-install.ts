import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { waitSeconds } from '../propagation.js';
import { restingOnFailure } from '../put-to-rest.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** Waits out the first part of the time that the subscriptions need. */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    await restingOnFailure(stack, () => stack.clock.sleep(waitSeconds.afterInstall * 1000, signal));
  }, options);

export const handler = makeHandler(stackFromEnvironment);
