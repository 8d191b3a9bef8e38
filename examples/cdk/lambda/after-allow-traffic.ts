import { afterAllowTraffic } from './hooks.js';
import { ordersFromEnvironment } from './orders.js';

export const handler = afterAllowTraffic(() => ordersFromEnvironment());
