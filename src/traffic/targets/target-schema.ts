import * as v from 'valibot';
import { anyFunction, permissionList } from '../../core/schemas.js';

/** A traffic target; other members are allowed. */
export const targetSchema = v.object({
  description: v.string(),
  readWeights: anyFunction,
  writeWeights: anyFunction,
  nearestWeights: v.optional(anyFunction),
  propagationSeconds: v.optional(anyFunction),
  readHealth: v.optional(anyFunction),
  readSetup: v.optional(anyFunction),
  changeSetup: v.optional(anyFunction),
  permissions: v.optional(permissionList),
});
