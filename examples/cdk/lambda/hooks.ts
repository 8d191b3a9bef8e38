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
 * The hooks of CodeDeploy create their tools when they run. An error in their settings is then reported. A module that does not load
 * reports nothing, and CodeDeploy waits for an hour.
 */

/** Starts everything behind the replacement's web service, at CodeDeploy's `BeforeInstall`. */
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

/** Seconds reserved for the report, because a hook that is cut off has failed. */
const secondsToReport = 60;

/**
 * Retires the old stack at CodeDeploy's `AfterAllowTraffic`. A failure does not fail the deployment, because CodeDeploy would send the
 * traffic back to a half disabled stack.
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
      const maxWaitSeconds = Math.max(0, remainingSeconds() - secondsToReport);
      await database.stopDatabase(old, { maxWaitSeconds, signal });
    } catch (error) {
      logger.error('Could not retire old stack', { stack: old, error });
    }
  }, options);
}

/** Does the work of `beforeInstall` for a service that ECS deploys itself. No Lambda runs during its waits. */
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
