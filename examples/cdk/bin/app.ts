import { App } from 'aws-cdk-lib';
import { ordersOf } from '../lib/orders.js';
import { OrdersDeploymentStack } from '../lib/orders-deployment-stack.js';

const app = new App();
new OrdersDeploymentStack(app, 'orders-deployment', ordersOf(app));
