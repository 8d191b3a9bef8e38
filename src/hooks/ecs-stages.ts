import * as v from 'valibot';
import { ecsLifecycleStages } from '../core/ecs-lifecycle-stages.js';
import {
  anyFunction,
  nonEmptyString,
  notAFunction,
  positiveCount,
  positiveSeconds,
  seconds,
  strictObject,
} from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { parseShiftRequest } from '../traffic/shift/shift-request.js';
import type { EcsHookDirection } from './ecs-invocation.js';
import { requireRunnable } from './ecs-shift-step.js';
import type { EcsHookStep } from './ecs-steps.js';
import type { EcsHookDirections, EcsHookStages, EcsHookWork, EcsLifecycleStage } from './ecs-types.js';

const name = nonEmptyString;

const shifterSchema = v.object({ begin: anyFunction, advance: anyFunction, rollBack: anyFunction });

/** The times of a step that polls. */
export const pollTimes = {
  intervalSeconds: v.optional(positiveSeconds),
  maxWaitSeconds: v.optional(seconds),
};

const kinds = {
  run: notAFunction('a step: { name, run }', strictObject({ name, run: anyFunction })),
  waitSeconds: strictObject({ name, waitSeconds: seconds }),
  isDone: strictObject({ name, isDone: anyFunction, ...pollTimes }),
  waitFor: strictObject({ name, waitFor: anyFunction, ...pollTimes }),
  shifter: strictObject({
    name,
    shifter: shifterSchema,
    request: v.unknown(),
    isApproved: v.optional(anyFunction),
    maxAttempts: v.optional(positiveCount),
  }),
} as const;

/** The kind of a step follows from its own field. A step without one is validated as a function step. */
const stepSchema = v.lazy((step): v.GenericSchema => {
  const fields = typeof step === 'object' && step !== null ? Object.keys(step) : [];
  const [, schema = kinds.run] = Object.entries(kinds).find(([field]) => fields.includes(field)) ?? [];
  return schema;
});

const listSchema = v.array(v.lazy((item) => (Array.isArray(item) ? v.array(stepSchema) : stepSchema)));

const workSchema = v.lazy((work): v.GenericSchema => (typeof work === 'function' ? anyFunction : listSchema));

const directionsSchema = strictObject({
  forward: v.optional(workSchema),
  rollback: v.optional(workSchema),
  unknown: v.optional(workSchema),
});

const stageSchema = v.optional(
  v.lazy((work): v.GenericSchema => (isDirections(work) ? directionsSchema : workSchema)),
);

const stages: Readonly<Record<EcsLifecycleStage, typeof stageSchema>> = v.entriesFromList(
  ecsLifecycleStages,
  stageSchema,
);

/** Steps to run, or the reason for none. */
export type PlannedWork =
  | { readonly steps: readonly EcsHookStep[] }
  | { readonly skipReason: string }
  | { readonly isDirectionUnknown: true };

/** Steps of a stage by direction. */
type Plan = Readonly<Partial<Record<EcsHookDirection, readonly EcsHookStep[]>>>;

/**
 * Validates the stages once, and returns a function that finds the work of a stage and a direction.
 *
 * @throws InvalidInputError for a stage that ECS does not have, a malformed step, two steps of one name, or a request that
 * cannot be carried out.
 */
export function planStages(
  given: EcsHookStages,
): (stage: string, direction: EcsHookDirection) => PlannedWork {
  parseInput('ecsLifecycleHook stages', strictObject(stages), given);
  const plans = new Map<string, Plan>();
  for (const [stage, work] of Object.entries(given)) {
    if (work !== undefined) plans.set(stage, planOf(stage, work));
  }
  return (stage, direction) => {
    const plan = plans.get(stage);
    if (plan === undefined) return { skipReason: 'The hook has no work for this stage' };
    const steps = plan[direction];
    if (steps !== undefined) return { steps };
    return direction === 'unknown'
      ? { isDirectionUnknown: true }
      : { skipReason: `The hook has no work for this stage in the direction ${direction}` };
  };
}

function planOf(stage: string, work: EcsHookWork | EcsHookDirections): Plan {
  const { forward, rollback, unknown } = isDirections(work)
    ? work
    : { forward: work, rollback: undefined, unknown: undefined };
  return {
    ...(forward && { forward: stepsOf(stage, forward) }),
    ...(rollback && { rollback: stepsOf(stage, rollback) }),
    ...(unknown && { unknown: stepsOf(stage, unknown) }),
  };
}

function stepsOf(stage: string, work: EcsHookWork): readonly EcsHookStep[] {
  if (typeof work === 'function') return [{ name: stage, run: work }];
  const steps = work.flat();
  parseInput(`ecsLifecycleHook stages.${stage}`, distinctNames, steps);
  for (const step of steps) if ('shifter' in step) checkRequest(stage, step);
  return steps;
}

const distinctNames = v.pipe(
  v.array(v.object({ name })),
  v.check(
    (steps) => new Set(steps.map((step) => step.name)).size === steps.length,
    'steps whose names differ',
  ),
);

/** Rejects a wrong request before any deployment. */
function checkRequest(stage: string, step: Extract<EcsHookStep, { shifter: unknown }>): void {
  if (typeof step.request === 'function') return;
  requireRunnable(step, parseShiftRequest(step.request, `Request of "${step.name}" at ${stage}`));
}

function isDirections(work: unknown): work is EcsHookDirections {
  return typeof work === 'object' && work !== null && !Array.isArray(work);
}
