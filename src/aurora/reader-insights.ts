import type { DBCluster } from '@aws-sdk/client-rds';
import type { CallOptions } from '../core/aws-call.js';
import { ResourceStateError } from '../core/errors.js';
import { isRefusedForNow } from '../core/failures.js';
import { sleep } from '../core/sleep.js';
import { stopwatch } from '../core/stopwatch.js';
import { clusterNotFound } from './cluster-power.js';
import type { AuroraContext } from './context.js';
import { advancedRetentionDays } from './database-settings.js';
import { isStateFault, type RdsApi } from './rds-api.js';
import type { RdsEvent } from './rds-event.js';
import {
  findReader,
  ignored,
  isGone,
  type ReaderEventSettings,
  type ScaledOutReader,
} from './reader-events.js';
import type { EnablePerformanceInsightsOptions, IgnoredEvent, PerformanceInsightsEnabled } from './types.js';

type InsightsOptions = EnablePerformanceInsightsOptions & {
  readonly retryDelaySeconds: number;
  readonly retryAttempts: number;
};

/** Enables Performance Insights on the reader of an event, when it was created by a scale-out. */
export async function enableInsightsOfReader(
  context: AuroraContext,
  settings: ReaderEventSettings,
  event: RdsEvent,
  options: InsightsOptions,
): Promise<PerformanceInsightsEnabled | IgnoredEvent> {
  if (event.kind === 'other') return ignored(context, 'otherEvent', event.instance);
  if (event.kind === 'performanceInsightsDisabled' && options.reEnableIfDisabled === false)
    return ignored(context, 'reEnablingIsOff', event.instance);
  const reader = await findReader(context, settings, event.instance, options);
  return 'outcome' in reader ? reader : enable(context, reader, options);
}

async function enable(
  context: AuroraContext,
  reader: ScaledOutReader,
  options: InsightsOptions,
): Promise<PerformanceInsightsEnabled | IgnoredEvent> {
  const { api, clock } = context;
  const { instance } = reader;
  const { retryAttempts, retryDelaySeconds, signal } = options;
  let isOn = reader.hasPerformanceInsights;
  let changed: Pick<PerformanceInsightsEnabled, 'databaseInsightsMode'> = {};
  for (let retries = 0; ; retries += 1) {
    try {
      const isModeChanged = await changeMode(context, reader, options);
      if (isModeChanged) changed = { databaseInsightsMode: options.databaseInsightsMode };
      else if (isOn && retries === 0) return ignored(context, 'alreadyEnabled', instance);
      else if (!isOn) await enableInstance(context, reader, options);
      // A change of the mode enables Performance Insights on all instances, which the next read shows.
      if (!isModeChanged || isOn || retries >= retryAttempts)
        return { outcome: 'enabled', instance, ...changed };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const isPassing = isRefusedForNow(error);
      if (!isPassing && !isStateFault(error)) throw error;
      if (!isPassing || retries >= retryAttempts) throw attemptsExhausted(instance, retries + 1, error);
    }
    await sleep(clock, retryDelaySeconds * 1000, { signal, resource: instance });
    const present = await api.findInstance(instance, options);
    if (isGone(present)) return ignored(context, 'instanceGone', instance);
    // The response to an attempt may have been lost: then the change itself has put the instance into the wrong state.
    isOn = present.PerformanceInsightsEnabled === true;
  }
}

/** Changes the mode of the cluster, which is that of all its instances. Returns false when it is as wanted, or not chosen. */
async function changeMode(
  { api, clock, logger }: AuroraContext,
  { cluster }: ScaledOutReader,
  options: InsightsOptions,
): Promise<boolean> {
  const { databaseInsightsMode: mode } = options;
  if (mode === undefined) return false;
  const elapsed = stopwatch(clock);
  const found = await api.findCluster(cluster, options);
  if (found === undefined) throw clusterNotFound(cluster);
  const { DatabaseInsightsMode: from = 'standard' } = found;
  if (from === mode) return false;
  const retentionDays =
    options.retentionDays ?? (await maxRetention(api, found, { ...options, cluster, mode }));
  await api.setInsightsMode(cluster, { ...options, mode, retentionDays });
  logger.info('Changed mode of Database Insights', {
    resource: cluster,
    from,
    to: mode,
    durationMs: elapsed(),
  });
  return true;
}

/** Returns a retention for the advanced mode that deletes no data: a shorter one than that of an instance would. */
async function maxRetention(
  api: RdsApi,
  { PerformanceInsightsRetentionPeriod: ofCluster = 0 }: DBCluster,
  { cluster, mode, signal }: CallOptions & { readonly cluster: string; readonly mode: string },
): Promise<number | undefined> {
  if (mode !== 'advanced') return undefined;
  const instances = await api.listInstances(cluster, { signal });
  const present = instances.map((it) => it.PerformanceInsightsRetentionPeriod ?? 0);
  return Math.max(advancedRetentionDays, ofCluster, ...present);
}

async function enableInstance(
  { api, clock, logger }: AuroraContext,
  { instance, insightsMode }: ScaledOutReader,
  options: InsightsOptions,
): Promise<void> {
  const elapsed = stopwatch(clock);
  const mode = options.databaseInsightsMode ?? insightsMode;
  await api.enablePerformanceInsights(instance, { ...options, retentionDays: retentionOf(mode, options) });
  logger.info('Enabled Performance Insights', { resource: instance, durationMs: elapsed() });
}

/** RDS refuses its own default of 7 days in the advanced mode. */
function retentionOf(mode: string | undefined, { retentionDays }: InsightsOptions): number | undefined {
  return retentionDays ?? (mode === 'advanced' ? advancedRetentionDays : undefined);
}

function attemptsExhausted(instance: string, attempts: number, cause: Error): ResourceStateError {
  return new ResourceStateError(`Cannot enable Performance Insights on ${instance}`, {
    resource: instance,
    expected: 'an instance that can be modified',
    actual:
      attempts === 1 ? `a refusal: ${cause.message}` : `${attempts} refusals, the last one: ${cause.message}`,
    remedy: 'Enable it by hand, or allow more retryAttempts or a longer retryDelaySeconds',
    cause,
  });
}
