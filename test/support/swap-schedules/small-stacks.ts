import { DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CloudWatchTools } from '../../../src/cloudwatch/cloudwatch-tools.js';
import type { StackReference } from '../../../src/core/stack-reference.js';
import { LambdaTools } from '../../../src/lambda/lambda-tools.js';
import { SnsTools } from '../../../src/sns/sns-tools.js';
import { SqsTools } from '../../../src/sqs/sqs-tools.js';
import { parallel } from '../../../src/swap/plan/parallel.js';
import type { SwapStep } from '../../../src/swap/plan/step.js';
import { disableAlarms } from '../../../src/swap/steps/disable-alarms.js';
import { disableEventMapping } from '../../../src/swap/steps/disable-event-mapping.js';
import { disableSubscription } from '../../../src/swap/steps/disable-subscription.js';
import { enableAlarms } from '../../../src/swap/steps/enable-alarms.js';
import { enableEventMapping } from '../../../src/swap/steps/enable-event-mapping.js';
import { enableSubscription } from '../../../src/swap/steps/enable-subscription.js';
import { purgeQueues } from '../../../src/swap/steps/purge-queues.js';
import type { StackSwapOptions } from '../../../src/swap/swap-options.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';

const stacks = ['blue', 'green'] as const;

/** What is on in a stack. */
export interface StackState {
  readonly subscription: boolean;
  readonly mapping: boolean;
  readonly alarms: boolean;
  /** True while the table has the sessions, which only a step of `retire` deletes. */
  readonly sessions: boolean;
}

/** Messages of a queue, as its event mapping sends them. */
interface QueueEvent {
  readonly Records: readonly { readonly body: string }[];
}

/** Two small stacks: a subscription, an event mapping, alarms, a queue and the sessions of each. Blue is on, green is off. */
export class SmallStacks {
  readonly #cloud: SimulatedCloud;
  readonly #subscriptions: Readonly<Record<StackReference, string>>;
  /** Calls of the step that must not be repeated. */
  migrations = 0;
  /** Bodies of the messages that each stack has read. */
  readonly read: Readonly<Record<StackReference, Set<string>>> = { blue: new Set(), green: new Set() };
  /** Strings that only requests about green contain. */
  readonly #idsOfGreen: readonly string[];

  /** `greenAlarms`: the alarms of green are on, too. */
  constructor(cloud: SimulatedCloud, { greenAlarms }: { readonly greenAlarms: boolean }) {
    this.#cloud = cloud;
    cloud.sns.addTopic('orders');
    cloud.dynamoDb.addTable({ name: 'sessions', partitionKey: 'stack' });
    const pair = stacks.map((stack) => this.#add(stack, stack === 'blue' || greenAlarms));
    this.#subscriptions = { blue: pair[0] ?? '', green: pair[1] ?? '' };
    const [mapping] = cloud.lambda.mappingsOf('reader-green');
    this.#idsOfGreen = ['orders-green', '"green"', this.#subscriptions.green, mapping?.uuid ?? ''];
  }

  #add(stack: StackReference, hasAlarms: boolean): string {
    const { sns, sqs, lambda, cloudWatch, dynamoDb } = this.#cloud;
    const queue = sqs.addQueue({ name: `orders-${stack}` });
    const handler = ({ Records }: QueueEvent) => {
      for (const { body } of Records) this.read[stack].add(JSON.parse(body).Message);
    };
    const reader = lambda.addFunction({
      name: `reader-${stack}`,
      handler: (event) => handler(event as QueueEvent),
    });
    const state = stack === 'blue' ? 'Enabled' : 'Disabled';
    lambda.addMapping({ functionName: reader.name, eventSourceArn: queue.arn, state });
    cloudWatch.addAlarm({ name: `orders-${stack}-late`, actionsEnabled: hasAlarms });
    dynamoDb.operations.PutItem({ TableName: 'sessions', Item: { stack: { S: stack } } });
    return sns.subscribe({ topic: 'orders', queue: queue.name, filterPolicy: { type: ['order'] } }).arn;
  }

