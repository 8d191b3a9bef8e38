import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { type Stack, stackFromEnvironment } from '../stack.js';

/**
 * Retires the old stack (steps 10 to 14).
 *
 * A failure is logged and does not fail the deployment, because CodeDeploy would send the traffic back to a half disabled
 * stack. To repeat the work, call the same methods again.
 */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ logger, remainingSeconds }) => {
    const stack = getStack();
    const hasEnded = new AbortController();
    const timeIsUp = new AbortController();
    stack.clock.sleep(Math.max(0, remainingSeconds() - reserveSeconds) * 1000, hasEnded.signal).then(
      () => timeIsUp.abort(new Error('No time left to wait for the old stack')),
      () => {},
    );
    try {
      await retire(stack, timeIsUp.signal);
    } catch (error) {
      logger.error('Could not retire old stack', { stack: stack.old, error });
    } finally {
      hasEnded.abort();
    }
  }, options);

/** Seconds before the hook's time-out at which the work is aborted, so that the hook still succeeds. */
const reserveSeconds = 60;

async function retire(stack: Stack, signal: AbortSignal): Promise<void> {
  const { replacement, old, database, queues, subscriptions, queueReader, streamConsumer, alarms, runStep } =
    stack;

  await runStep(10, 'Minimum of readers of the active cluster goes back to normal', () =>
    database.scaleIn(replacement, { signal }),
  );

  await runStep(11, 'Subscriptions of the old stack are disabled', () =>
    subscriptions.disableSubscription(old, { signal }),
  );

  await runStep(12, 'Queue reader, stream consumer and alarms of the old stack are switched off', () =>
    Promise.all([
      queueReader
        .disableEventMapping(old, { signal })
        .then(() => queueReader.waitForEventMappingState(old, 'Disabled', { signal })),
      streamConsumer
        .deregisterConsumer(old, { signal })
        .then(() => streamConsumer.waitForConsumerState(old, 'DELETED', { signal })),
      alarms.disableAlarmsActions(old, { signal }),
    ]),
  );

  await runStep(13, 'Old database cluster is stopped, the old session table is deleted', () =>
    Promise.all([
      database
        .scaleIn(old, { signal })
        .then(() => database.stopDatabase(old, { signal }))
        .then(() => database.waitForClusterState(old, 'stopped', { signal })),
      stack.sessionTable
        .deleteTable(old, { signal })
        .then(() => stack.sessionTable.waitForTableDeleted(old, { signal })),
    ]),
  );

  // Does not wait: messages can arrive until the disabled subscription is in effect, and the next deployment purges again.
  await runStep(14, 'Old queues are purged', () => queues.purgeQueues(old, { signal }));
}

export const handler = makeHandler(stackFromEnvironment);
