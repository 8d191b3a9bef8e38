import { Stack } from 'aws-cdk-lib';
import type {
  CfnService,
  DeploymentLifecycleStage,
  IDeploymentLifecycleHookTarget,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ecsLifecycleStages } from '../core/ecs-lifecycle-stages.js';
import type { IamPolicyDocument } from '../core/policy-document.js';
import { strictObject } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { iamPolicyFor } from '../iam/iam-policy-for.js';
import { type TimedHandlerProps, timedHandlerEntries } from './function-props.js';
import { createFunction, createRole, maxTimeout, requireSource } from './handler-functions.js';
import { slashArn, stablePolicy } from './policies.js';
import { resourceName } from './props.js';
import {
  grantKeyToOwn,
  recordSchema,
  recordVariables,
  type SwapRecordTable,
  tableVariable,
} from './swap-access.js';
import { addTriggers } from './tick.js';

/** Props of {@link EcsSwapHook}. */
export interface EcsSwapHookProps extends TimedHandlerProps {
  /** Table of the swap's record. The function gets its name in the environment variable `SWAP_TABLE_NAME`. */
  readonly record: SwapRecordTable;
  /** Name of the cluster, as in `ecsSwitch`. */
  readonly cluster: string;
  /**
   * Name of the service, as in `ecsSwitch`. Not a value of a service in the same stack: the service refers to the hook, and CloudFormation
   * refuses a circle.
   */
  readonly service: string;
}

const propsSchema = strictObject({
  record: recordSchema,
  cluster: resourceName,
  service: resourceName,
  ...timedHandlerEntries,
});

/**
 * Stages at which ECS runs the hook: those of the swap, and the two at which a rollback is recognised. The enum of the CDK does not have
 * all of them yet.
 */
const stages = ecsLifecycleStages.filter((stage) => stage !== 'RECONCILE_SERVICE');

/**
 * The function of `ecsSwapHook`, exported as `handler`, for a service that ECS deploys itself: with the role that ECS runs it with, the
 * event of the deployment, and the schedule of 5 minutes.
 *
 * Pass `target` to `addLifecycleHook` of a service, or `lifecycleHook` to the `deploymentConfiguration` of a `CfnService`.
 *
 * @example
 * ```ts
 * import { Stack } from 'aws-cdk-lib';
 * import { EcsSwapHook, StackSwapRecord } from 'aws-blue-green-toolkit/cdk';
 *
 * const stack = new Stack();
 * const record = new StackSwapRecord(stack, 'SwapRecord');
 * const hook = new EcsSwapHook(stack, 'Hook', { record, cluster: 'orders', service: 'web', entry: 'hook.ts' });
 * console.log(hook.lifecycleHook);
 * ```
 */
export class EcsSwapHook extends Construct {
  /** The function. Create an alarm on its errors. */
  readonly function: LambdaFunction;
  /** Role of the function. */
  readonly role: Role;
  /** Role with which ECS runs the function. */
  readonly hookRole: Role;
  /** Hook for `addLifecycleHook` of a service. */
  readonly target: IDeploymentLifecycleHookTarget;
  /** Hook for the `deploymentConfiguration.lifecycleHooks` of a `CfnService`. */
  readonly lifecycleHook: CfnService.DeploymentLifecycleHookProperty;

  /** @throws InvalidInputError for a missing, malformed or unknown prop. */
  constructor(scope: Construct, id: string, props: EcsSwapHookProps) {
    super(scope, id);
    const subject = 'EcsSwapHook props';
    parseInput(subject, propsSchema, props);
    requireSource(subject, props, [tableVariable]);
    const { record, cluster, service } = props;
    const stack = Stack.of(this);
    const serviceArn = slashArn(stack, 'ecs', 'service', `${cluster}/${service}`);
    const shared = createRole(this, props, [ecsPolicy(stack, props, serviceArn)]);
    grantKeyToOwn(shared.role, record);
    // Without the name of the service: with the longest one Lambda refuses the description.
    const description = 'Swaps the stack behind an ECS service in its deployments';
    this.function = createFunction(this, { id: 'Function', handler: 'handler', description }, shared, {
      props,
      timeout: props.timeout ?? maxTimeout,
      environment: recordVariables(record),
    });
    this.role = shared.role;
    this.hookRole = new Role(this, 'HookRole', { assumedBy: new ServicePrincipal('ecs.amazonaws.com') });
    const { functionArn } = this.function;
    this.hookRole.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
    );
    const { hookRole } = this;
    this.lifecycleHook = {
      hookTargetArn: functionArn,
      roleArn: hookRole.roleArn,
      lifecycleStages: [...stages],
    };
    this.target = {
      bind: () => ({
        targetArn: functionArn,
        role: hookRole,
        lifecycleStages: [...stages] as DeploymentLifecycleStage[],
      }),
    };
    addTriggers(this, this.function, {
      source: ['aws.ecs'],
      detailType: ['ECS Deployment State Change'],
      resources: [serviceArn],
    });
  }
}

/** Policy of the hook, the switch and the record. */
function ecsPolicy(
  stack: Stack,
  { record, cluster, service }: EcsSwapHookProps,
  serviceArn: string,
): IamPolicyDocument {
  const ofService = (resource: string) => slashArn(stack, 'ecs', resource, `${cluster}/${service}/*`);
  return stablePolicy(
    {
      service: serviceArn,
      serviceDeployment: ofService('service-deployment'),
      serviceRevision: ofService('service-revision'),
      table: record.tableArn,
    },
    (arns) =>
      iamPolicyFor(['ecsSwapHook', 'ecsSwitch', 'DynamoSwapRecord.read', 'DynamoSwapRecord.write'], arns),
  );
}
