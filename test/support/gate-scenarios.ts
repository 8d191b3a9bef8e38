import {
  changeCalendarOpen,
  type DataApiDatabase,
  functionReady,
  type GateOptions,
  queueDrained,
  replicaLag,
  rowParity,
  streamCaughtUp,
} from '../../src/gates/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import type { Check } from '../../src/traffic/index.js';
import { checkContext } from './check-context.js';
import type { PermissionScenario } from './permission-scenarios.js';
import { recordedActions } from './recorded-actions.js';
import { sqlEngine } from './sql-engine.js';

/**
 * Situation of a gate: its condition holds, does not hold yet, can never hold, has no data, or has data that arrives within three
 * minutes.
 */
export type GateSituation = 'open' | 'closed' | 'broken' | 'noData' | 'late';

/** A gate that calls AWS, in any situation. */
export interface GateScenario {
  readonly name: string;
  readonly situations: readonly GateSituation[];
  /** Arranges a fresh cloud, and returns the gate. */
  readonly arrange: (cloud: SimulatedCloud, situation: GateSituation, options?: GateOptions) => Check;
}

type Metric = { namespace: string; metricName: string; dimensions: Record<string, string> };

/** Adds the values of a metric of the last two minutes, which are visible after some seconds. */
function addPoints(cloud: SimulatedCloud, metric: Metric, value: number, visibleAfter = 0): void {
  const now = cloud.clock.now();
  for (const secondsAgo of [30, 90])
    cloud.cloudWatch.addDataPoint({
      ...metric,
      at: new Date(now - secondsAgo * 1000),
      visibleAt: new Date(now + visibleAfter * 1000),
      value,
    });
}

/** Adds the values of a metric as a situation has them. */
function addMetric(
  cloud: SimulatedCloud,
  situation: GateSituation,
  metric: Metric,
  values: { readonly healthy: number; readonly high: number },
): void {
  if (situation === 'noData') return;
  addPoints(
    cloud,
    metric,
    situation === 'closed' ? values.high : values.healthy,
    situation === 'late' ? 60 : 0,
  );
}

const deadLetterCount = (metricName: string): Metric => ({
  namespace: 'AWS/SQS',
  metricName,
  dimensions: { QueueName: 'orders-dlq' },
});

/** Adds a database, and returns it as the options of a gate name it. */
export function databaseOf(
  cloud: SimulatedCloud,
  options: Parameters<SimulatedCloud['rdsData']['addDatabase']>[0],
): DataApiDatabase {
  const { clusterArn, secretArn } = cloud.rdsData.addDatabase(options);
  return { clusterArn, secretArn };
}

