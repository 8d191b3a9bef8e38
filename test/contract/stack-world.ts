import { AuroraTools, RdsBlueGreen } from '../../src/aurora/index.js';
import { CloudWatchTools } from '../../src/cloudwatch/index.js';
import { DynamoTools } from '../../src/dynamo/index.js';
import { EcsTools } from '../../src/ecs/index.js';
import { KinesisTools } from '../../src/kinesis/index.js';
import { LambdaTools } from '../../src/lambda/index.js';
import { SchedulerTools } from '../../src/scheduler/index.js';
import { SnsTools } from '../../src/sns/index.js';
import { SqsTools } from '../../src/sqs/index.js';
import { SimulatedCloud, type StackReference } from '../../src/testing/index.js';
import { customCheck } from '../../src/traffic/index.js';

const stacks = ['blue', 'green'] as const;

/** Tools of both stacks, as one process creates them. */
export type StackTools = ReturnType<typeof createTools>;

/**
 * Two whole stacks: blue has everything on, and green has everything off. `mixed`: the second of several resources of a kind is the
 * other way round.
 */
export interface StackWorld {
  readonly cloud: SimulatedCloud;
  /** Creates the tools of a new process. */
  readonly createTools: () => StackTools;
  /** Returns the state of everything in a stack, without messages and timestamps. */
  readonly stateOf: (stack: StackReference) => unknown;
}

export async function createStackWorld({ mixed = false } = {}): Promise<StackWorld> {
  const cloud = new SimulatedCloud();
  const schema = { blue: false, green: false };
  const { streamArn, subscriptionArns } = addResources(cloud, schema);
  const create = () => createTools(cloud, { streamArn, subscriptionArns });
  await switchOff(create(), cloud);
  if (mixed) await turnSecondOnes(create(), cloud);
  return {
    cloud,
    createTools: create,
    stateOf: (stack) => ({
      ...stateOf(cloud, stack, { streamArn, arns: subscriptionArns[stack] }),
      schema: schema[stack],
    }),
  };
}

function addResources(cloud: SimulatedCloud, schema: Record<StackReference, boolean>) {
  const streamArn = cloud.kinesis.addStream({ name: 'orders' }).arn;
  cloud.sns.addTopic('orders');
  const subscriptionArns = { blue: [] as string[], green: [] as string[] };
  // A database that both stacks share.
  cloud.rds.addCluster({ name: 'ledger', readers: 1, engine: 'aurora-mysql', deletionProtection: true });
  for (const stack of stacks) {
    cloud.rds.addCluster({
      name: `orders-${stack}`,
      readers: stack === 'blue' ? 3 : 1,
      autoscaling: stack === 'blue' ? { minCapacity: 3, maxCapacity: 5 } : { minCapacity: 1, maxCapacity: 2 },
    });
    cloud.kinesis.addConsumer({ streamArn, name: `orders-${stack}` });
    cloud.dynamoDb.addTable({ name: `sessions-${stack}` });
    cloud.sqs.addQueue({ name: `orders-${stack}-dlq` });
    const queue = cloud.sqs.addQueue({ name: `orders-${stack}`, deadLetterQueue: `orders-${stack}-dlq` });
    cloud.sqs.send(`orders-${stack}`, 'an old order');
    cloud.ecs.addService({ cluster: 'shop', name: `worker-${stack}`, desiredCount: 2 });
    cloud.applicationAutoScaling.addTarget({
      namespace: 'ecs',
      resourceId: `service/shop/worker-${stack}`,
      dimension: 'ecs:service:DesiredCount',
      minCapacity: 1,
      maxCapacity: 4,
    });
    const reader = cloud.lambda.addFunction({ name: `reader-${stack}` });
    for (const number of [1, 2]) {
      const source = cloud.sqs.addQueue({ name: `source-${stack}-${number}` });
      cloud.lambda.addMapping({ functionName: reader.name, eventSourceArn: source.arn, state: 'Enabled' });
      cloud.eventBridge.addRule({
        name: `nightly-${stack}-${number}`,
        state: 'ENABLED',
        targets: [reader.arn],
      });
      cloud.scheduler.addSchedule({ Name: `orders-${stack}-${number}` });
      cloud.cloudWatch.addAlarm({ name: `orders-${stack}-${number}`, actionsEnabled: true });
      subscriptionArns[stack].push(
        cloud.sns.subscribe({ topic: 'orders', queue: queue.name, filterPolicy: { type: [`${number}`] } })
          .arn,
      );
    }
  }
  for (const isCreated of [true, false]) {
    cloud.lambda.addFunction({
      name: isCreated ? 'create-schema' : 'drop-schema',
      handler: (event) => {
        schema[(event as { stack: StackReference }).stack] = isCreated;
        return { ok: true };
      },
    });
  }
  return { streamArn, subscriptionArns };
}

