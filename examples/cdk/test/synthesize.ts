import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type OrdersProps, ordersOf } from '../lib/orders.js';
import { OrdersDeploymentStack } from '../lib/orders-deployment-stack.js';

/** Differences from the stack of `bin/app.ts`. */
export interface SynthesisOptions {
  readonly context?: Readonly<Record<string, unknown>>;
  readonly props?: Partial<OrdersProps>;
  /** Bundles the functions' code, which takes seconds. */
  readonly bundles?: boolean;
}

/** Creates the app in a temporary folder, and its template. */
export function synthesize({ context, props, bundles = false }: SynthesisOptions = {}) {
  const app = new App({ context: { ...context, ...(!bundles && { 'aws:cdk:bundling-stacks': [] }) } });
  const stack = new OrdersDeploymentStack(app, 'orders-deployment', { ...ordersOf(app), ...props });
  return { app, template: Template.fromStack(stack) };
}
