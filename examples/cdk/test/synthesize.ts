import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type OrdersProps, ordersOf } from '../lib/orders.js';
import { OrdersDeploymentStack } from '../lib/orders-deployment-stack.js';

/** How the stack differs from the one of `bin/app.ts`. */
export interface SynthesisOptions {
  readonly context?: Readonly<Record<string, unknown>>;
  readonly props?: Partial<OrdersProps>;
  /** Whether the functions' code is bundled, which takes seconds. */
  readonly bundles?: boolean;
}

/** The app in a temporary folder, and its template. */
export function synthesize({ context, props, bundles = false }: SynthesisOptions = {}) {
  const app = new App({ context: { ...context, ...(!bundles && { 'aws:cdk:bundling-stacks': [] }) } });
  const stack = new OrdersDeploymentStack(app, 'orders-deployment', { ...ordersOf(app), ...props });
  return { app, template: Template.fromStack(stack) };
}
