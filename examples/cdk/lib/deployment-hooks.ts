import { partnerOf } from 'aws-blue-green-toolkit/core';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { OrdersProps } from './orders.js';
import { answerCodeDeploy, bringUp, putToRest } from './permissions.js';
import { ToolkitFunction } from './toolkit-function.js';

/** The Lambdas that bring the replacement up, and the old stack down: for CodeDeploy, and for deployments of ECS's own. */
export class DeploymentHooks extends Construct {
  readonly beforeInstall: ToolkitFunction;
  readonly afterAllowTraffic: ToolkitFunction;
  readonly ecsLifecycle: ToolkitFunction;
  /** With which ECS runs its hook: the hook's `roleArn` in the service. */
  readonly ecsHookRole: Role;

  constructor(scope: Construct, id: string, props: OrdersProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { application, replacement, subscriptionArns } = props;
    const old = partnerOf(replacement);
    const answer = answerCodeDeploy(stack, props);
    const up = bringUp(stack, props, replacement);
    const common = {
      timeout: ToolkitFunction.longestTimeout,
      environment: {
        APPLICATION: application,
        REPLACEMENT_STACK: replacement,
        BLUE_SUBSCRIPTION_ARN: subscriptionArns.blue,
        GREEN_SUBSCRIPTION_ARN: subscriptionArns.green,
      },
    };
    this.beforeInstall = new ToolkitFunction(this, 'BeforeInstall', {
      ...common,
      file: 'before-install.ts',
      // AWSCodeDeployRoleForECSLimited lets CodeDeploy run functions whose names begin so, and no others.
      functionName: `CodeDeployHook_${application}-before-install`,
      description: `Brings ${application}-${replacement} up`,
      permissions: [answer, ...up],
    });
    this.afterAllowTraffic = new ToolkitFunction(this, 'AfterAllowTraffic', {
      ...common,
      file: 'after-allow-traffic.ts',
      functionName: `CodeDeployHook_${application}-after-allow-traffic`,
      description: `Puts ${application}-${old} to rest`,
      permissions: [answer, putToRest(stack, props, old)],
    });
    this.ecsLifecycle = new ToolkitFunction(this, 'EcsLifecycle', {
      ...common,
      file: 'ecs-lifecycle.ts',
      description: `Brings ${application}-${replacement} up, for a deployment of ECS's own`,
      permissions: up,
    });
    this.ecsHookRole = new Role(this, 'EcsHookRole', {
      assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
    });
    this.ecsHookRole.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [this.ecsLifecycle.functionArn],
      }),
    );
  }
}
