import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { StandardRetryStrategy } from '@smithy/core/retry';
import type { StackPair } from 'aws-blue-green-toolkit/core';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import {
  AlbListenerRuleTarget,
  albTargetGroup5xxRate,
  TrafficShifter,
  type TrafficShifterOptions,
} from 'aws-blue-green-toolkit/traffic';
import { fleetRates } from '../aws-rates.js';

/** One service whose traffic is shifted. */
export interface Service {
  readonly ruleArn: string;
  readonly targetGroupArns: StackPair<string>;
}

/** Settings of every shift of the fleet that the comparison varies. */
export type FleetSettings = Pick<TrafficShifterOptions, 'guardIntervalSeconds' | 'policy'> & {
  /** Attempts of each call of the SDK. */
  readonly maxAttempts: number;
};

const minute = 60_000;

/** Seconds until CloudWatch shows a period of a load balancer. */
export const metricDelaySeconds = 60;

const rulesPerLoadBalancer = 50;

/** Services behind simulated load balancers of one account, with the rates at which AWS throttles. */
export class FleetWorld {
  readonly cloud: SimulatedCloud;
  readonly services: readonly Service[];
  readonly #loadBalancers: string[] = [];
  readonly #listeners: string[] = [];

  /** @param rateShare - share of AWS's rates that the fleet may use. */
  constructor(count: number, rateShare: number) {
    const callRates = fleetRates.map(({ actions, perSecond, burst = perSecond }) => ({
      actions,
      perSecond: perSecond * rateShare,
      burst: burst * rateShare,
    }));
    this.cloud = new SimulatedCloud({ latencyMilliseconds: 50, callRates });
    this.cloud.elasticLoadBalancing.propagationSeconds = 3;
    this.services = Array.from({ length: count }, (_, index) => this.#addService(index));
  }

  /** Creates the shifter of a service, with clients of its own: each execution runs in its own Lambda environment. */
  makeShifter(index: number, { maxAttempts, ...settings }: FleetSettings): TrafficShifter {
    const { clock } = this.cloud;
    const { ruleArn, targetGroupArns } = this.#service(index);
    const config = {
      region: 'eu-west-1',
      credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
      // The delays of the SDK are those of SimulatedCloud, in virtual time.
      retryStrategy: new StandardRetryStrategy({
        maxAttempts,
        backoff: { setDelayBase: () => {}, computeNextBackoffDelay: () => 0 },
      }),
    };
    const clients = {
      elasticLoadBalancing: this.cloud.connect(new ElasticLoadBalancingV2Client(config)),
      cloudWatch: this.cloud.connect(new CloudWatchClient(config)),
    };
    return new TrafficShifter({
      target: new AlbListenerRuleTarget({
        ruleArns: [ruleArn],
        blue: { targetGroupArn: targetGroupArns.blue },
        green: { targetGroupArn: targetGroupArns.green },
        clients,
        clock,
      }),
      checks: [
        albTargetGroup5xxRate({
          targetGroupArn: targetGroupArns,
          loadBalancerArn: this.#loadBalancerOf(index),
          maxPercent: 2,
          windowSeconds: 60,
          delaySeconds: metricDelaySeconds,
          clients,
        }),
      ],
      clock,
      ...settings,
    });
  }

  /** Starts the requests to a service's green stack, from the minute in which it received its first share. */
  startRequests(index: number, minutes: number): void {
    this.#load(index, 'RequestCount', Array<number>(minutes).fill(600));
  }

  /** Makes a fifth of these requests fail, from this minute on. */
  fail(index: number, minutes: number): void {
    this.#load(index, 'HTTPCode_Target_5XX_Count', Array<number>(minutes).fill(120));
  }

  /** Time at which CloudWatch shows the present minute. */
  knowableAt(): number {
    return this.#thisMinute() + minute + metricDelaySeconds * 1000;
  }

  #load(index: number, metricName: string, values: readonly number[]): void {
    this.cloud.cloudWatch.loadMetricSeries({
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensions: {
        LoadBalancer: this.#loadBalancerOf(index).split(':loadbalancer/')[1] ?? '',
        TargetGroup: this.#service(index).targetGroupArns.green.split(':').at(-1) ?? '',
      },
      start: new Date(this.#thisMinute()),
      values,
      delaySeconds: metricDelaySeconds,
    });
  }

  #thisMinute(): number {
    return Math.floor(this.cloud.clock.now() / minute) * minute;
  }

  #service(index: number): Service {
    const service = this.services[index];
    if (service === undefined)
      throw new RangeError(`Expected one of ${this.services.length} services, got ${index}`);
    return service;
  }

  #loadBalancerOf(index: number): string {
    return this.#loadBalancers[Math.floor(index / rulesPerLoadBalancer)] ?? '';
  }

  #addService(index: number): Service {
    const { elasticLoadBalancing } = this.cloud;
    if (index % rulesPerLoadBalancer === 0) this.#addLoadBalancer(`shared-${index / rulesPerLoadBalancer}`);
    const [blue, green] = ['blue', 'green'].map(
      (stack) =>
        elasticLoadBalancing.addTargetGroup({ name: `service-${index}-${stack}`, targets: ['10.0.0.1'] }).arn,
    );
    const groups = { blue: blue ?? '', green: green ?? '' };
    const rule = elasticLoadBalancing.addRule({
      listenerArn: this.#listeners.at(-1) ?? '',
      priority: (index % rulesPerLoadBalancer) + 1,
      conditions: [{ Field: 'path-pattern', Values: [`/service-${index}/*`] }],
      actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: groups.blue, Weight: 100 },
              { TargetGroupArn: groups.green, Weight: 0 },
            ],
          },
        },
      ],
    });
    return { ruleArn: rule.arn, targetGroupArns: groups };
  }

  #addLoadBalancer(name: string): void {
    const { elasticLoadBalancing } = this.cloud;
    const { arn: loadBalancerArn } = elasticLoadBalancing.addLoadBalancer({ name });
    this.#loadBalancers.push(loadBalancerArn);
    const { arn } = elasticLoadBalancing.addListener({
      loadBalancerArn,
      defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    this.#listeners.push(arn);
  }
}
