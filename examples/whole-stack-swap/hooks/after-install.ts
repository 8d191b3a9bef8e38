import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { waitSeconds } from '../propagation.js';
import { retireOnFailure } from '../retire-stack.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** Waits for the first part of the subscriptions' propagation time. */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    await retireOnFailure(stack, () => stack.clock.sleep(waitSeconds.afterInstall * 1000, signal));
  }, options);

export const handler = makeHandler(stackFromEnvironment);
