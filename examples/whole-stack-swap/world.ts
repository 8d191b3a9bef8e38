import type { Logger, StackReference } from 'aws-blue-green-toolkit/core';
import { disabledMarker } from 'aws-blue-green-toolkit/sns';
import {
  SimulatedCloud,
  type SimulatedDeploymentGroupOptions,
  type SimulatedDeploymentRequest,
} from 'aws-blue-green-toolkit/testing';
import { createdDatabase, startedDatabase } from './database-steps.js';
import { Databases, Feed } from './feed.js';
import { ordersSwap } from './plan.js';
import { addWebService, deployHooks } from './web-service.js';

const application = 'orders';
const stacks = ['blue', 'green'] as const satisfies readonly StackReference[];

/** The architecture in a simulated AWS: blue is live, green is idle. */
export interface World {
  readonly cloud: SimulatedCloud;
  /** The plan, as a script of an operator has it. */
  readonly swap: ReturnType<typeof ordersSwap>;
  readonly databases: Databases;
  readonly feed: Feed;
  /** Registers a revision of the web service that is bound to a stack. */
  register(stack: StackReference): string;
  /** Starts a deployment of a revision, as a pipeline does. */
  deploy(
    taskDefinition: string,
    onLifecycleEvent?: SimulatedDeploymentRequest['onLifecycleEvent'],
  ): ReturnType<SimulatedCloud['codeDeploy']['startDeployment']>;
  /** Moves all traffic to a stack by hand. */
  moveTraffic(stack: StackReference): void;
  /** Percent of the production traffic of a stack. */
  percentOf(stack: StackReference): number;
  /** The stack that has most of the production traffic. */
  activeStack(): StackReference;
  /** Returns true while a swap is under way, or has left steps of `retire`. */
  isUnderWay(): boolean;
  /** Returns the present state of everything behind the web service. */
  describe(stack: StackReference): StackState;
}

/** Changes of the {@link World}. */
export interface WorldOptions {
  /** Result of the smoke test at the test listener. */
  readonly testsPass: boolean;
  /** True when only the live stack has a database, and the swap creates the other one. @default false */
  readonly createsDatabase?: boolean | undefined;
  readonly logger: Logger;
  readonly group?: Partial<SimulatedDeploymentGroupOptions> | undefined;
  /** Replaces the plan. */
  readonly makeSwap?: typeof ordersSwap | undefined;
}

/** Observable state of one stack. */
export interface StackState {
  readonly database: string;
  readonly readers: number;
  readonly minimumReaders: number;
  readonly subscription: 'enabled' | 'disabled';
  readonly queueReader: string;
  readonly messagesWaiting: number;
  readonly messagesDead: number;
  readonly streamConsumer: string;
  readonly alarmActions: 'enabled' | 'disabled';
  readonly sessionTable: string;
}

