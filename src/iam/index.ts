export type { IamCondition, IamResourceType } from '../core/permissions.js';
export { iamPolicyFor } from './iam-policy-for.js';
export type { IamMethod, IamResourceTypeOf } from './method-permissions.js';
export type {
  IamPolicyDocument,
  IamPolicyOptions,
  IamPolicyStatement,
  IamResources,
  IamResourcesOf,
} from './types.js';
