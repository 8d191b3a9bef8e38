import { beforeInstall } from './hooks.js';
import { ordersFromEnvironment } from './orders.js';

export const handler = beforeInstall(() => ordersFromEnvironment());