/** Creates the simulated resources, and deploys the hooks. */
export function makeWorld({
  testsPass,
  createsDatabase = false,
  logger,
  group,
  makeSwap = ordersSwap,
}: WorldOptions): World {
  const cloud = new SimulatedCloud({ latencyMilliseconds: 50 });
  const databases = new Databases();
  const topic = cloud.sns.addTopic(application);
  const stream = cloud.kinesis.addStream({ name: application });
  const web = addWebService(cloud);
  const activeStack = () => (web.percentOf('green') > 50 ? 'green' : 'blue');
  const feed = new Feed(cloud, topic.arn, activeStack);
  const subscriptions = { blue: addStack('blue'), green: addStack('green') };
  addFunctions();
  cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  const { clients, clock } = cloud;
  const variables = {
    BLUE_SUBSCRIPTION_ARN: subscriptions.blue.arn,
    GREEN_SUBSCRIPTION_ARN: subscriptions.green.arn,
    STREAM_ARN: stream.arn,
    LISTENER_ARN: web.route.listenerArn,
  };
  const databaseSteps = createsDatabase ? createdDatabase : startedDatabase;
  const swap = makeSwap(variables, { clients, clock, logger, databaseSteps });
  deployHooks(cloud, swap, { route: web.route, ...group });

  return {
    cloud,
    swap,
    databases,
    feed,
    ...web,
    deploy: (taskDefinition, onLifecycleEvent) =>
      cloud.codeDeploy.startDeployment({
        application,
        group: 'web',
        taskDefinition,
        ...(onLifecycleEvent && { onLifecycleEvent }),
      }),
    activeStack,
    isUnderWay: () =>
      cloud.dynamoDb.items('stack-swaps').some(({ record }) => {
        const { swap: underWay, orphans } = JSON.parse(record?.S ?? '{}');
        return underWay !== undefined || orphans.length > 0;
      }),
    describe,
  };

  function addStack(stack: StackReference) {
    const isActive = stack === 'blue';
    const name = `${application}-${stack}`;
    if (isActive || !createsDatabase) {
      cloud.rds.addCluster({
        name,
        status: isActive ? 'available' : 'stopped',
        readers: isActive ? 3 : 1,
        settings: { MasterUsername: application },
        autoscaling: { minCapacity: isActive ? 2 : 1, maxCapacity: 6 },
      });
    }
    cloud.sqs.addQueue({ name: `${name}-dlq` });
    cloud.sqs.addQueue({ name, deadLetterQueue: `${name}-dlq` });
    cloud.lambda.addFunction({
      name: `${application}-ingest-${stack}`,
      handler: (event) => ingest(stack, event),
    });
    cloud.lambda.addMapping({
      functionName: `${application}-ingest-${stack}`,
      eventSourceArn: cloud.sqs.queue(name).arn,
      state: isActive ? 'Enabled' : 'Disabled',
    });
    for (const alarm of ['errors', 'latency', 'queue-age']) {
      cloud.cloudWatch.addAlarm({ name: `${name}-${alarm}`, actionsEnabled: isActive });
    }
    cloud.cloudWatch.addAlarm({ name: `${name}-any`, type: 'CompositeAlarm', actionsEnabled: isActive });
    if (isActive) cloud.kinesis.addConsumer({ streamArn: stream.arn, name });
    cloud.dynamoDb.addTable({ name: `${application}-sessions-${stack}` });
    return cloud.sns.subscribe({
      topic: topic.arn,
      queue: name,
      // The ingest Lambda reads raw messages without SNS's envelope.
      rawMessageDelivery: true,
      // The filter policy of a subscription that the toolkit has disabled.
      ...(!isActive && { filterPolicy: { [disabledMarker]: [disabledMarker] } }),
    });
  }

  /** Ingest Lambda of a stack. Writes messages to its database, and throws while that is not available. */
  function ingest(stack: StackReference, event: unknown): void {
    const status = databaseOf(stack);
    if (status !== 'available') throw new Error(`The database of ${stack} is ${status}`);
    const { Records } = event as { Records: readonly { body: string }[] };
    for (const { body } of Records) {
      const message = JSON.parse(body) as { number: number; product: number; version: number };
      databases.write(stack, message);
      feed.read(message.number, stack);
    }
  }

  function addFunctions(): void {
    cloud.lambda.addFunction({
      name: `${application}-schema`,
      handler: (event) => databases.purge(stackOf(event)),
    });
    cloud.lambda.addFunction({
      name: `${application}-smoke-test`,
      handler: async (event) => {
        const stack = stackOf(event);
        if (!web.isUnderTest(stack)) throw new Error('Test listener does not respond');
        if (!testsPass) throw new Error('GET /orders returned status 500 at the test listener');
        // The feed publishes every product once in 40 seconds.
        for (let second = 0; !databases.isComplete(stack); second += 5) {
          if (second > 50) throw new Error(`The database of ${stack} lacks products`);
          await cloud.clock.sleep(5_000);
        }
      },
    });
  }

  function databaseOf(stack: StackReference): string {
    const name = `${application}-${stack}`;
    if (!cloud.rds.hasCluster(name)) return 'none';
    const isUp = cloud.rds.instances(name).some((it) => it.status === 'available');
    const { status } = cloud.rds.cluster(name);
    return status === 'available' && !isUp ? 'without an instance' : status;
  }

  function describe(stack: StackReference): StackState {
    const name = `${application}-${stack}`;
    const [mapping] = cloud.lambda.mappingsOf(`${application}-ingest-${stack}`);
    return {
      database: databaseOf(stack),
      readers: cloud.rds.hasCluster(name) ? cloud.rds.instances(name).length - 1 : 0,
      minimumReaders:
        stack === 'green' && createsDatabase
          ? 0
          : cloud.applicationAutoScaling.target('rds', `cluster:${name}`).minCapacity,
      subscription: subscriptions[stack].filterPolicy === undefined ? 'enabled' : 'disabled',
      queueReader: mapping?.state ?? 'none',
      messagesWaiting: cloud.sqs.queue(name).messages.length,
      messagesDead: cloud.sqs.queue(`${name}-dlq`).messages.length,
      streamConsumer: cloud.kinesis.findConsumer(stream.arn, name)?.status ?? 'none',
      alarmActions: cloud.cloudWatch.alarm(`${name}-errors`).actionsEnabled ? 'enabled' : 'disabled',
      sessionTable: cloud.dynamoDb.findTable(`${application}-sessions-${stack}`)?.status ?? 'none',
    };
  }
}

function stackOf(event: unknown): StackReference {
  const { stack } = event as { stack: string };
  const found = stacks.find((it) => it === stack);
  if (found === undefined) throw new Error(`Unknown stack ${stack}: expected blue or green`);
  return found;
}
