import { ecsLifecycle } from './hooks.js';
import { ordersFromEnvironment } from './orders.js';

export const handler = ecsLifecycle(ordersFromEnvironment());
