import type { DBInstance } from '@aws-sdk/client-rds';
import { type CallOptions, requireField } from '../core/aws-call.js';
import { stopwatch } from '../core/stopwatch.js';
import { clusterNotFound } from './cluster-power.js';
import type { AuroraContext } from './context.js';
import type { RdsEvent } from './rds-event.js';
import type { IgnoredEvent, IgnoredReason, TaggedReader } from './types.js';

/** Application Auto Scaling puts this tag on the readers that it creates. */
const scalingTag = 'application-autoscaling:resourceId';

/** A reader of one of the two clusters that was created by a scale-out. */
export interface ScaledOutReader {
  readonly instance: string;
  readonly arn: string;
  readonly cluster: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly hasPerformanceInsights: boolean;
  /** Mode of Database Insights, which is the mode of its cluster. */
  readonly insightsMode: string | undefined;
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

/** Finds the reader of an event, when it was created by a scale-out for one of the two clusters. */
export async function findReader(
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
  return {
    instance,
    arn,
    cluster,
    tags,
    hasPerformanceInsights: found.PerformanceInsightsEnabled === true,
    insightsMode: found.DatabaseInsightsMode,
  };
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

/** True for an instance that does not exist, or is being deleted. */
export function isGone(instance: DBInstance | undefined): instance is undefined {
  return instance === undefined || instance.DBInstanceStatus === 'deleting';
}

/** Logs and returns the reason why an event was ignored. */
export function ignored(
  { logger }: AuroraContext,
  reason: IgnoredReason,
  instance: string | undefined,
): IgnoredEvent {
  logger.debug('Ignored RDS event', { ...(instance !== undefined && { resource: instance }), reason });
  return { outcome: 'ignored', reason, instance };
}
