import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ordersOf } from '../lib/orders.js';
import { OrdersDeploymentStack } from '../lib/orders-deployment-stack.js';

const app = new App();
new OrdersDeploymentStack(app, 'orders-deployment', ordersOf(app));
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
