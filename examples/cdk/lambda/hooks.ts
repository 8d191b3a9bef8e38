import { partnerOf } from 'aws-blue-green-toolkit/core';
import {
  type CodeDeployHookOptions,
  codeDeployHook,
  databaseStarted,
  type EcsLifecycleHookOptions,
  ecsLifecycleHook,
  subscriptionEnabled,
} from 'aws-blue-green-toolkit/hooks';
import type { Orders } from './orders.js';

/*
 * The hooks of CodeDeploy make their tools when they run: what is wrong with their settings is then an answer, and not a
 * module that does not load, for which CodeDeploy would wait an hour.
 */

/** CodeDeploy's `BeforeInstall`: everything behind the web service is brought up for the replacement. */
export function beforeInstall(getOrders: () => Orders, options?: CodeDeployHookOptions) {
  return codeDeployHook(async ({ signal, remainingSeconds }) => {
    const { replacement, database, subscriptions, queueReader, alarms } = getOrders();
    await database.startDatabase(replacement, { signal });
    await database.waitForClusterState(replacement, 'available', { maxWaitSeconds: 780, signal });
    await database.scaleOut(replacement, { signal });
    await subscriptions.enableSubscription(replacement, { signal });
    await queueReader.enableEventMapping(replacement, { signal });
    const maxWaitSeconds = remainingSeconds();
    await queueReader.waitForEventMappingState(replacement, 'Enabled', { maxWaitSeconds, signal });
    await alarms.enableAlarmsActions(replacement, { signal });
  }, options);
}

/** For the answer, however long the old database cannot be stopped: a hook that is cut short has failed. */
const secondsToAnswer = 60;

/**
 * CodeDeploy's `AfterAllowTraffic`: the old stack is put to rest. A failure does not fail the deployment, because CodeDeploy
 * would send the traffic back to a stack that is half switched off.
 */
export function afterAllowTraffic(getOrders: () => Orders, options?: CodeDeployHookOptions) {
  return codeDeployHook(async ({ signal, logger, remainingSeconds }) => {
    const { replacement, database, subscriptions, queueReader, alarms } = getOrders();
    const old = partnerOf(replacement);
    try {
      await alarms.disableAlarmsActions(old, { signal });
      await subscriptions.disableSubscription(old, { signal });
      await queueReader.disableEventMapping(old, { signal });
      await queueReader.waitForEventMappingState(old, 'Disabled', { signal });
      await database.scaleIn(old, { signal });
      const maxWaitSeconds = Math.max(0, remainingSeconds() - secondsToAnswer);
      await database.stopDatabase(old, { maxWaitSeconds, signal });
    } catch (error) {
      logger.error('The old stack is not wholly at rest', { stack: old, error });
    }
  }, options);
}

/** The same as `beforeInstall`, for a service that ECS deploys itself: its waits run no Lambda. */
export function ecsLifecycle(
  { replacement, database, subscriptions, queueReader, alarms }: Orders,
  options?: EcsLifecycleHookOptions,
) {
  return ecsLifecycleHook(
    {
      PRE_SCALE_UP: [
        databaseStarted(database, replacement),
        { name: 'readers', run: ({ signal }) => database.scaleOut(replacement, { signal }) },
        subscriptionEnabled(subscriptions, replacement), // and 15 minutes for SNS to apply it
      ],
      POST_SCALE_UP: [
        {
          name: 'queue reader',
          run: ({ signal }) => queueReader.enableEventMapping(replacement, { signal }),
        },
        {
          name: 'queue reader enabled',
          waitFor: (once) => queueReader.waitForEventMappingState(replacement, 'Enabled', once),
        },
        { name: 'alarms', run: ({ signal }) => alarms.enableAlarmsActions(replacement, { signal }) },
      ],
    },
    options,
  );
}
