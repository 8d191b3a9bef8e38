import { partnerOf } from 'aws-blue-green-toolkit/core';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { OrdersProps } from './orders.js';
import { reportToCodeDeploy, retire, start } from './permissions.js';
import { ToolkitFunction } from './toolkit-function.js';

/** Lambdas that start the replacement and retire the old stack, for CodeDeploy and for ECS's own deployments. */
export class DeploymentHooks extends Construct {
  readonly beforeInstall: ToolkitFunction;
  readonly afterAllowTraffic: ToolkitFunction;
  readonly ecsLifecycle: ToolkitFunction;
  /** Role with which ECS runs its hook: set it as the hook's `roleArn` in the service. */
  readonly ecsHookRole: Role;

  constructor(scope: Construct, id: string, props: OrdersProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { application, replacement, subscriptionArns } = props;
    const old = partnerOf(replacement);
    const report = reportToCodeDeploy(stack, props);
    const starting = start(stack, props, replacement);
    const common = {
      timeout: ToolkitFunction.maxTimeout,
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
      // AWSCodeDeployRoleForECSLimited lets CodeDeploy run only functions with this prefix.
      functionName: `CodeDeployHook_${application}-before-install`,
      description: `Starts ${application}-${replacement}`,
      permissions: [report, ...starting],
    });
    this.afterAllowTraffic = new ToolkitFunction(this, 'AfterAllowTraffic', {
      ...common,
      file: 'after-allow-traffic.ts',
      functionName: `CodeDeployHook_${application}-after-allow-traffic`,
      description: `Retires ${application}-${old}`,
      permissions: [report, retire(stack, props, old)],
    });
    this.ecsLifecycle = new ToolkitFunction(this, 'EcsLifecycle', {
      ...common,
      file: 'ecs-lifecycle.ts',
      description: `Starts ${application}-${replacement} in an ECS deployment`,
      permissions: starting,
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
