import { ecsSwapHook } from 'aws-blue-green-toolkit/hooks';
import { ecsSwitch, StackSwap } from 'aws-blue-green-toolkit/swap';
import type { PlanDependencies } from './plan.js';
import { ordersPlan } from './short-plan.js';

/** Creates the swap of a service that ECS deploys itself. */
export function ordersOnEcs(variables: NodeJS.ProcessEnv, dependencies: PlanDependencies = {}) {
  const { clients } = dependencies;
  const listenerArn = variables['LISTENER_ARN'] ?? '';
  return new StackSwap({
    ...ordersPlan(variables, dependencies),
    boundBy: 'STACK',
    switch: ecsSwitch({ cluster: 'orders', service: 'web', listenerArn, clients }),
  });
}

/** Handler of the lifecycle hooks, of the event `ECS Deployment State Change`, and of the schedule `rate(5 minutes)`. */
export const handler = ecsSwapHook(ordersOnEcs(process.env));
