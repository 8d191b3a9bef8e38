import { AuroraTools } from '../../src/aurora/index.js';
import type { StackReference } from '../../src/core/index.js';
import {
  databaseStarted,
  type EcsHookInvocation,
  type EcsHookStages,
  subscriptionEnabled,
} from '../../src/hooks/index.js';
import { LambdaTools } from '../../src/lambda/index.js';
import { disabledMarker, SnsTools } from '../../src/sns/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { AlbListenerRuleTarget, customCheck, TrafficShifter } from '../../src/traffic/index.js';

/** State behind the web service. */
export interface StackSeen {
  readonly database: string;
  readonly subscription: 'enabled' | 'disabled';
  readonly queueReader: string | undefined;
  /** Percent of the report traffic, which has its own rule. */
  readonly reports: number;
}

/** A stack behind an ECS service with ECS deployments: blue is live, green is idle. */
export class EcsSwapWorld {
  readonly cloud = new SimulatedCloud({ latencyMilliseconds: 20 });
  /** True when green's reports are correct. */
  reportsAreGood = true;

  readonly #rule: { readonly arn: string };
  readonly #targetGroupArns: Readonly<Record<StackReference, string>>;
  readonly #subscriptionArns: Readonly<Record<StackReference, string>>;

  constructor() {
    this.cloud.sns.addTopic('orders');
    this.#subscriptionArns = { blue: this.#addStack('blue'), green: this.#addStack('green') };
    const { elasticLoadBalancing } = this.cloud;
    const loadBalancer = elasticLoadBalancing.addLoadBalancer({ name: 'reports' });
    const group = (stack: string) =>
      elasticLoadBalancing.addTargetGroup({ name: `reports-${stack}`, targets: ['10.0.0.1'] }).arn;
    this.#targetGroupArns = { blue: group('blue'), green: group('green') };
    const listener = elasticLoadBalancing.addListener({
      loadBalancerArn: loadBalancer.arn,
      defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    const TargetGroups = [
      { TargetGroupArn: this.#targetGroupArns.blue, Weight: 100 },
      { TargetGroupArn: this.#targetGroupArns.green, Weight: 0 },
    ];
    this.#rule = elasticLoadBalancing.addRule({
      listenerArn: listener.arn,
      priority: 10,
      conditions: [{ Field: 'path-pattern', Values: ['/reports'] }],
      actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    });
  }

  /** The whole swap and its rollback. Keeps no state between calls. */
  stages(): EcsHookStages {
    const { clock, clients } = this.cloud;
    const database = new AuroraTools({
      blue: { clusterIdentifier: 'orders-blue' },
      green: { clusterIdentifier: 'orders-green' },
      minimumReaderCount: 1,
      clients,
      clock,
    });
    const subscriptions = new SnsTools({
      blue: { subscriptionArn: this.#subscriptionArns.blue },
      green: { subscriptionArn: this.#subscriptionArns.green },
      clients,
    });
    const queueReader = new LambdaTools({
      blue: { functionName: 'ingest-blue' },
      green: { functionName: 'ingest-green' },
      clients,
      clock,
    });
    const shifter = this.#makeShifter();
    const makeIdle = (stack: StackReference) => [
      {
        name: 'queue is read no more',
        run: ({ signal }: EcsHookInvocation) => queueReader.disableEventMapping(stack, { signal }),
      },
      {
        name: 'nothing is subscribed',
        run: ({ signal }: EcsHookInvocation) => subscriptions.disableSubscription(stack, { signal }),
      },
      {
        name: 'database stopped',
        run: ({ signal }: EcsHookInvocation) => database.stopDatabase(stack, { signal }),
      },
    ];
    return {
      PRE_SCALE_UP: [databaseStarted(database, 'green'), subscriptionEnabled(subscriptions, 'green')],
      POST_SCALE_UP: ({ signal }) => queueReader.enableEventMapping('green', { signal }),
      POST_TEST_TRAFFIC_SHIFT: [
        {
          name: 'reports shifted',
          shifter,
          request: { incoming: 'green', strategy: { type: 'canary', percent: 10, holdSeconds: 120 } },
        },
      ],
      TEST_TRAFFIC_SHIFT: {
        rollback: [
          {
            name: 'reports back',
            shifter,
            request: { incoming: 'blue', strategy: { type: 'allAtOnce' }, acceptLiveWeights: true },
          },
          makeIdle('green'),
        ],
      },
      POST_PRODUCTION_TRAFFIC_SHIFT: makeIdle('blue'),
      PRODUCTION_TRAFFIC_SHIFT: {
        rollback: [
          databaseStarted(database, 'blue'),
          {
            name: 'subscribed again',
            run: ({ signal }) => subscriptions.enableSubscription('blue', { signal }),
          },
          {
            name: 'queue is read again',
            run: ({ signal }) => queueReader.enableEventMapping('blue', { signal }),
          },
        ],
      },
    };
  }

  /** Reads the state of a stack. */
  see(stack: StackReference): StackSeen {
    const { elasticLoadBalancing, lambda, rds, sns } = this.cloud;
    const weights = elasticLoadBalancing.weightsInForce(this.#rule.arn);
    const { filterPolicy } = sns.subscription(this.#subscriptionArns[stack]);
    return {
      database: rds.cluster(`orders-${stack}`).status,
      subscription: filterPolicy?.includes(disabledMarker) ? 'disabled' : 'enabled',
      queueReader: lambda.mappingsOf(`ingest-${stack}`)[0]?.state,
      reports: weights[this.#targetGroupArns[stack]] ?? 0,
    };
  }

  #makeShifter(): TrafficShifter {
    const { clock, clients } = this.cloud;
    return new TrafficShifter({
      target: new AlbListenerRuleTarget({
        ruleArns: [this.#rule.arn],
        blue: { targetGroupArn: this.#targetGroupArns.blue },
        green: { targetGroupArn: this.#targetGroupArns.green },
        clients,
        clock,
      }),
      checks: [customCheck('reports', ({ incoming }) => incoming === 'blue' || this.reportsAreGood)],
      policy: { intervalSeconds: 30, initialDelaySeconds: 0 },
      clock,
    });
  }

  #addStack(stack: StackReference): string {
    const { lambda, rds, sns, sqs } = this.cloud;
    const isActive = stack === 'blue';
    rds.addCluster({ name: `orders-${stack}`, status: isActive ? 'available' : 'stopped' });
    sqs.addQueue({ name: `orders-${stack}` });
    lambda.addFunction({ name: `ingest-${stack}`, handler: () => {} });
    lambda.addMapping({
      functionName: `ingest-${stack}`,
      eventSourceArn: sqs.queue(`orders-${stack}`).arn,
      state: isActive ? 'Enabled' : 'Disabled',
    });
    const filterPolicy = isActive ? {} : { [disabledMarker]: [disabledMarker] };
    return sns.subscribe({ topic: 'orders', queue: `orders-${stack}`, filterPolicy }).arn;
  }
}
