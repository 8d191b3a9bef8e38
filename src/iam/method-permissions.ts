import { auroraPermissions, blueGreenPermissions } from '../aurora/permissions.js';
import { cloudWatchPermissions } from '../cloudwatch/permissions.js';
import type { IamCondition, IamResourceType, Permission } from '../core/permissions.js';
import { customResourcePermissions } from '../custom-resource/permissions.js';
import { durablePermissions } from '../durable/permissions.js';
import { dynamoPermissions } from '../dynamo/permissions.js';
import { ecsPermissions } from '../ecs/permissions.js';
import { ecsDeploymentPermissions } from '../ecs-deployments/permissions.js';
import { ecsRolloutPermissions } from '../ecs-rollout/permissions.js';
import { gatePermissions } from '../gates/permissions.js';
import { hookPermissions } from '../hooks/permissions.js';
import { kinesisPermissions } from '../kinesis/permissions.js';
import { lambdaPermissions } from '../lambda/permissions.js';
import { resumablePermissions } from '../resumable/permissions.js';
import { schedulerPermissions } from '../scheduler/permissions.js';
import { snsPermissions } from '../sns/permissions.js';
import { sqsPermissions } from '../sqs/permissions.js';
import { stepFunctionsPermissions } from '../step-functions/permissions.js';
import { dynamoSwapRecordPermissions } from '../swap/dynamo/permissions.js';
import { swapPermissions } from '../swap/permissions.js';
import { switchPermissions } from '../swap/switches/permissions.js';
import { apiGatewayPermissions } from '../traffic/api-gateway/permissions.js';
import { applicationSignalsPermissions } from '../traffic/application-signals/permissions.js';
import { checkPermissions } from '../traffic/checks/permissions.js';
import { globalAcceleratorPermissions } from '../traffic/global-accelerator/permissions.js';
import { shifterPermissions } from '../traffic/permissions.js';
import { prometheusPermissions } from '../traffic/prometheus/permissions.js';
import { route53Permissions } from '../traffic/route-53/permissions.js';
import { stepFunctionsAliasPermissions } from '../traffic/step-functions/permissions.js';
import { targetPermissions } from '../traffic/targets/permissions.js';

const permissions = {
  ...apiGatewayPermissions,
  ...auroraPermissions,
  ...blueGreenPermissions,
  ...cloudWatchPermissions,
  ...customResourcePermissions,
  ...dynamoPermissions,
  ...ecsPermissions,
  ...ecsDeploymentPermissions,
  ...ecsRolloutPermissions,
  ...gatePermissions,
  ...hookPermissions,
  ...kinesisPermissions,
  ...lambdaPermissions,
  ...schedulerPermissions,
  ...snsPermissions,
  ...sqsPermissions,
  ...applicationSignalsPermissions,
  ...checkPermissions,
  ...prometheusPermissions,
  ...durablePermissions,
  ...resumablePermissions,
  ...shifterPermissions,
  ...stepFunctionsPermissions,
  ...dynamoSwapRecordPermissions,
  ...swapPermissions,
  ...switchPermissions,
  ...globalAcceleratorPermissions,
  ...route53Permissions,
  ...stepFunctionsAliasPermissions,
  ...targetPermissions,
};

type Permissions = typeof permissions;

/** Name of a method with its class, such as `SqsTools.purgeQueues`, or of a function, such as `codeDeployHook`. */
export type IamMethod = keyof Permissions;

/** Permissions of every method and function that calls AWS, or could be expected to. */
export const methodPermissions: Readonly<Record<IamMethod, readonly Permission[]>> = permissions;

/** Permissions that remain when some conditions are false. */
type Remaining<Each, Without extends IamCondition> = Each extends { readonly when: infer When }
  ? When extends Without
    ? never
    : Each
  : Each;

type TypesIn<Each> =
  | (Each extends { readonly resources: readonly (infer Type)[] } ? Type : never)
  | (Each extends { readonly only: { readonly resources: infer Type } } ? Type : never);

/** Kinds of resource that the permissions of methods are limited to, without those of some conditions. */
export type IamResourceTypeOf<Method extends IamMethod, Without extends IamCondition> = TypesIn<
  Remaining<Permissions[Method][number], Without>
> &
  IamResourceType;
