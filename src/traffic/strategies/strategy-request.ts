import * as v from 'valibot';
import { seconds } from '../../core/schemas.js';
import type { ShiftStrategy } from '../types.js';
import { isSplit } from '../weights.js';
import { allAtOnce, type BakeOptions } from './all-at-once.js';
import { type CanaryOptions, canary } from './canary.js';
import { type CodeDeployConfigName, codeDeployConfig, codeDeployConfigNames } from './codedeploy-config.js';
import { type ExponentialOptions, exponential, exponentialSchema } from './exponential.js';
import { type LinearOptions, linear, linearSchema } from './linear.js';
import { strategySchema } from './strategy-schema.js';

/** Tells which strategy the options beside it are for. */
export interface StrategyType<Name extends string> {
  /** The name of the function that makes it. */
  readonly type: Name;
}

/**
 * A strategy as a request in JSON names it: one of the toolkit's with its options, the name of a deployment configuration
 * of CodeDeploy, or the steps themselves.
 */
export type StrategyRequest =
  | (StrategyType<'allAtOnce'> & BakeOptions)
  | (StrategyType<'canary'> & CanaryOptions)
  | (StrategyType<'linear'> & LinearOptions)
  | (StrategyType<'exponential'> & ExponentialOptions)
  | CodeDeployConfigName
  | ShiftStrategy;

const bakeSeconds = v.optional(seconds, 0);

const canaryPercent = v.pipe(v.number(), v.check(isSplit, 'a percentage from 0.01 to 99.99'));

const byType = v.pipe(
  v.variant('type', [
    v.strictObject({ type: v.literal('allAtOnce'), bakeSeconds }),
    v.strictObject({ type: v.literal('canary'), percent: canaryPercent, holdSeconds: seconds, bakeSeconds }),
    v.strictObject({ type: v.literal('linear'), ...linearSchema.entries }),
    v.strictObject({ type: v.literal('exponential'), ...exponentialSchema.entries }),
  ]),
  v.transform((request): ShiftStrategy => {
    if (request.type === 'allAtOnce') return allAtOnce(request);
    if (request.type === 'canary') return canary(request);
    return request.type === 'linear' ? linear(request) : exponential(request);
  }),
);

const byName = v.pipe(
  v.picklist(codeDeployConfigNames),
  v.transform((name) => codeDeployConfig(name)),
);

/** A field that nobody knows may be one that somebody counts on. */
const bySteps = v.pipe(
  v.strictObject({
    name: v.unknown(),
    steps: v.array(v.strictObject({ percent: v.unknown(), holdSeconds: v.unknown() })),
    partial: v.optional(v.unknown()),
  }),
  strategySchema,
);

/** Makes a strategy out of a {@link StrategyRequest}. */
export const strategyRequestSchema = v.lazy((request): v.GenericSchema<unknown, ShiftStrategy> => {
  if (typeof request === 'string') return byName;
  const hasSteps = typeof request === 'object' && request !== null && 'steps' in request;
  return hasSteps ? bySteps : byType;
});
