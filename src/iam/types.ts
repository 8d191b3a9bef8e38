import type { IamCondition, IamResourceType } from '../core/permissions.js';
import type { IamMethod, IamResourceTypeOf } from './method-permissions.js';

/** One or several ARNs, with the wildcards `*` and `?`; `'*'` for every resource of the kind. */
export type IamResources = string | readonly string[];

/**
 * ARNs of every kind of resource that the methods use. Further kinds are allowed, so that one object can serve several
 * policies.
 */
export type IamResourcesOf<Method extends IamMethod, Without extends IamCondition = never> = Readonly<
  Record<IamResourceTypeOf<Method, Without>, IamResources>
> &
  Readonly<Partial<Record<IamResourceType, IamResources>>>;

/** Options of `iamPolicyFor`. */
export interface IamPolicyOptions<Without extends IamCondition = never> {
  /**
   * Conditions that are false: permissions that are needed only under one of them are left out. See docs/iam.md.
   * @default []
   */
  readonly without?: readonly Without[];
}

/** IAM policy for CDK's `PolicyDocument.fromJson`, CloudFormation and `PutRolePolicy`. */
export interface IamPolicyDocument {
  /** Version of the policy language. */
  readonly Version: '2012-10-17';
  /** Statements, sorted. */
  readonly Statement: readonly IamPolicyStatement[];
}

/** One statement of a policy. Statements only allow. */
export interface IamPolicyStatement {
  /** Effect of the statement. */
  readonly Effect: 'Allow';
  /** Actions, sorted. */
  readonly Action: readonly string[];
  /** Resources of the actions, sorted. */
  readonly Resource: readonly string[];
  /** Condition keys that narrow the statement: operator, key, values. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
