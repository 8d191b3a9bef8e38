import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { restingOnFailure } from '../put-to-rest.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** The last gate before the traffic moves: what was switched on is still on, whoever else has been at work meanwhile. */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    const { replacement, database, subscriptions, queueReader } = stack;
    const soon = { maxWaitSeconds: 120, signal };
    await restingOnFailure(stack, async () => {
      await Promise.all([
        database.waitForClusterState(replacement, 'available', soon),
        queueReader.waitForEventMappingState(replacement, 'Enabled', soon),
      ]);
      if (await subscriptions.isSubscriptionEnabled(replacement, { signal })) return;
      throw new Error(`Somebody has disabled the subscriptions of ${replacement}`);
    });
  }, options);

export const handler = makeHandler(stackFromEnvironment);
