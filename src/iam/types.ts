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
