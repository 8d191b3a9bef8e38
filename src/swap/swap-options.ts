import * as v from 'valibot';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import { nonEmptyString, seconds, strictObject } from '../core/schemas.js';
import { clockSchema, loggerSchema, objectWith, toolDependencies } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { SwapDependencies } from './engine/swap-dependencies.js';
import { SwapPlanError } from './errors.js';
import { ownSteps, stepListSchema } from './plan/parse-steps.js';
import type { StepList } from './plan/step.js';
import { planOf, type StepLists } from './plan/swap-plan.js';
import { requirePlan } from './plan/validate-plan.js';
import type { SwapRecord } from './record/types.js';
import type { DeploymentSwitch, ShiftSwitch, SwapSwitch } from './switches/types.js';

/** Options of `StackSwap`. */
export interface StackSwapOptions {
  /** Name of one pair of stacks in one environment, such as `orders-production`. */
  readonly application: string;
  /** Store of the record. */
  readonly record: SwapRecord;
  /** Mover of the traffic: `codeDeploySwitch`, `ecsSwitch` or `shiftTraffic`. */
  readonly switch: SwapSwitch;
  /**
   * Environment variable of the task definition that names its stack. Required where AWS moves the traffic, and refused with
   * `shiftTraffic`.
   */
  readonly boundBy?: string | undefined;
  /**
   * Reaction to a revision that is bound to the live stack: `'refuse'` fails its hooks, `'deployOnly'` lets its deployment pass and
   * changes nothing else, for a hotfix. Only where AWS moves the traffic.
   * @default 'refuse'
   */
  readonly sameStack?: 'refuse' | 'deployOnly' | undefined;
  /**
   * Steps that prepare the incoming stack.
   * @default none
   */
  readonly prepare?: StepList | undefined;
  /**
   * Steps that test the incoming stack before it has production traffic. They begin when `prepare` is in effect.
   * @default none
   */
  readonly test?: StepList | undefined;
  /**
   * Steps that retire the outgoing stack.
   * @default none
   */
  readonly retire?: StepList | undefined;
  /**
   * Seconds between the end of the traffic shift and the first step of `retire`. Only with `shiftTraffic`: elsewhere AWS bakes.
   * @default 0
   */
  readonly bakeSeconds?: number | undefined;
  /**
   * Logger of the transitions, one structured line each.
   * @default nothing is logged
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time and of waits.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

const switchSchema = v.custom<SwapSwitch>(isSwitch, 'codeDeploySwitch, ecsSwitch or shiftTraffic');

const optionsSchema = strictObject({
  application: v.pipe(nonEmptyString, v.maxLength(200, 'a name of at most 200 characters')),
  record: objectWith<SwapRecord>('a record with the methods', ['read', 'write']),
  switch: switchSchema,
  boundBy: v.optional(nonEmptyString),
  sameStack: v.optional(v.picklist(['refuse', 'deployOnly'])),
  prepare: v.optional(stepListSchema),
  test: v.optional(stepListSchema),
  retire: v.optional(stepListSchema),
  bakeSeconds: v.optional(seconds),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

/** Key of a swap's settings, for the hooks, even of the other copy of the package (ESM or CommonJS). */
export const settingsKey: unique symbol = Symbol.for('aws-blue-green-toolkit/swap-settings');

/** Parsed options. */
export interface SwapSettings extends SwapDependencies {
  readonly sameStack: 'refuse' | 'deployOnly';
}

/**
 * Parses the options of a swap.
 *
 * @throws InvalidInputError for a malformed option; SwapPlanError for a plan that cannot work.
 */
export function parseSwapOptions(options: StackSwapOptions): SwapSettings {
  const parsed = parseInput('StackSwap options', optionsSchema, options);
  const { application, record, boundBy, sameStack, bakeSeconds } = parsed;
  const lists: StepLists = {
    prepare: ownSteps(parsed.prepare, options.prepare),
    test: ownSteps(parsed.test, options.test),
    retire: ownSteps(parsed.retire, options.retire),
  };
  requirePlan(lists, application);
  requireSwitchOptions(parsed);
  return {
    application,
    record,
    plan: planOf(lists),
    switch: parsed.switch,
    rules: { kind: parsed.switch.kind, bakeSeconds: bakeSeconds ?? 0 },
    boundBy,
    sameStack: sameStack ?? 'refuse',
    ...toolDependencies(parsed),
  };
}

/** An option without effect is refused, because its author expects one. */
function requireSwitchOptions({
  application,
  switch: { kind },
  boundBy,
  sameStack,
  bakeSeconds,
}: v.InferOutput<typeof optionsSchema>): void {
  const refuse = (problem: string, remedy: string): never => {
    throw new SwapPlanError(`Plan of ${application} cannot work: ${problem}`, {
      resource: application,
      steps: [],
      remedy,
    });
  };
  if (kind === 'shift') {
    if (boundBy !== undefined || sameStack !== undefined) {
      refuse(
        `${boundBy === undefined ? 'sameStack' : 'boundBy'} has no effect with shiftTraffic, which deploys no revision`,
        'Remove it',
      );
    }
    return;
  }
  if (bakeSeconds !== undefined) {
    refuse(
      'bakeSeconds has no effect where AWS bakes',
      'Set the termination wait or the bake time of the deployment',
    );
  }
  if (boundBy === undefined) {
    refuse('boundBy is missing', 'Name the environment variable of the task definition that names its stack');
  }
}

function isSwitch(value: unknown): boolean {
  const candidate = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { kind } = candidate;
  if (kind !== 'shift' && kind !== 'codeDeploy' && kind !== 'ecs') return false;
  const methods: readonly (keyof ShiftSwitch | keyof DeploymentSwitch)[] =
    kind === 'shift'
      ? ['percentByStack', 'begin', 'advance', 'rollBack']
      : ['percentByStack', 'bindingOf', 'statusOf', 'isAnotherUnderWay', 'returnTraffic'];
  return methods.every((method) => typeof candidate[method] === 'function');
}
