import { ecsSwapHook } from 'aws-blue-green-toolkit/hooks';
import { ordersSwap } from './swap.js';

/** Handler of the lifecycle hook of ECS, of the deployment's event, and of the schedule. */
export const handler = ecsSwapHook(ordersSwap('ecs'));
