import { stepFunctionsDefinition, stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import { StackSwap, shiftTraffic } from 'aws-blue-green-toolkit/swap';
import { AlbListenerRuleTarget, canary, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
import type { PlanDependencies } from './plan.js';
import { ordersPlan } from './short-plan.js';

/** Creates the swap whose state machine moves the traffic itself. */
export function ordersInStateMachine(variables: NodeJS.ProcessEnv, dependencies: PlanDependencies = {}) {
  const { clients, clock, logger = console } = dependencies;
  const target = new AlbListenerRuleTarget({
    ruleArns: [variables['RULE_ARN'] ?? ''],
    blue: { targetGroupArn: variables['BLUE_TARGET_GROUP_ARN'] ?? '' },
    green: { targetGroupArn: variables['GREEN_TARGET_GROUP_ARN'] ?? '' },
    clients,
  });
  const shifter = new TrafficShifter({ target, logger, clock });
  return new StackSwap({
    ...ordersPlan(variables, dependencies),
    switch: shiftTraffic(shifter, canary({ percent: 10, holdSeconds: 300 })),
    bakeSeconds: 3600,
  });
}

/** Definition of the state machine. Start one execution for each swap, with the input `{ "request": {} }`. */
export const swapDefinition = (functionArn: string) => stepFunctionsDefinition({ functionArn });

/** Handler of the function that runs each step of the state machine. */
export const handler = stepFunctionsHandler(() => ordersInStateMachine(process.env));
