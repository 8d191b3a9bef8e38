import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import type { WaitOptions } from '../../core/poll-until.js';
import { nonEmptyString, positiveSeconds, seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { StepContext, SwapSide } from '../plan/step.js';

/** Options of every ready-made step. */
export interface StepOptions {
  /**
   * Name of the step, unique in the plan. Each step has a default of its own.
   */
  readonly name?: string | undefined;
  /**
   * Stack that the step changes.
   * @default 'incoming' in `prepare` and `test`, 'outgoing' in `retire`
   */
  readonly stack?: SwapSide | undefined;
  /**
   * Maximum wait until the change is made, in seconds.
   * @default 600, unless the step names another one
   */
  readonly maxWaitSeconds?: number | undefined;
  /**
   * Pause between two reads of the change, in seconds.
   * @default 15, unless the step names another one
   */
  readonly intervalSeconds?: number | undefined;
  /**
   * Maximum wait until the change is taken back, in seconds.
   * @default `maxWaitSeconds`
   */
  readonly undoMaxWaitSeconds?: number | undefined;
}

/** Options of a step that acts on all resources that it finds. */
export interface MatchStepOptions extends StepOptions {
  /**
   * Accepts that the stack has no such resource.
   * @default false: the step fails, because a misspelt name matches nothing
   */
  readonly allowNone?: boolean | undefined;
}

/** Schema entries of {@link StepOptions}. */
export const stepEntries = {
  name: v.optional(nonEmptyString),
  stack: v.optional(v.picklist(['incoming', 'outgoing'])),
  maxWaitSeconds: v.optional(seconds),
  intervalSeconds: v.optional(positiveSeconds),
  undoMaxWaitSeconds: v.optional(seconds),
};

/** Schema of {@link StepOptions}. */
export const stepOptionsSchema = strictObject(stepEntries);

/** Schema of {@link MatchStepOptions}. */
export const matchStepSchema = strictObject({ ...stepEntries, allowNone: v.optional(v.boolean(), false) });

/**
 * Seconds for which one call of `run` or `undo` lets a tool wait while AWS refuses a change for now. The swap repeats the call
 * afterwards: the longer waits are its own.
 */
const maxRefusedSeconds = 20;

/** Options of a read. */
export function readOptions({ signal }: StepContext): CallOptions {
  return { signal };
}

/** Options of a change. */
export function changeOptions({ signal }: StepContext): WaitOptions {
  return { signal, maxWaitSeconds: maxRefusedSeconds };
}

/**
 * Requires an object with the methods that a step calls, such as a tool. Other members are allowed.
 *
 * @throws InvalidInputError
 */
export function requireMethods<Tool extends object>(
  step: string,
  tool: Tool,
  methods: readonly (keyof Tool & string)[],
): void {
  const names = methods.length > 1 ? `methods ${methods.slice(0, -1).join(', ')} and` : 'method';
  const schema = v.custom<Tool>(
    (value) => {
      const candidate = Object(value) as Readonly<Record<string, unknown>>;
      return methods.every((method) => typeof candidate[method] === 'function');
    },
    `an object with the ${names} ${methods.at(-1)}`,
  );
  parseInput(`${step} arguments`, v.object({ tool: schema }), { tool });
}
