import { type CodeDeployHookOptions, codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import { retireOnFailure } from '../retire-stack.js';
import { type Stack, stackFromEnvironment } from '../stack.js';

/** Starts, purges and enables everything behind the replacement's web service (steps 1 to 5). */
export const makeHandler = (getStack: () => Stack, options?: CodeDeployHookOptions) =>
  codeDeployHook(async ({ signal }) => {
    const stack = getStack();
    const { replacement, database, queues, subscriptions, queueReader, streamConsumer, alarms, runStep } =
      stack;

    await retireOnFailure(stack, async () => {
      await runStep(1, 'Replacement database cluster is started', async () => {
        await database.startDatabase(replacement, { signal });
        await database.waitForClusterState(replacement, 'available', { maxWaitSeconds: 660, signal });
      });

      await runStep(2, "Its minimum of readers is raised to the active cluster's size", () =>
        database.scaleOut(replacement, { signal }),
      );

      await runStep(3, 'Replacement database and queues are purged, the newest schema is created', () =>
        Promise.all([stack.invoke('schema', { stack: replacement }, signal), emptyQueues()]),
      );

      await runStep(4, 'Subscriptions are enabled for the replacement queue', () =>
        subscriptions.enableSubscription(replacement, { signal }),
      );

      await runStep(5, 'Queue reader, stream consumer and alarms of the replacement are switched on', () =>
        Promise.all([
          queueReader
            .enableEventMapping(replacement, { signal })
            .then(() => queueReader.waitForEventMappingState(replacement, 'Enabled', { signal })),
          streamConsumer
            .registerConsumer(replacement, { signal })
            .then(() => streamConsumer.waitForConsumerState(replacement, 'ACTIVE', { signal })),
          alarms.enableAlarmsActions(replacement, { signal }),
        ]),
      );
    });

    /** Purges the messages of an earlier deployment. Waits until the purge is over, because it may delete new messages. */
    async function emptyQueues(): Promise<void> {
      await queues.purgeQueues(replacement, { purgeAgain: true, signal });
      await queues.waitForPurge(replacement, { signal });
    }
  }, options);

export const handler = makeHandler(stackFromEnvironment);
