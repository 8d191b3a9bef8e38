import type { Clock, Logger, StackPair } from 'aws-blue-green-toolkit/core';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';
import {
  AlbListenerRuleTarget,
  albErrorRateRegression,
  albTargetGroup5xxRate,
  TrafficShifter,
} from 'aws-blue-green-toolkit/traffic';

/** Name of the check of the fixed limit. */
export const limitName = '5xx rate';

/** Maximum share of requests with a 5xx response, in percent. */
export const highestErrorPercent = 2;

/** Seconds between two evaluations of the metric; CloudWatch has a new data point every minute. */
export const checkIntervalSeconds = 60;

/** Listener rules and target groups of the traffic. */
export interface RuleSettings {
  readonly ruleArns: readonly string[];
  readonly loadBalancerArn: string;
  readonly targetGroupArns: StackPair<string>;
}

/** Dependencies that a test or the demo replaces. */
export interface Dependencies {
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Creates a shifter for listener rules of an ALB, with the 5xx rate of the incoming stack and its comparison as checks. */
export function makeShifter(
  { ruleArns, loadBalancerArn, targetGroupArns }: RuleSettings,
  { clients, clock, logger }: Dependencies = {},
): TrafficShifter {
  return new TrafficShifter({
    target: new AlbListenerRuleTarget({
      ruleArns,
      blue: { targetGroupArn: targetGroupArns.blue },
      green: { targetGroupArn: targetGroupArns.green },
      clients,
      clock,
      logger,
    }),
    checks: [
      albTargetGroup5xxRate({
        name: limitName,
        targetGroupArn: targetGroupArns,
        loadBalancerArn,
        maxPercent: highestErrorPercent,
        windowSeconds: 60,
        // Metrics of a load balancer appear a minute after their period.
        delaySeconds: 60,
        clients,
      }),
      albErrorRateRegression({
        name: 'errors against the outgoing stack',
        targetGroupArn: targetGroupArns,
        loadBalancerArn,
        clients,
      }),
    ],
    policy: {
      intervalSeconds: checkIntervalSeconds,
      // The minute in which the weights changed appears one to two minutes later. It can fail the check; only later
      // minutes pass it.
      initialDelaySeconds: 60,
      successThreshold: 2,
    },
    clock,
    logger,
  });
}
