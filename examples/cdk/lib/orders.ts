import type { StackPair } from 'aws-blue-green-toolkit/core';
import type { App, StackProps } from 'aws-cdk-lib';

/** Existing resources: the web shop's two stacks, and their load balancer. */
export interface OrdersProps extends StackProps {
  /** Prefix of all names: `orders` results in the cluster `orders-blue`, the function `orders-ingest-green` and so on. */
  readonly application: string;
  /** Mover of the web service's traffic. */
  readonly deployedBy: 'codeDeploy' | 'ecs';
  /** The web service. */
  readonly service: { readonly cluster: string; readonly name: string };
  /** CodeDeploy's application and deployment group. */
  readonly deploymentGroup: { readonly application: string; readonly name: string };
  readonly subscriptionArns: StackPair<string>;
  readonly loadBalancerArn: string;
  readonly listenerArn: string;
  /** The rule of the listener whose traffic the state machine shifts. */
  readonly ruleArn: string;
  readonly targetGroupArns: StackPair<string>;
  /** The rule of the listener that CloudFormation manages, for a second service. */
  readonly reports: {
    readonly priority: number;
    readonly host: string;
    readonly targetGroupArns: StackPair<string>;
    /** Percent of the traffic. */
    readonly weights: StackPair<number>;
  };
  /**
   * SNS topic of the alarms.
   * @default no topic
   */
  readonly alarmTopicArn?: string;
}

const inMyAccount = (service: string, resource: string) =>
  `arn:aws:${service}:eu-west-1:111122223333:${resource}`;

/** Returns the properties. Replace the account and the ARNs by yours; set `-c deployedBy=ecs` once, and `-c reportsGreen=100` per deployment. */
export function ordersOf(app: App): OrdersProps {
  const context = (key: string): unknown => app.node.tryGetContext(key) ?? undefined;
  const reportsGreen = Number(context('reportsGreen') ?? 0);
  const elb = (resource: string) => inMyAccount('elasticloadbalancing', resource);
  return {
    env: { account: '111122223333', region: 'eu-west-1' },
    application: 'orders',
    deployedBy: context('deployedBy') === 'ecs' ? 'ecs' : 'codeDeploy',
    service: { cluster: 'orders', name: 'web' },
    deploymentGroup: { application: 'orders', name: 'web' },
    subscriptionArns: {
      blue: inMyAccount('sns', 'orders:0d8c5f0a-3c6f-4f0c-8f0e-6d1f7c4f2b11'),
      green: inMyAccount('sns', 'orders:5b1d2c7e-9a4f-4d55-b0b1-2f4c8f1d9e22'),
    },
    loadBalancerArn: elb('loadbalancer/app/shop/50dc6c495c0c9188'),
    listenerArn: elb('listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2'),
    ruleArn: elb('listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee'),
    targetGroupArns: {
      blue: elb('targetgroup/orders-blue/6d0ecf831eec9f09'),
      green: elb('targetgroup/orders-green/73e2d6bc24d8a067'),
    },
    reports: {
      priority: 20,
      host: 'reports.example.com',
      targetGroupArns: {
        blue: elb('targetgroup/reports-blue/943f017f100becff'),
        green: elb('targetgroup/reports-green/a1b2c3d4e5f60718'),
      },
      weights: { blue: 100 - reportsGreen, green: reportsGreen },
    },
  };
}
