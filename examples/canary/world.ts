import type { StackPair } from 'aws-blue-green-toolkit/core';
import { SimulatedCloud, type TrafficModel, type TrafficSituation } from 'aws-blue-green-toolkit/testing';
import type { TrafficWeights } from 'aws-blue-green-toolkit/traffic';
import type { RuleSettings } from './shifter.js';

/** A web shop behind a simulated load balancer: blue is live, green is ready. */
export interface World {
  readonly cloud: SimulatedCloud;
  readonly settings: RuleSettings;
  /** The shop's users. */
  readonly traffic: TrafficModel;
  /** Returns the weights in effect at the load balancer, in percent. */
  weightsInForce(): TrafficWeights;
  /** Changes the rule from outside the shift. */
  setWeightsByHand(weights: StackPair<number>): void;
}

/** Share of requests that fail with any release. */
const everydayErrorRate = 0.0005;

/** A bad green leaks connections: after this number of requests, this share of its requests fails. */
const bad = { afterRequests: 475, errorRate: 0.2 } as const;

/** Behaviour of the release in green. */
export interface Release {
  readonly greenIsBad: boolean;
  /**
   * Second of the demo from which a bad green fails.
   * @default after a number of requests
   */
  readonly failsAfterSeconds?: number | undefined;
}

/** Creates the simulated resources. */
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
  const isFailing = ({ at, served }: TrafficSituation) =>
    failsAfterSeconds === undefined ? served > bad.afterRequests : at > startedAt + failsAfterSeconds * 1000;
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
