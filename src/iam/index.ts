export type { IamCondition, IamResourceType } from '../core/permissions.js';
export type { IamPolicyDocument, IamPolicyStatement } from '../core/policy-document.js';
export { iamPolicyFor } from './iam-policy-for.js';
export type { IamMethod, IamResourceTypeOf } from './method-permissions.js';
export type {
  IamPolicyOptions,
  IamResources,
  IamResourcesOf,
} from './types.js';
