import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { retireOnFailure } from '../retire-stack.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** Verifies before the traffic moves that everything is still enabled. */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    const { replacement, database, subscriptions, queueReader } = stack;
    const soon = { maxWaitSeconds: 120, signal };
    await retireOnFailure(stack, async () => {
      await Promise.all([
        database.waitForClusterState(replacement, 'available', soon),
        queueReader.waitForEventMappingState(replacement, 'Enabled', soon),
      ]);
      if (await subscriptions.isSubscriptionEnabled(replacement, { signal })) return;
      throw new Error(`Subscriptions of ${replacement} were disabled outside this deployment`);
    });
  }, options);

export const handler = makeHandler(stackFromEnvironment);
