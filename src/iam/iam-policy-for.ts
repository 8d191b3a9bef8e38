import type { IamCondition, Permission, PermissionLimit } from '../core/permissions.js';
import type { IamMethod, IamResourceTypeOf } from './method-permissions.js';
import { parsePolicyInput, type ResourceMap } from './parse-policy-input.js';
import type { IamPolicyDocument, IamPolicyOptions, IamPolicyStatement, IamResourcesOf } from './types.js';

type Condition = IamPolicyStatement['Condition'];

/** An action with what it is allowed on, under one condition. */
interface Grant {
  readonly action: string;
  readonly condition: Condition;
  readonly resources: Set<string>;
}

/**
 * Makes the policy that methods of this package need, with the least privilege that IAM can express: a list of their
 * permissions is in docs/iam.md. The same input gives the same policy, byte for byte.
 *
 * What the policy is limited to has to be said for every kind of resource that the methods have to do with: its ARNs, of
 * any partition, or `'*'`; and `'*'` in place of all of them allows every resource. Permissions that are needed under a
 * condition alone are in it, unless `without` names the condition. Of methods that need no permission the policy has no
 * statement, and IAM would refuse it.
 *
 * @param methods - such as `SqsTools.purgeQueues`; for a shift those of its target and checks.
 * @param resources - the ARNs by kind of resource, which may have more kinds than the methods need.
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

/** Each action once for each condition, with all its resources. */
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

/** Nothing when the condition would hold always. */
function conditionOf(only: PermissionLimit | undefined, arns: ResourceMap): Condition {
  if (only === undefined) return undefined;
  const values = only.operator === 'ArnLike' ? (arns.get(only.resources) ?? []) : only.values;
  if (values.includes('*')) return undefined;
  return { [only.operator]: { [only.key]: sorted(values) } };
}

/** Actions with the same resources and the same condition are one statement. */
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

/** By code units: the same in every locale. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
