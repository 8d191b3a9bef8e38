import type { StackReference } from 'aws-blue-green-toolkit/core';
import type { Stack } from './stack.js';

/**
 * Switches off what a stack consumes and answers with, and lets its database stop. Every part is idempotent, and every
 * part is tried, so this also tidies up after a hook that got only half-way.
 */
export async function putToRest(stack: Stack, reference: StackReference): Promise<void> {
  const results = await Promise.allSettled([
    stack.alarms.disableAlarmsActions(reference),
    stack.queueReader.disableEventMapping(reference),
    stack.subscriptions.disableSubscription(reference),
    stack.streamConsumer.deregisterConsumer(reference),
    stack.database.scaleIn(reference).then(() => stack.database.stopDatabase(reference)),
  ]);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0) throw new AggregateError(failures, `Stack ${reference} is not wholly at rest`);
}

/** Runs a part of the deployment before the traffic moves; when it fails, the replacement goes back to rest. */
export async function restingOnFailure(stack: Stack, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await putToRest(stack, stack.replacement).catch((restError: unknown) => {
      throw new AggregateError(
        [error, restError],
        'The hook failed, and so did putting the replacement to rest',
      );
    });
    throw error;
  }
}