/** All gates that call AWS. */
export const gateScenarios: readonly GateScenario[] = [
  {
    name: 'queueDrained',
    situations: ['open', 'closed', 'broken', 'noData', 'late'],
    arrange(cloud, situation, options) {
      cloud.sqs.addQueue({ name: 'orders-dlq' });
      cloud.sqs.addQueue({ name: 'orders', deadLetterQueue: 'orders-dlq' });
      if (situation === 'closed') cloud.sqs.send('orders', 'message');
      if (situation === 'broken' || situation === 'noData') cloud.sqs.send('orders-dlq', 'dead letter');
      if (situation === 'broken')
        for (const name of ['ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessagesNotVisible'])
          cloud.cloudWatch.addDataPoint({
            ...deadLetterCount(name),
            at: new Date(cloud.clock.now() - 1_200_000),
            value: 0,
          });
      const settleSeconds = situation === 'late' ? 960 : 60;
      return queueDrained({ queue: 'orders', settleSeconds, clients: cloud.clients, ...options });
    },
  },
  {
    name: 'streamCaughtUp',
    situations: ['open', 'closed', 'broken', 'noData', 'late'],
    arrange(cloud, situation, options) {
      cloud.lambda.addFunction({ name: 'reader' });
      const result = situation === 'broken' ? 'PROBLEM: Function call failed' : 'OK';
      cloud.lambda.addMapping({
        functionName: 'reader',
        eventSourceArn: cloud.kinesis.addStream({ name: 'orders' }).arn,
        parameters: { LastProcessingResult: result },
      });
      const dimensions = { FunctionName: 'reader' };
      const metric = { namespace: 'AWS/Lambda', metricName: 'IteratorAge', dimensions };
      addMetric(cloud, situation, metric, { healthy: 2000, high: 60_000 });
      return streamCaughtUp({
        functionName: 'reader',
        maxAgeSeconds: 10,
        clients: cloud.clients,
        ...options,
      });
    },
  },
  {
    name: 'replicaLag',
    situations: ['open', 'closed', 'noData', 'late'],
    arrange(cloud, situation, options) {
      const { members } = cloud.rds.addCluster({ name: 'orders', readers: 2 });
      for (const { identifier } of members.filter(({ isWriter }) => !isWriter)) {
        const dimensions = { DBInstanceIdentifier: identifier };
        const metric = { namespace: 'AWS/RDS', metricName: 'AuroraReplicaLag', dimensions };
        addMetric(cloud, situation, metric, { healthy: 20, high: 4000 });
      }
      return replicaLag({
        clusterIdentifier: 'orders',
        maxLagSeconds: 0.1,
        clients: cloud.clients,
        ...options,
      });
    },
  },
  {
    name: 'rowParity',
    situations: ['open', 'closed', 'noData', 'late'],
    arrange(cloud, situation, options) {
      const table = 'CREATE TABLE orders (id INTEGER)';
      const rows = 'INSERT INTO orders VALUES (1), (2), (9007199254740993)';
      const green = sqlEngine(table);
      const blue = sqlEngine(table);
      if (situation !== 'noData') blue.run(rows);
      if (situation === 'open') green.run(rows);
      // The replication of the last rows.
      if (situation === 'late') cloud.clock.schedule(60, () => green.run(rows));
      return rowParity({
        databases: {
          blue: databaseOf(cloud, { name: 'blue', execute: blue.execute }),
          green: databaseOf(cloud, { name: 'green', paused: situation === 'late', execute: green.execute }),
        },
        sql: 'SELECT CAST(max(id) AS TEXT) FROM orders',
        clients: cloud.clients,
        ...options,
      });
    },
  },
  {
    name: 'changeCalendarOpen',
    situations: ['open', 'closed', 'noData', 'late'],
    arrange(cloud, situation, options) {
      const start = new Date(cloud.clock.now());
      const seconds = { open: 0, closed: 86_400, late: 60, broken: 0, noData: 0 }[situation];
      const events = [{ start, end: new Date(start.getTime() + seconds * 1000) }];
      cloud.ssm.addCalendar({ name: 'holidays', events });
      // A response without a state.
      if (situation === 'noData') cloud.ssm.operations.GetCalendarState = () => ({});
      return changeCalendarOpen({ calendars: ['holidays'], clients: cloud.clients, ...options });
    },
  },
  {
    name: 'functionReady',
    situations: ['open', 'closed', 'broken', 'noData', 'late'],
    arrange(cloud, situation, options) {
      const { updates } = cloud.lambda.addFunction({ name: 'web', versions: ['1', '2'] });
      const provisionedConcurrency = { executions: 5, allocationSeconds: 60 };
      cloud.lambda.addAlias({ functionName: 'web', name: 'live', version: '1', provisionedConcurrency });
      if (situation === 'closed') updates.set('1', 'InProgress');
      if (situation === 'broken') updates.set('1', 'Failed');
      // A response without a state and the status of an update.
      if (situation === 'noData') cloud.lambda.operations.GetFunctionConfiguration = () => ({});
      if (situation === 'late') cloud.lambda.updateAlias({ functionName: 'web', name: 'live', version: '2' });
      return functionReady({ functionName: 'web', qualifier: 'live', clients: cloud.clients, ...options });
    },
  },
];

/** Evaluations of each gate, whose calls are compared with its permissions. */
export const gatePermissionScenarios: readonly PermissionScenario[] = gateScenarios.flatMap(
  ({ name, situations, arrange }) =>
    situations.map((situation) => ({
      method: name,
      situation,
      run: async () => {
        const cloud = new SimulatedCloud();
        await arrange(cloud, situation).evaluate(checkContext(cloud));
        return recordedActions(cloud);
      },
    })),
);
