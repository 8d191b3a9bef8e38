import type { DBInstance } from '@aws-sdk/client-rds';
import { type CallOptions, requireField } from '../core/aws-call.js';
import { ResourceStateError } from '../core/errors.js';
import { isRefusedForNow } from '../core/failures.js';
import { sleep } from '../core/sleep.js';
import { stopwatch } from '../core/stopwatch.js';
import { clusterNotFound } from './cluster-power.js';
import type { AuroraContext } from './context.js';
import { type InsightsSettings, isStateFault } from './rds-api.js';
import type { RdsEvent } from './rds-event.js';
import type {
  EnablePerformanceInsightsOptions,
  IgnoredEvent,
  IgnoredReason,
  PerformanceInsightsEnabled,
  TaggedReader,
} from './types.js';

/** Application Auto Scaling puts this tag on the readers that it creates. */
const scalingTag = 'application-autoscaling:resourceId';

/** A reader of one of the two clusters that was created by a scale-out. */
interface ScaledOutReader {
  readonly instance: string;
  readonly arn: string;
  readonly cluster: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly hasPerformanceInsights: boolean;
}

/** The settings of both procedures. */
export interface ReaderEventSettings {
  readonly clusters: readonly string[];
  readonly namespace: string;
  readonly readerTags: Readonly<Record<string, string>>;
}

/** The reader of an event, or the reason why the event is ignored. */
type Found = ScaledOutReader | IgnoredEvent;

/** Tags the reader of an event, when it was created by a scale-out. */
export async function tagReader(
  context: AuroraContext,
  settings: ReaderEventSettings,
  event: RdsEvent,
  options: CallOptions,
): Promise<TaggedReader | IgnoredEvent> {
  const elapsed = stopwatch(context.clock);
  if (event.kind !== 'instanceCreated') return ignored(context, 'otherEvent', event.instance);
  const reader = await findReader(context, settings, event.instance, options);
  if ('outcome' in reader) return reader;
  const { instance } = reader;
  const configured = settings.readerTags;
  const own = Object.keys(configured).length > 0 ? configured : await clusterTags(context, reader, options);
  const tags = { ...own, Role: 'Reader' };
  if (Object.entries(tags).every(([key, value]) => reader.tags[key] === value))
    return ignored(context, 'alreadyTagged', instance);
  await context.api.addTags(reader.arn, tags, { ...options, clock: context.clock });
  context.logger.info('Tagged reader', {
    resource: instance,
    tags: Object.keys(tags),
    durationMs: elapsed(),
  });
  return { outcome: 'tagged', instance, tags };
}

/** Turns Performance Insights on for the reader of an event, when it was created by a scale-out. */
export async function enableInsightsOfReader(
  context: AuroraContext,
  settings: ReaderEventSettings,
  event: RdsEvent,
  options: EnablePerformanceInsightsOptions & { retryDelaySeconds: number; retryAttempts: number },
): Promise<PerformanceInsightsEnabled | IgnoredEvent> {
  if (event.kind === 'other') return ignored(context, 'otherEvent', event.instance);
  if (event.kind === 'performanceInsightsDisabled' && options.reEnableIfDisabled === false)
    return ignored(context, 'reEnablingIsOff', event.instance);
  const reader = await findReader(context, settings, event.instance, options);
  if ('outcome' in reader) return reader;
  const { instance } = reader;
  if (reader.hasPerformanceInsights) return ignored(context, 'alreadyEnabled', instance);
  return enable(context, instance, options);
}

async function enable(
  context: AuroraContext,
  instance: string,
  options: CallOptions & InsightsSettings & { retryDelaySeconds: number; retryAttempts: number },
): Promise<PerformanceInsightsEnabled | IgnoredEvent> {
  const { api, clock, logger } = context;
  const elapsed = stopwatch(clock);
  for (let retries = 0; ; retries += 1) {
    try {
      await api.enablePerformanceInsights(instance, options);
      logger.info('Enabled Performance Insights', { resource: instance, durationMs: elapsed() });
      return { outcome: 'enabled', instance };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const isPassing = isRefusedForNow(error);
      if (!isPassing && !isStateFault(error)) throw error;
      if (!isPassing || retries >= options.retryAttempts)
        throw attemptsExhausted(instance, retries + 1, error);
    }
    await sleep(clock, options.retryDelaySeconds * 1000, { signal: options.signal, resource: instance });
    const present = await api.findInstance(instance, options);
    if (isGone(present)) return ignored(context, 'instanceGone', instance);
    // The response to an attempt may have been lost: then the change itself has put the instance into the wrong state.
    if (present.PerformanceInsightsEnabled === true) return { outcome: 'enabled', instance };
  }
}

async function findReader(
  context: AuroraContext,
  { clusters, namespace }: ReaderEventSettings,
  identifier: string,
  options: CallOptions,
): Promise<Found> {
  const { api } = context;
  const found = await api.findInstance(identifier, options);
  if (isGone(found)) return ignored(context, 'instanceGone', identifier);
  const cluster = found.DBClusterIdentifier?.toLowerCase();
  if (cluster === undefined || !clusters.includes(cluster))
    return ignored(context, 'otherCluster', identifier);
  const call = { action: 'rds:DescribeDBInstances', resource: identifier };
  // The "Source ARN" of an event may be missing; RDS's response always has it.
  const arn = requireField(found.DBInstanceArn, 'DBInstanceArn', call);
  const instance = requireField(found.DBInstanceIdentifier, 'DBInstanceIdentifier', call);
  const tags = await api.listTags(arn, options);
  if (!isInNamespace(tags[scalingTag], namespace)) return ignored(context, 'notScaledOut', instance);
  return { instance, arn, cluster, tags, hasPerformanceInsights: found.PerformanceInsightsEnabled === true };
}

/** The tags of the cluster that may be set on a reader: those of AWS are reserved. */
async function clusterTags(
  { api }: AuroraContext,
  { cluster }: ScaledOutReader,
  options: CallOptions,
): Promise<Record<string, string>> {
  const found = await api.findCluster(cluster, options);
  if (found === undefined) throw clusterNotFound(cluster);
  const call = { action: 'rds:DescribeDBClusters', resource: cluster };
  const tags = await api.listTags(requireField(found.DBClusterArn, 'DBClusterArn', call), options);
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !/^(aws|rds):/i.test(key)));
}

function isInNamespace(value: string | undefined, namespace: string): boolean {
  return value !== undefined && (namespace === '*' || value.includes(namespace));
}

function isGone(instance: DBInstance | undefined): instance is undefined {
  return instance === undefined || instance.DBInstanceStatus === 'deleting';
}

function ignored(
  { logger }: AuroraContext,
  reason: IgnoredReason,
  instance: string | undefined,
): IgnoredEvent {
  logger.debug('Ignored RDS event', { ...(instance !== undefined && { resource: instance }), reason });
  return { outcome: 'ignored', reason, instance };
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
