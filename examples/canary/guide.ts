import {
  AlbListenerRuleTarget,
  albErrorRateRegression,
  albTargetGroupLatency,
  type ShiftResult,
  steps,
  TrafficShifter,
} from 'aws-blue-green-toolkit/traffic';
import type { Dependencies, RuleSettings } from './shifter.js';

/** Runs the code of docs/guides/canary-on-an-alb.md. A test compares the two. */
export async function shiftAsInTheGuide(
  { ruleArns, loadBalancerArn, targetGroupArns }: RuleSettings,
  { clients, clock, logger = console, signal }: Dependencies & { readonly signal?: AbortSignal } = {},
): Promise<ShiftResult> {
  const target = new AlbListenerRuleTarget({
    ruleArns,
    blue: { targetGroupArn: targetGroupArns.blue },
    green: { targetGroupArn: targetGroupArns.green },
    clients,
    clock,
  });

  const errors = albErrorRateRegression({
    targetGroupArn: targetGroupArns,
    loadBalancerArn,
    clients,
  });
  const latency = albTargetGroupLatency({
    targetGroupArn: targetGroupArns,
    loadBalancerArn,
    maxSeconds: 0.5,
    percentile: 'p99',
    windowSeconds: 60,
    delaySeconds: 60,
    dryRun: true,
    clients,
  });

  const shifter = new TrafficShifter({
    target,
    checks: [errors, latency],
    policy: { intervalSeconds: 60, initialDelaySeconds: 60, failureThreshold: 1, successThreshold: 2 },
    clock,
    logger,
  });

  const strategy = steps([
    { percent: 5, holdSeconds: 300 },
    { percent: 25, holdSeconds: 300 },
    { percent: 50, holdSeconds: 300 },
    { percent: 100, holdSeconds: 900 },
  ]);

  const result = await shifter.shiftTo('green', strategy, {
    signal,
    onEvent: (event) => logger.debug(event.type, { ...event }),
  });
  if (result.outcome !== 'succeeded') {
    const { outcome, reason } = result;
    logger.warn('Green does not have the traffic', { outcome, reason });
  }
  return result;
}
