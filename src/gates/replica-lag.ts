import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { RDSClient } from '@aws-sdk/client-rds';
import * as v from 'valibot';
import { callAws, requireField } from '../core/aws-call.js';
import type { ClientOptions } from '../core/clients.js';
import { type Loaded, lazyClient, readyClients } from '../core/lazy-client.js';
import { requireFound } from '../core/not-found.js';
import { nonEmptyString, strictObject } from '../core/schemas.js';
import { rdsModule } from '../core/sdk-modules-of-gates.js';
import { clientOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import {
  describeNumber,
  describePerStack,
  ofStack,
  type PerStack,
  perStack,
} from '../traffic/checks/check-options.js';
import type { Check } from '../traffic/types.js';
import { createGate, type GateReading, stackOf } from './gate.js';
import { gateEntries, lagSeconds, type StackGateOptions, stackEntry, windowEntry } from './gate-options.js';
import { gatePermissions } from './permissions.js';
import { highestOf, type MetricValues, metricReader } from './read-metrics.js';

/** Clients of {@link replicaLag}. */
export interface ReplicaLagClients {
  /** Amazon RDS. */
  readonly rds: RDSClient;
  /** Amazon CloudWatch. */
  readonly cloudWatch: CloudWatchClient;
}

/** Options of {@link replicaLag}. */
export type ReplicaLagOptions = StackGateOptions &
  ClientOptions<ReplicaLagClients> & {
    /** Identifier (not the ARN) of the Aurora cluster, or that of each stack. */
    readonly clusterIdentifier: PerStack<string>;
    /**
     * Lag that is judged: that of every reader behind the writer of its cluster (`AuroraReplicaLag`), or that of the cluster's writer
     * behind a binary log source (`AuroraBinlogReplicaLag`), such as of the green cluster of an Aurora MySQL blue/green deployment.
     * @default 'readers'
     */
    readonly source?: 'readers' | 'binlog' | undefined;
    /** Highest lag in seconds; a part of a second is allowed, such as 0.1. */
    readonly maxLagSeconds: number;
    /**
     * Seconds of the metric that are judged, from now back: 60 to 86400. Every minute of them must be below the limit, and one must
     * have data.
     * @default 180
     */
    readonly windowSeconds?: number | undefined;
  };

const optionsSchema = strictObject({
  ...gateEntries,
  ...stackEntry,
  ...windowEntry,
  ...clientOptionsEntries,
  clusterIdentifier: perStack(
    v.pipe(
      nonEmptyString,
      v.check((name) => !name.includes(':'), 'the identifier of a cluster, not its ARN'),
    ),
  ),
  source: v.optional(v.picklist(['readers', 'binlog']), 'readers'),
  maxLagSeconds: lagSeconds,
});

type RdsModule = typeof import('@aws-sdk/client-rds');

/** The metric of each source, and its unit in seconds. */
const metricsBySource = {
  readers: { metricName: 'AuroraReplicaLag', unit: 0.001 },
  binlog: { metricName: 'AuroraBinlogReplicaLag', unit: 1 },
} as const;

/**
 * Passes when no replica lags by more than the limit. Each replica needs data: a cluster without readers, and one instance without a
 * metric, is inconclusive. A negative lag means that the replication does not run.
 *
 * @example
 * ```ts
 * import { replicaLag } from 'aws-blue-green-toolkit/gates';
 * import { check } from 'aws-blue-green-toolkit/swap';
 *
 * const inSync = check(
 *   replicaLag({ clusterIdentifier: 'orders-green-abc123', source: 'binlog', maxLagSeconds: 1 }),
 * );
 * ```
 *
 * @remarks IAM: rds:DescribeDBClusters, cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function replicaLag(options: ReplicaLagOptions): Check {
  const settings = parseInput('replicaLag options', optionsSchema, options);
  const { clusterIdentifier, source, stack, windowSeconds, maxLagSeconds } = settings;
  const names = ['rds', 'cloudWatch'] as const;
  const clients = readyClients<ReplicaLagClients>(settings, names);
  const { ready, config } = clients;
  const load = lazyClient(rdsModule, { ready: ready.rds, config }, (sdk) => sdk.RDSClient);
  const readMetrics = metricReader(clients);
  const { metricName, unit } = metricsBySource[source];
  return createGate({
    name: settings.name ?? `replicaLag ${describePerStack(clusterIdentifier)}`,
    settings,
    permissions: gatePermissions.replicaLag,
    async read(context) {
      const cluster = ofStack<string>(clusterIdentifier, stackOf(stack, context));
      const { now, signal } = context;
      const instances = await findInstances(await load(), { cluster, source, signal });
      if (instances.length === 0)
        return {
          state: 'unknown',
          detail: `${cluster} has no ${source === 'readers' ? 'readers' : 'writer'}`,
        };
      const metrics = instances.map((instance) => ({
        namespace: 'AWS/RDS',
        metricName,
        dimensions: { DBInstanceIdentifier: instance },
      }));
      const window = { start: now - windowSeconds * 1000, end: now };
      const reads = await readMetrics(metrics, window, { resource: cluster, signal });
      return judgeLags(
        instances.map((instance, index) => ({ instance, lag: lagOf(reads[index], windowSeconds, unit) })),
        maxLagSeconds,
      );
    },
  });
}

/** Returns the highest lag in seconds, a negative one as it is, or the reason why it is unknown. */
function lagOf(read: MetricValues | undefined, windowSeconds: number, unit: number): number | string {
  const highest = highestOf(read, windowSeconds);
  if (typeof highest === 'string' || read === undefined || 'unknown' in read) return highest;
  const negative = read.values.find(({ value }) => value < 0);
  return negative === undefined ? highest * unit : negative.value;
}

function judgeLags(
  lags: readonly { readonly instance: string; readonly lag: number | string }[],
  maxLagSeconds: number,
): GateReading {
  const numbers = lags.flatMap(({ instance, lag }) => (typeof lag === 'number' ? [{ instance, lag }] : []));
  const stopped = numbers.find(({ lag }) => lag < 0);
  if (stopped !== undefined)
    return {
      state: 'closed',
      detail: `the replication of ${stopped.instance} does not run`,
      value: stopped.lag,
    };
  const unknown = lags.find(({ lag }) => typeof lag === 'string');
  const worst = numbers.reduce<{ instance: string; lag: number } | undefined>(
    (highest, it) => (highest === undefined || it.lag > highest.lag ? it : highest),
    undefined,
  );
  if (worst !== undefined && worst.lag > maxLagSeconds)
    return { state: 'closed', ...inWords(worst, maxLagSeconds) };
  if (unknown !== undefined || worst === undefined)
    return { state: 'unknown', detail: `the lag of ${unknown?.instance} is unknown: ${unknown?.lag}` };
  return { state: 'open', ...inWords(worst, maxLagSeconds) };
}

function inWords({ instance, lag }: { readonly instance: string; readonly lag: number }, max: number) {
  return { detail: `the highest lag is ${describeNumber(lag)} s, of ${instance} (max ${max} s)`, value: lag };
}

async function findInstances(
  { sdk, client }: Loaded<RdsModule, RDSClient>,
  {
    cluster,
    source,
    signal,
  }: { readonly cluster: string; readonly source: 'readers' | 'binlog'; readonly signal: AbortSignal },
): Promise<string[]> {
  const call = { action: 'rds:DescribeDBClusters', resource: cluster, signal };
  const command = new sdk.DescribeDBClustersCommand({ DBClusterIdentifier: cluster });
  const remedy = 'Check its identifier, the Region and the account';
  const missing = {
    errorName: 'DBClusterNotFoundFault',
    kind: 'Database cluster',
    resource: cluster,
    remedy,
  };
  const { DBClusters = [] } = await requireFound([missing], () =>
    callAws(call, (http) => client.send(command, http)),
  );
  const { DBClusterMembers = [] } = requireField(DBClusters[0], 'DBClusters[0]', call);
  return DBClusterMembers.filter(({ IsClusterWriter }) => IsClusterWriter === (source === 'binlog')).map(
    (member) => requireField(member.DBInstanceIdentifier, 'DBInstanceIdentifier', call),
  );
}
