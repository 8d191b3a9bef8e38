import { auroraPermissions } from '../aurora/permissions.js';
import { cloudWatchPermissions } from '../cloudwatch/permissions.js';
import type { IamCondition, IamResourceType, Permission } from '../core/permissions.js';
import { customResourcePermissions } from '../custom-resource/permissions.js';
import { durablePermissions } from '../durable/permissions.js';
import { dynamoPermissions } from '../dynamo/permissions.js';
import { ecsPermissions } from '../ecs/permissions.js';
import { ecsRolloutPermissions } from '../ecs-rollout/permissions.js';
import { hookPermissions } from '../hooks/permissions.js';
import { kinesisPermissions } from '../kinesis/permissions.js';
import { lambdaPermissions } from '../lambda/permissions.js';
import { snsPermissions } from '../sns/permissions.js';
import { sqsPermissions } from '../sqs/permissions.js';
import { stepFunctionsPermissions } from '../step-functions/permissions.js';
import { checkPermissions } from '../traffic/checks/permissions.js';
import { shifterPermissions } from '../traffic/permissions.js';
import { targetPermissions } from '../traffic/targets/permissions.js';

const permissions = {
  ...auroraPermissions,
  ...cloudWatchPermissions,
  ...customResourcePermissions,
  ...dynamoPermissions,
  ...ecsPermissions,
  ...ecsRolloutPermissions,
  ...hookPermissions,
  ...kinesisPermissions,
  ...lambdaPermissions,
  ...snsPermissions,
  ...sqsPermissions,
  ...checkPermissions,
  ...durablePermissions,
  ...shifterPermissions,
  ...stepFunctionsPermissions,
  ...targetPermissions,
};

type Permissions = typeof permissions;

/** A method by its class and name, such as `SqsTools.purgeQueues`, or a function by its name, such as `codeDeployHook`. */
export type IamMethod = keyof Permissions;

/** The permissions of every method and function that does something in AWS, or may be expected to. */
export const methodPermissions: Readonly<Record<IamMethod, readonly Permission[]>> = permissions;

/** What is left of some permissions when some conditions do not hold. */
type Left<Each, Without extends IamCondition> = Each extends { readonly when: infer When }
  ? When extends Without
    ? never
    : Each
  : Each;

type TypesIn<Each> =
  | (Each extends { readonly resources: readonly (infer Type)[] } ? Type : never)
  | (Each extends { readonly only: { readonly resources: infer Type } } ? Type : never);

/** The kinds of resource that the permissions of methods are limited to, unless some conditions do not hold. */
export type IamResourceTypeOf<Method extends IamMethod, Without extends IamCondition> = TypesIn<
  Left<Permissions[Method][number], Without>
> &
  IamResourceType;