function createTools(
  cloud: SimulatedCloud,
  {
    streamArn,
    subscriptionArns,
  }: { streamArn: string; subscriptionArns: Record<StackReference, readonly string[]> },
) {
  const common = { clients: cloud.clients, clock: cloud.clock };
  const pair = <T>(of: (stack: StackReference) => T) => ({ blue: of('blue'), green: of('green') });
  return {
    clients: cloud.clients,
    database: new AuroraTools({
      ...pair((it) => ({ clusterIdentifier: `orders-${it}` })),
      finalSnapshot: 'create',
      ...common,
    }),
    ledger: new RdsBlueGreen({ clusterIdentifier: 'ledger', ...common }),
    queues: new SqsTools({
      ...pair((it) => ({ queue: `orders-${it}`, deadLetterQueue: `orders-${it}-dlq` })),
      ...common,
    }),
    subscriptions: new SnsTools({ ...pair((it) => ({ subscriptionArn: subscriptionArns[it] })), ...common }),
    reader: new LambdaTools({ ...pair((it) => ({ functionName: `reader-${it}` })), ...common }),
    consumers: new KinesisTools({
      streamArn,
      ...pair((it) => ({ consumerName: `orders-${it}` })),
      ...common,
    }),
    alarms: new CloudWatchTools({ ...pair((it) => ({ alarmNamePrefix: `orders-${it}-` })), ...common }),
    schedules: new SchedulerTools({ ...pair((it) => ({ namePrefix: `orders-${it}-` })), ...common }),
    tables: new DynamoTools({ ...pair((it) => ({ tableName: `sessions-${it}` })), ...common }),
    services: new EcsTools({
      ...pair((it) => ({ cluster: 'shop', service: `worker-${it}`, desiredCount: 2 })),
      ...common,
    }),
    healthy: customCheck('healthy', () => true),
  };
}

async function switchOff(tools: StackTools, cloud: SimulatedCloud): Promise<void> {
  await tools.alarms.disableAlarmsActions('green');
  await tools.reader.disableEventMapping('green');
  await tools.reader.disableRule('green');
  await tools.schedules.disableSchedules('green');
  await tools.subscriptions.disableSubscription('green');
  await tools.consumers.deregisterConsumer('green');
  await tools.services.disableService('green');
  await tools.database.stopDatabase('green');
  await cloud.clock.sleep(300_000);
}

async function turnSecondOnes(tools: StackTools, cloud: SimulatedCloud): Promise<void> {
  for (const stack of stacks) {
    const verb = stack === 'blue' ? 'disable' : 'enable';
    const [, mapping] = await tools.reader.listEventSourceMappings(stack);
    const [, rule] = await tools.reader.listRules(stack);
    const [, schedule] = await tools.schedules.listSchedules(stack);
    const [, alarm] = await tools.alarms.listAlarms(stack);
    const [, subscription] = await tools.subscriptions.describeSubscriptions(stack);
    await tools.reader[`${verb}EventMapping`](stack, { only: [mapping?.UUID ?? ''] });
    await tools.reader[`${verb}Rule`](stack, {
      only: [{ eventBusName: 'default', name: rule?.name ?? '' }],
    });
    await tools.schedules[`${verb}Schedules`](stack, { only: [schedule?.name ?? ''] });
    await tools.alarms[`${verb}AlarmsActions`](stack, { only: [alarm?.name ?? ''] });
    await tools.subscriptions[`${verb}Subscription`](stack, { only: [subscription?.subscriptionArn ?? ''] });
  }
  await cloud.clock.sleep(300_000);
}

/** The shared database: its copies, without their random names, and its deployments. */
function ledgerOf({ rds }: SimulatedCloud) {
  return {
    clusters: rds.clusterNames
      .filter((name) => name.startsWith('ledger'))
      .map((name) => [
        name.replace(/-green-.*/, '-green'),
        rds.cluster(name).resourceId,
        rds.cluster(name).status,
      ]),
    deployments: rds.blueGreenDeployments.map(({ status }) => status),
  };
}

function stateOf(
  cloud: SimulatedCloud,
  stack: StackReference,
  { streamArn, arns }: { streamArn: string; arns: readonly string[] },
) {
  const bounds = (namespace: 'rds' | 'ecs', resourceId: string) => {
    const { minCapacity, maxCapacity, suspendedState, tags } = cloud.applicationAutoScaling.target(
      namespace,
      resourceId,
    );
    return { minCapacity, maxCapacity, suspendedState: { ...suspendedState }, tags: { ...tags } };
  };
  const service = cloud.ecs.service('shop', `worker-${stack}`);
  return {
    cluster: cloud.rds.hasCluster(`orders-${stack}`) ? cloud.rds.cluster(`orders-${stack}`).status : 'gone',
    ...(stack === 'green' && { ledger: ledgerOf(cloud) }),
    readers: bounds('rds', `cluster:orders-${stack}`),
    subscriptions: arns.map((arn) => cloud.sns.subscription(arn).filterPolicy),
    mappings: cloud.lambda.mappingsOf(`reader-${stack}`).map(({ state }) => state),
    rules: [1, 2].map((number) => cloud.eventBridge.rule(`nightly-${stack}-${number}`).state),
    schedules: [1, 2].map((number) => cloud.scheduler.schedule(`orders-${stack}-${number}`).State),
    alarms: [1, 2].map((number) => cloud.cloudWatch.alarm(`orders-${stack}-${number}`).actionsEnabled),
    muted: [1, 2].map((number) => cloud.cloudWatch.isMuted(`orders-${stack}-${number}`)),
    consumer: cloud.kinesis.findConsumer(streamArn, `orders-${stack}`)?.status,
    table: cloud.dynamoDb.findTable(`sessions-${stack}`)?.status,
    service: {
      desiredCount: service.desiredCount,
      running: service.deployments.map(({ runningCount }) => runningCount),
      scaling: bounds('ecs', `service/shop/worker-${stack}`),
    },
  };
}
