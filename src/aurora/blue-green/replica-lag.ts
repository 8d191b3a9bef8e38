import { type CallOptions, callAws } from '../../core/aws-call.js';
import { lazyClient } from '../../core/lazy-client.js';
import { cloudWatchModule } from '../../core/sdk-modules-of-gates.js';
import type { LagReading } from './guardrails.js';
import type { ObservedDatabase } from './observe.js';
import type { BlueGreenSettings } from './parse.js';

/** Seconds of the metric that are read, from now back. */
const windowSeconds = 180;

/** Reads the replica lag of a green database. */
export type ReadLag = (green: ObservedDatabase, now: number, options: CallOptions) => Promise<LagReading>;

/**
 * Metric of the lag, in seconds, by the engine of the green database. An Aurora PostgreSQL database has none, and neither has an RDS
 * PostgreSQL instance of another major version: its green instance is a logical subscriber, and no read replica.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-switching.html,
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-replication-type.html
 */
function metricOf({ engine, replicationSource }: ObservedDatabase): string | undefined {
  if (engine === 'aurora-mysql') return 'AuroraBinlogReplicaLag';
  if (engine === 'postgres' && replicationSource === undefined) return undefined;
  return engine.startsWith('aurora') ? undefined : 'ReplicaLag';
}

/** Returns a function that imports the CloudWatch client at its first call with a metric. */
export function lagReader({ cloudWatch }: Pick<BlueGreenSettings, 'cloudWatch'>): ReadLag {
  const load = lazyClient(
    cloudWatchModule,
    { ready: cloudWatch.clients?.cloudWatch, config: cloudWatch.clientConfig ?? {} },
    (sdk) => sdk.CloudWatchClient,
  );
  return async (green, now, { signal }) => {
    const metric = metricOf(green);
    if (metric === undefined)
      return {
        kind: 'noMetric',
        detail: `${green.identifier} (${green.engine}) has no metric; RDS checks the lag itself`,
      };
    const writer = green.instances.find(({ isWriter }) => isWriter)?.identifier;
    if (writer === undefined) return { kind: 'noData', detail: `${green.identifier} has no writer` };
    const { sdk, client } = await load();
    const command = new sdk.GetMetricDataCommand({
      StartTime: new Date(now - windowSeconds * 1000),
      EndTime: new Date(now),
      MetricDataQueries: [{ Id: 'lag', MetricStat: statOf(metric, writer) }],
    });
    const call = { action: 'cloudwatch:GetMetricData', resource: `${metric} of ${writer}`, signal };
    const { MetricDataResults = [] } = await callAws(call, (http) => client.send(command, http));
    const values = MetricDataResults.flatMap(({ Values = [] }) => Values);
    if (values.length === 0)
      return { kind: 'noData', detail: `no data of ${metric} of ${writer} in the last ${windowSeconds} s` };
    const stopped = values.find((value) => value < 0);
    return { kind: 'seconds', seconds: stopped ?? Math.max(...values) };
  };
}

function statOf(metric: string, instance: string) {
  return {
    Metric: {
      Namespace: 'AWS/RDS',
      MetricName: metric,
      Dimensions: [{ Name: 'DBInstanceIdentifier', Value: instance }],
    },
    Period: 60,
    Stat: 'Maximum',
  };
}
