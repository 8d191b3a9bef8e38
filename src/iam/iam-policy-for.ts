import type { IamCondition } from '../core/permissions.js';
import { type IamPolicyDocument, policyOf } from '../core/policy-document.js';
import type { IamMethod, IamResourceTypeOf } from './method-permissions.js';
import { parsePolicyInput } from './parse-policy-input.js';
import type { IamPolicyOptions, IamResourcesOf } from './types.js';

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
  return policyOf(input.permissions, (type) => input.resources.get(type) ?? []);
}
