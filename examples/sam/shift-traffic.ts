import { stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import { AlbListenerRuleTarget, albTargetGroup5xxRate, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
import { variable } from './environment.js';

const targetGroupArn = {
  blue: variable('BLUE_TARGET_GROUP_ARN'),
  green: variable('GREEN_TARGET_GROUP_ARN'),
};

const shifter = new TrafficShifter({
  target: new AlbListenerRuleTarget({
    ruleArns: [variable('RULE_ARN')],
    blue: { targetGroupArn: targetGroupArn.blue },
    green: { targetGroupArn: targetGroupArn.green },
  }),
  checks: [
    albTargetGroup5xxRate({
      loadBalancerArn: variable('LOAD_BALANCER_ARN'),
      targetGroupArn,
      maxPercent: 1,
      windowSeconds: 300,
    }),
  ],
  logger: console,
});

/** Runs each step of the state machine. */
export const handler = stepFunctionsHandler(() => shifter);
