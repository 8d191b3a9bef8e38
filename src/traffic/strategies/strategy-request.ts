import * as v from 'valibot';
import { strictObject } from '../../core/schemas.js';
import type { ShiftStrategy } from '../types.js';
import { allAtOnce, type BakeOptions, bakeEntries } from './all-at-once.js';
import { type CanaryOptions, canary, canaryEntries } from './canary.js';
import { type CodeDeployConfigName, codeDeployConfig, codeDeployConfigNames } from './codedeploy-config.js';
import { type ExponentialOptions, exponential, exponentialEntries } from './exponential.js';
import { type LinearOptions, linear, linearEntries } from './linear.js';
import { strategySchema } from './strategy-schema.js';

/** Type of a strategy, beside its options. */
export interface StrategyType<Name extends string> {
  /** Name of the function that creates the strategy. */
  readonly type: Name;
}

/**
 * Strategy in a JSON request: a strategy of the toolkit with its options, the name of a CodeDeploy deployment configuration, or
 * the steps themselves.
 */
export type StrategyRequest =
  | (StrategyType<'allAtOnce'> & BakeOptions)
  | (StrategyType<'canary'> & CanaryOptions)
  | (StrategyType<'linear'> & LinearOptions)
  | (StrategyType<'exponential'> & ExponentialOptions)
  | CodeDeployConfigName
  | ShiftStrategy;

const byType = v.pipe(
  v.variant('type', [
    strictObject({ type: v.literal('allAtOnce'), ...bakeEntries }),
    strictObject({ type: v.literal('canary'), ...canaryEntries }),
    strictObject({ type: v.literal('linear'), ...linearEntries }),
    strictObject({ type: v.literal('exponential'), ...exponentialEntries }),
  ]),
  v.transform((request): ShiftStrategy => {
    switch (request.type) {
      case 'allAtOnce':
        return allAtOnce(withoutType(request));
      case 'canary':
        return canary(withoutType(request));
      case 'linear':
        return linear(withoutType(request));
      case 'exponential':
        return exponential(withoutType(request));
    }
  }),
);

const byName = v.pipe(
  v.picklist(codeDeployConfigNames),
  v.transform((name) => codeDeployConfig(name)),
);

/** Creates a strategy from a {@link StrategyRequest}. */
export const strategyRequestSchema = v.lazy((request): v.GenericSchema<unknown, ShiftStrategy> => {
  if (typeof request === 'string') return byName;
  const hasSteps = typeof request === 'object' && request !== null && 'steps' in request;
  return hasSteps ? strategySchema : byType;
});

function withoutType<Request extends { readonly type: string }>({ type: _type, ...options }: Request) {
  return options;
}
