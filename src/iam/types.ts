import type { IamCondition, IamResourceType } from '../core/permissions.js';
import type { IamMethod, IamResourceTypeOf } from './method-permissions.js';

/** One ARN or several, with `*` and `?` in them where several are meant; `'*'` for every resource of the kind. */
export type IamResources = string | readonly string[];

/**
 * The ARNs of every kind of resource that the methods have to do with. More kinds than that may be given, so that one
 * object serves several policies.
 */
export type IamResourcesOf<Method extends IamMethod, Without extends IamCondition = never> = Readonly<
  Record<IamResourceTypeOf<Method, Without>, IamResources>
> &
  Readonly<Partial<Record<IamResourceType, IamResources>>>;

/** How `iamPolicyFor` makes a policy. */
export interface IamPolicyOptions<Without extends IamCondition = never> {
  /**
   * The conditions that do not hold: permissions that are needed under one of them alone are left out. See docs/iam.md.
   * @default []
   */
  readonly without?: readonly Without[];
}

/** A policy of IAM, as CDK's `PolicyDocument.fromJson`, CloudFormation and `PutRolePolicy` take it. */
export interface IamPolicyDocument {
  /** The version of the policy language. */
  readonly Version: '2012-10-17';
  /** What is allowed, sorted. */
  readonly Statement: readonly IamPolicyStatement[];
}

/** One statement of a policy. */
export interface IamPolicyStatement {
  /** Nothing is denied. */
  readonly Effect: 'Allow';
  /** The actions, sorted. */
  readonly Action: readonly string[];
  /** What they are allowed on, sorted. */
  readonly Resource: readonly string[];
  /** What limits them further: operator, key, values. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
