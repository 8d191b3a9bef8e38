import type { StackReference } from 'aws-blue-green-toolkit/core';
import type { Stack } from './stack.js';

/** Disables everything that a stack reads and reports, and stops its database. Tries every part, and is idempotent. */
export async function retireStack(tools: Stack, stack: StackReference): Promise<void> {
  const results = await Promise.allSettled([
    tools.alarms.disableAlarmsActions(stack),
    tools.queueReader.disableEventMapping(stack),
    tools.subscriptions.disableSubscription(stack),
    tools.streamConsumer.deregisterConsumer(stack),
    tools.database.scaleIn(stack).then(() => tools.database.stopDatabase(stack)),
  ]);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, `Could not retire stack ${stack} completely`);
}

/** Runs work before the traffic moves. Retires the replacement again when the work fails. */
export async function retireOnFailure(stack: Stack, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await retireStack(stack, stack.replacement).catch((retireError: unknown) => {
      throw new AggregateError(
        [error, retireError],
        'The hook failed, and the replacement could not be retired',
      );
    });
    throw error;
  }
}
