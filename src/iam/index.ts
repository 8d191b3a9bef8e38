export { iamPolicyFor } from './iam-policy-for.js';
export type { IamMethod } from './method-permissions.js';
export type {
  IamPolicyDocument,
  IamPolicyOptions,
  IamPolicyStatement,
  IamResources,
  IamResourcesOf,
} from './types.js';
