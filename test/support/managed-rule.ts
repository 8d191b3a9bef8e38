import { silentLogger } from '../../src/core/logger.js';
import { managedListenerRuleHandler } from '../../src/custom-resource/index.js';
import type { ManagedListenerRuleOptions } from '../../src/custom-resource/types.js';
import { SimulatedCloud, type SimulatedCloudOptions } from '../../src/testing/index.js';

/** Options of {@link managedRule}. */
export interface ManagedRuleOptions {
  readonly cloud?: SimulatedCloudOptions;
  readonly handler?: Partial<
    Pick<ManagedListenerRuleOptions, 'delegate' | 'deadlineMarginSeconds' | 'logger'>
  >;
  readonly timeoutSeconds?: number;
  /** True for a call of Elastic Load Balancing that gets no response. */
  readonly hangs?: () => boolean;
}

/** A load balancer with two stacks, and a CloudFormation stack with a managed rule. */
export function managedRule(options: ManagedRuleOptions = {}) {
  const { cloud: cloudOptions, handler, timeoutSeconds, hangs } = options;
  const cloud = new SimulatedCloud(cloudOptions);
  const { elasticLoadBalancing, cloudFormation, clients, clock } = cloud;
  const addTargetGroup = (name: string) =>
    elasticLoadBalancing.addTargetGroup({ name, targets: ['10.0.0.1'] });
  const [blue, green, purple] = [
    addTargetGroup('blue'),
    addTargetGroup('green'),
    addTargetGroup('purple'),
  ] as const;
  const loadBalancer = elasticLoadBalancing.addLoadBalancer({ name: 'web' });
  const addListener = (port: number) =>
    elasticLoadBalancing.addListener({
      loadBalancerArn: loadBalancer.arn,
      port,
      defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }).arn;
  const listenerArn = addListener(443);
  const lambda = managedListenerRuleHandler({
    clients: {
      elasticLoadBalancing: hangs
        ? hanging(clients.elasticLoadBalancing, hangs)
        : clients.elasticLoadBalancing,
      cloudWatch: clients.cloudWatch,
    },
    fetch: cloudFormation.fetch,
    clock,
    logger: silentLogger,
    ...handler,
  });
  const stack = cloudFormation.addStack({
    name: 'shop',
    lambda: { handler: lambda, ...(timeoutSeconds !== undefined && { timeoutSeconds }) },
  });
  return {
    cloud,
    stack,
    lambda,
    listenerArn,
    loadBalancer,
    addListener,
    targetGroups: { blue: blue.arn, green: green.arn, purple: purple.arn },
    /** Returns courier's template with these weights. */
    template: (weights: { blue: number; green: number }, more: Record<string, unknown> = {}) => ({
      ServiceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:managed-rule',
      ListenerArn: listenerArn,
      Priority: 11,
      Hosts: ['example.com'],
      Destinations: [
        { TargetGroupArn: blue.arn, Weight: weights.blue },
        { TargetGroupArn: green.arn, Weight: weights.green },
      ],
      StepWeight: 5,
      StepInterval: '5s',
      ...more,
    }),
    /** Weights of the only rule in percent; undefined when there is no rule. */
    weights() {
      const [rule] = elasticLoadBalancing.rulesOf(listenerArn);
      if (rule === undefined) return undefined;
      const inForce = elasticLoadBalancing.weightsInForce(rule.arn);
      return { blue: inForce[blue.arn] ?? 0, green: inForce[green.arn] ?? 0 };
    },
  };
}

/** A client with calls that end only when they are aborted. */
function hanging<Client extends object>(client: Client, hangs: () => boolean): Client {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'send' || typeof value !== 'function') return value;
      return (command: unknown, http: { readonly abortSignal?: AbortSignal } = {}) => {
        if (!hangs()) return value.call(target, command, http);
        return new Promise((_resolve, reject) => {
          const { abortSignal } = http;
          const abort = () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
          if (abortSignal?.aborted) abort();
          else abortSignal?.addEventListener('abort', abort, { once: true });
        });
      };
    },
  });
}

/** The rate of 5xx responses of a target group in percent: errors ÷ requests, and 0 where CloudWatch has no errors. */
export function errorRateQuery(targetGroupArn: string, loadBalancerArn: string, Period = 60): string {
  const stat = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ApplicationELB',
        MetricName,
        Dimensions: [
          { Name: 'TargetGroup', Value: targetGroupArn.split(':').at(-1) },
          { Name: 'LoadBalancer', Value: loadBalancerArn.split(':loadbalancer/').at(-1) },
        ],
      },
      Period,
      Stat: 'Sum',
    },
    ReturnData: false,
  });
  return JSON.stringify([
    { Id: 'rate', Expression: 'FILL(errors, 0) / requests * 100', Label: 'ErrorRate' },
    stat('errors', 'HTTPCode_Target_5XX_Count'),
    stat('requests', 'RequestCount'),
  ]);
}
