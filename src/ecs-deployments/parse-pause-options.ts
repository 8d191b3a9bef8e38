import { ECSClient } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import {
  anyFunction,
  callOptionsSchema,
  nonEmptyString,
  notAFunction,
  secondsFrom,
  stackReference,
  strictObject,
} from '../core/schemas.js';
import type { StackReference } from '../core/stack-reference.js';
import { clientOptionsOf, dependenciesOf, toolOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { advanceEntries } from '../resumable/run-entries.js';
import { checksSchema, policySchema, type ResolvedPolicy } from '../traffic/shift/check-policy.js';
import { safeChecks } from '../traffic/shift/safe-checks.js';
import type { Check } from '../traffic/types.js';
import type {
  EcsDeploymentClients,
  EcsPauseInfo,
  EcsPauseOptions,
  EcsPauseStage,
  EcsPauseStep,
  EcsPauseWork,
} from './pause-types.js';

/** Work with its defaults. */
export interface ResolvedWork {
  readonly steps: readonly EcsPauseStep[];
  readonly checks: readonly Check[];
  readonly policy: ResolvedPolicy;
}

/** Options with their defaults. */
export interface PauseSettings {
  readonly ecs: ECSClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly incoming: StackReference;
  readonly intervalSeconds: number;
  readonly expiryMarginSeconds: number;
  readonly hasWork: (stage: string | undefined) => stage is EcsPauseStage;
  /** Returns the work of a pause. Throws an InvalidInputError for a function that returns none. */
  readonly workOf: (pause: EcsPauseInfo) => ResolvedWork;
}

const workSchema = strictObject({
  steps: v.optional(
    v.pipe(
      v.array(
        notAFunction('a step: { name, run }', strictObject({ name: nonEmptyString, run: anyFunction })),
      ),
      v.check(
        (steps) => new Set(steps.map(({ name }) => name)).size === steps.length,
        'steps whose names differ',
      ),
    ),
    [],
  ),
  checks: v.optional(checksSchema, []),
  policy: v.optional(policySchema, {}),
});

const stageSchema = v.optional(
  v.lazy((work): v.GenericSchema => (typeof work === 'function' ? anyFunction : workSchema)),
);

const stages: Readonly<Record<EcsPauseStage, typeof stageSchema>> = {
  RECONCILE_SERVICE: stageSchema,
  PRE_SCALE_UP: stageSchema,
  POST_SCALE_UP: stageSchema,
  POST_TEST_TRAFFIC_SHIFT: stageSchema,
  PRE_PRODUCTION_TRAFFIC_SHIFT: stageSchema,
  POST_PRODUCTION_TRAFFIC_SHIFT: stageSchema,
};

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  stages: strictObject(stages),
  incoming: v.optional(stackReference, 'green'),
  intervalSeconds: v.optional(secondsFrom(1, 3600), 15),
  expiryMarginSeconds: v.optional(secondsFrom(0, 86_400), 60),
});

const advanceSchema = strictObject(advanceEntries);

/** @throws InvalidInputError that names every wrong option. */
export function parsePauseOptions(options: EcsPauseOptions): PauseSettings {
  const parsed = parseInput('EcsPause options', optionsSchema, options);
  const { incoming, intervalSeconds, expiryMarginSeconds } = parsed;
  const given = new Map<string, EcsPauseWork | ((pause: EcsPauseInfo) => EcsPauseWork)>();
  for (const [stage, work] of Object.entries(options.stages)) if (work !== undefined) given.set(stage, work);
  const { ecs } = resolveClients<EcsDeploymentClients>(clientOptionsOf(parsed), { ecs: ECSClient });
  return {
    ecs,
    ...dependenciesOf(parsed),
    incoming,
    intervalSeconds,
    expiryMarginSeconds,
    hasWork: (stage): stage is EcsPauseStage => stage !== undefined && given.has(stage),
    workOf: (pause) => resolveWork(given.get(pause.stage), pause),
  };
}

/** @throws InvalidInputError that names every wrong option. */
export function parseAdvanceOptions(options: unknown) {
  return parseInput('advance options', advanceSchema, options);
}

/** @throws InvalidInputError that names every wrong option. */
export function parseCallOptions(subject: string, options: unknown) {
  return parseInput(subject, callOptionsSchema, options);
}

function resolveWork(
  given: EcsPauseWork | ((pause: EcsPauseInfo) => EcsPauseWork) = {},
  pause: EcsPauseInfo,
): ResolvedWork {
  const work: EcsPauseWork = typeof given === 'function' ? given({ ...pause }) : given;
  const { checks, policy, steps } = parseInput(`Work of the stage ${pause.stage}`, workSchema, work);
  const runs = (work.steps ?? []).map((step) => step.run);
  return {
    checks: safeChecks(checks, work.checks),
    policy,
    steps: steps.flatMap(({ name }, index) => {
      const run = runs[index];
      return run === undefined ? [] : [{ name, run }];
    }),
  };
}
