import type { IamCondition, Permission, PermissionLimit } from '../core/permissions.js';
import type { IamMethod, IamResourceTypeOf } from './method-permissions.js';
import { parsePolicyInput, type ResourceMap } from './parse-policy-input.js';
import type { IamPolicyDocument, IamPolicyOptions, IamPolicyStatement, IamResourcesOf } from './types.js';

type Condition = IamPolicyStatement['Condition'];

/** An action and its resources, under one condition. */
interface Grant {
  readonly action: string;
  readonly condition: Condition;
  readonly resources: Set<string>;
}

/**
 * Creates the least-privilege IAM policy for methods of this package. Their permissions are listed in docs/iam.md. The same
 * input returns the same policy, byte for byte.
 *
 * Every kind of resource that the methods use needs its ARNs, of any partition, or `'*'`. A single `'*'` in place of the object
 * allows every resource. The policy includes permissions that are needed only under a condition, unless `without` names the
 * condition. For methods that need no permission the policy has no statement, and IAM rejects it.
 *
 * @param methods - such as `SqsTools.purgeQueues`; for a shift, the methods of its target and checks.
 * @param resources - ARNs by kind of resource; more kinds than the methods need are allowed.
 * @throws InvalidInputError when a method, a kind of resource or a condition is unknown, a kind is missing, or an ARN
 * belongs to another service.
 *
 * @example
 * ```ts
 * import { iamPolicyFor } from 'aws-blue-green-toolkit/iam';
 *
 * const policy = iamPolicyFor(['codeDeployHook', 'SqsTools.purgeQueues', 'AuroraTools.deleteDatabase'], {
 *   deploymentGroup: 'arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:orders/web',
 *   queue: ['arn:aws:sqs:eu-west-1:111122223333:orders-blue', 'arn:aws:sqs:eu-west-1:111122223333:orders-green'],
 *   dbCluster: 'arn:aws:rds:eu-west-1:111122223333:cluster:orders-*',
 *   dbInstance: 'arn:aws:rds:eu-west-1:111122223333:db:orders-*',
 *   dbClusterSnapshot: 'arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:orders-*',
 * });
 *
 * // In CDK: role.attachInlinePolicy(new Policy(this, 'Swap', { document: PolicyDocument.fromJson(policy) }));
 * console.log(JSON.stringify(policy, null, 2));
 * ```
 */
export function iamPolicyFor<const Method extends IamMethod, const Without extends IamCondition = never>(
  methods: readonly Method[],
  ...[resources, options]: [IamResourceTypeOf<Method, Without>] extends [never]
    ? [resources?: IamResourcesOf<Method, Without> | '*', options?: IamPolicyOptions<Without>]
    : [resources: IamResourcesOf<Method, Without> | '*', options?: IamPolicyOptions<Without>]
): IamPolicyDocument {
  const input = parsePolicyInput(methods, resources ?? {}, options ?? {});
  return { Version: '2012-10-17', Statement: statementsOf(grantsOf(input.permissions, input.resources)) };
}

/** Merges permissions to one grant per action and condition. */
function grantsOf(permissions: readonly Permission[], arns: ResourceMap): Grant[] {
  const grants = new Map<string, Grant>();
  for (const { action, resources, only } of permissions) {
    const condition = conditionOf(only, arns);
    const key = JSON.stringify([action, condition]);
    const grant = grants.get(key) ?? { action, condition, resources: new Set() };
    for (const arn of resources === '*' ? ['*'] : resources.flatMap((type) => arns.get(type) ?? []))
      grant.resources.add(arn);
    grants.set(key, grant);
  }
  return [...grants.values()];
}

/** Returns undefined when the condition would always be true. */
function conditionOf(only: PermissionLimit | undefined, arns: ResourceMap): Condition {
  if (only === undefined) return undefined;
  const values = only.operator === 'ArnLike' ? (arns.get(only.resources) ?? []) : only.values;
  if (values.includes('*')) return undefined;
  return { [only.operator]: { [only.key]: sorted(values) } };
}

/** Merges actions with the same resources and condition to one statement. */
function statementsOf(grants: readonly Grant[]): IamPolicyStatement[] {
  const statements = new Map<string, IamPolicyStatement>();
  for (const { action, condition, resources } of grants) {
    const Resource = resources.has('*') ? ['*'] : sorted([...resources]);
    const key = JSON.stringify([Resource, condition]);
    const Action = sorted([...(statements.get(key)?.Action ?? []), action]);
    statements.set(key, {
      Effect: 'Allow',
      Action,
      Resource,
      ...(condition !== undefined && { Condition: condition }),
    });
  }
  return [...statements.values()].sort((one, other) => compare(JSON.stringify(one), JSON.stringify(other)));
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort(compare);
}

/** Compares by code units, so that the order is the same in every locale. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