  /** Switches off what blue has and green has not. */
  async begin(): Promise<void> {
    await this.#tools().subscriptions.disableSubscription('green');
  }

  /** Returns the stack that a request changes. */
  stackOf(input: unknown): StackReference {
    const text = JSON.stringify(input);
    return this.#idsOfGreen.some((id) => text.includes(id)) ? 'green' : 'blue';
  }

  stateOf(stack: StackReference): StackState {
    const { sns, lambda, cloudWatch, dynamoDb } = this.#cloud;
    const { filterPolicy } = sns.subscription(this.#subscriptions[stack]);
    const mappings = lambda.mappingsOf(`reader-${stack}`);
    const { Item } = dynamoDb.operations.GetItem({ TableName: 'sessions', Key: { stack: { S: stack } } });
    return {
      subscription: filterPolicy === '{"type":["order"]}',
      mapping: mappings.every(({ state }) => state === 'Enabled' || state === 'Enabling'),
      alarms: cloudWatch.alarm(`orders-${stack}-late`).actionsEnabled,
      sessions: Item !== undefined,
    };
  }

  /** Creates the steps of a new process. */
  plan({
    propagationSeconds,
    testFails,
    migrates = false,
  }: PlanOptions): Pick<StackSwapOptions, 'prepare' | 'test' | 'retire'> {
    const { subscriptions, reader, alarms, queues } = this.#tools();
    return {
      prepare: [
        purgeQueues(queues, { name: 'purge old orders' }),
        ...(migrates ? [this.#migrateSchema()] : []),
        parallel(enableEventMapping(reader), enableAlarms(alarms)),
        { ...enableSubscription(subscriptions), propagationSeconds },
      ],
      test: [smokeTest(testFails)],
      retire: [
        disableSubscription(subscriptions),
        parallel(disableEventMapping(reader), disableAlarms(alarms), this.#deleteSessions()),
        purgeQueues(queues),
      ],
    };
  }

  #tools() {
    const { clients, clock } = this.#cloud;
    const common = { clients, clock };
    const pair = <T>(of: (stack: StackReference) => T) => ({ blue: of('blue'), green: of('green') });
    return {
      subscriptions: new SnsTools({
        ...pair((it) => ({ subscriptionArn: this.#subscriptions[it] })),
        ...common,
      }),
      reader: new LambdaTools({ ...pair((it) => ({ functionName: `reader-${it}` })), ...common }),
      alarms: new CloudWatchTools({ ...pair((it) => ({ alarmNamePrefix: `orders-${it}-` })), ...common }),
      queues: new SqsTools({ ...pair((it) => ({ queue: `orders-${it}` })), ...common }),
    };
  }

  #migrateSchema(): SwapStep {
    return {
      name: 'migrate schema',
      repeatable: false,
      undo: 'none',
      run: async () => {
        this.migrations += 1;
        await this.#cloud.clock.sleep(20_000);
      },
    };
  }

  /** A step of the user, which deletes. */
  #deleteSessions(): SwapStep {
    const { dynamoDb } = this.#cloud.clients;
    const key = (stack: StackReference) => ({ TableName: 'sessions', Key: { stack: { S: stack } } });
    return {
      name: 'delete sessions',
      deletes: true,
      undo: 'none',
      async isDone({ stack }) {
        const command = new GetItemCommand({ ...key(stack), ConsistentRead: true });
        return (await dynamoDb.send(command)).Item === undefined;
      },
      run: ({ stack }) => dynamoDb.send(new DeleteItemCommand(key(stack))),
    };
  }
}

/** Part of a schedule that the plan depends on. */
export interface PlanOptions {
  readonly propagationSeconds: number;
  readonly testFails: boolean;
  /**
   * True with a step that must not be repeated.
   * @default false
   */
  readonly migrates?: boolean;
}

function smokeTest(fails: boolean): SwapStep {
  return {
    name: 'smoke test',
    undo: 'none',
    run() {
      if (!fails) return;
      const $metadata = { httpStatusCode: 400 };
      throw Object.assign(new Error('no orders'), { name: 'ValidationException', $metadata });
    },
  };
}
