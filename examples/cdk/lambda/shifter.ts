import {
  AlbListenerRuleTarget,
  albTargetGroup5xxRate,
  cloudWatchAlarms,
  TrafficShifter,
} from 'aws-blue-green-toolkit/traffic';
import { type Dependencies, variable } from './environment.js';

/** Creates the shifter of the listener rule, with checks of the 5xx rate and of the incoming stack's alarms. */
export function shifterFromEnvironment(dependencies: Dependencies = {}): TrafficShifter {
  const application = variable('APPLICATION');
  const targetGroupArn = {
    blue: variable('BLUE_TARGET_GROUP_ARN'),
    green: variable('GREEN_TARGET_GROUP_ARN'),
  };
  const { clients, clock, logger = console } = dependencies;
  return new TrafficShifter({
    target: new AlbListenerRuleTarget({
      ruleArns: [variable('RULE_ARN')],
      blue: { targetGroupArn: targetGroupArn.blue },
      green: { targetGroupArn: targetGroupArn.green },
      ...dependencies,
    }),
    checks: [
      albTargetGroup5xxRate({
        name: '5xx rate',
        loadBalancerArn: variable('LOAD_BALANCER_ARN'),
        targetGroupArn,
        maxPercent: 1,
        windowSeconds: 180,
        ...(clients && { clients }),
      }),
      cloudWatchAlarms({
        name: 'alarms',
        alarmNames: { blue: [`${application}-blue-latency`], green: [`${application}-green-latency`] },
        ...(clients && { clients }),
      }),
    ],
    policy: { intervalSeconds: 60, initialDelaySeconds: 60, successThreshold: 2 },
    logger,
    ...(clock && { clock }),
  });
}
