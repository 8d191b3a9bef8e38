import type { StackPair } from 'aws-blue-green-toolkit/core';
import { SimulatedCloud, type TrafficModel, type TrafficSituation } from 'aws-blue-green-toolkit/testing';
import type { TrafficWeights } from 'aws-blue-green-toolkit/traffic';
import type { RuleSettings } from './shifter.js';

/** A web shop behind a simulated load balancer: blue serves, green is ready. */
export interface World {
  readonly cloud: SimulatedCloud;
  readonly settings: RuleSettings;
  /** The shop's users. */
  readonly traffic: TrafficModel;
  /** What the load balancer really does now, in percent. */
  weightsInForce(): TrafficWeights;
  /** Somebody changes the rule, and not by the shifter. */
  setWeightsByHand(weights: StackPair<number>): void;
}

/** The few requests that fail whatever is deployed. */
const everydayErrorRate = 0.0005;

/** A bad green leaks a connection now and then: after so many requests none is left, and that share of them fails. */
const bad = { afterRequests: 475, errorRate: 0.2 } as const;

/** How the release in green behaves. */
export interface Release {
  readonly greenIsBad: boolean;
  /**
   * A bad green fails from this second of the demo on, whatever it has answered before.
   * @default by the requests that it has answered
   */
  readonly failsAfterSeconds?: number | undefined;
}

/** Sets the scene. */
export function makeWorld({ greenIsBad, failsAfterSeconds }: Release): World {
  const cloud = new SimulatedCloud({ latencyMilliseconds: 50 });
  const { elasticLoadBalancing } = cloud;
  elasticLoadBalancing.propagationSeconds = 3;
  const loadBalancer = elasticLoadBalancing.addLoadBalancer({ name: 'shop' });
  const blue = elasticLoadBalancing.addTargetGroup({ name: 'shop-blue', targets: ['10.0.0.1', '10.0.0.2'] });
  const green = elasticLoadBalancing.addTargetGroup({
    name: 'shop-green',
    targets: ['10.0.1.1', '10.0.1.2'],
  });
  const forward = (weights: StackPair<number>) => ({
    Type: 'forward' as const,
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: blue.arn, Weight: weights.blue },
        { TargetGroupArn: green.arn, Weight: weights.green },
      ],
    },
  });
  const listener = elasticLoadBalancing.addListener({
    loadBalancerArn: loadBalancer.arn,
    defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const rule = elasticLoadBalancing.addRule({
    listenerArn: listener.arn,
    priority: 10,
    conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
    actions: [forward({ blue: 100, green: 0 })],
  });

  const startedAt = cloud.clock.now();
  const isFailing = ({ at, answered }: TrafficSituation) =>
    failsAfterSeconds === undefined
      ? answered > bad.afterRequests
      : at > startedAt + failsAfterSeconds * 1000;
  const errorRateOfGreen = (situation: TrafficSituation) =>
    greenIsBad && isFailing(situation) ? bad.errorRate : everydayErrorRate;
  const traffic = cloud.addTraffic({
    through: rule.arn,
    requestsPerSecond: 50,
    stacks: {
      blue: { targetGroupArn: blue.arn, errorRate: everydayErrorRate, latencySeconds: 0.08 },
      green: { targetGroupArn: green.arn, errorRate: errorRateOfGreen, latencySeconds: 0.06 },
    },
  });

  return {
    cloud,
    settings: {
      ruleArns: [rule.arn],
      loadBalancerArn: loadBalancer.arn,
      targetGroupArns: { blue: blue.arn, green: green.arn },
    },
    traffic,
    weightsInForce() {
      const weights = elasticLoadBalancing.weightsInForce(rule.arn);
      const [toBlue = 0, toGreen = 0] = [weights[blue.arn], weights[green.arn]];
      const percent = (weight: number) => (weight / (toBlue + toGreen)) * 100;
      return { blue: percent(toBlue), green: percent(toGreen) };
    },
    setWeightsByHand: (weights) => elasticLoadBalancing.changeActions(rule.arn, () => [forward(weights)]),
  };
}
