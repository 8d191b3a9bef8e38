import { type Clock, withClockAdvice } from '../../core/clock.js';
import { messageOf } from '../../core/describe-error.js';
import { describeValue } from '../../core/describe-value.js';
import { WaitTimeoutError } from '../../core/errors.js';
import { classifyFailure } from '../../core/failures.js';
import type { Logger } from '../../core/logger.js';
import { throwIfReturnedFailure } from '../../core/returned-failure.js';
import { settlesWithin } from '../../core/settles-within.js';
import { partnerOf } from '../../core/stack-reference.js';
import { SwapPlanError } from '../errors.js';
import { asJson, bytesOf } from '../plan/json.js';
import type { JsonValue, StepContext } from '../plan/step.js';
import type { PlannedStep } from '../plan/swap-plan.js';
import type { SwapUnderWay } from '../record/types.js';
import { hasUndoLook } from './decide-group.js';
import type { StepAnswer } from './decision.js';
import { maxLookSeconds } from './limits.js';
import { recordOf } from './transitions.js';

/** Maximum size of what a step stores with `before`, and with `memory`. */
const maxBytes = 4 * 1024;

/** Maximum size of what all steps of a swap store, so that the record stays below its size limit with 60 steps. */
const maxTotalBytes = 128 * 1024;

/** Object of JSON values. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** Result of a call that changes something. */
export type CallOutcome =
  | { readonly status: 'returned'; readonly memory: JsonObject; readonly isVerified: boolean }
  | { readonly status: 'failed'; readonly failure: string; readonly isFinal: boolean }
  /** The process was asked to stop, so the outcome is unknown. */
  | { readonly status: 'aborted' };

/** Dependencies of {@link StepCalls}. */
export interface StepCallsOptions {
  readonly application: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Calls of the functions of a swap's steps. */
export class StepCalls {
  readonly #options: StepCallsOptions;
  /** Looks before the first change, by step. `before` continues such a look, so that a step reads its state once for both. */
  readonly #firstLooks = new Map<string, Reading>();

  constructor(options: StepCallsOptions) {
    this.#options = options;
  }

  /** Asks a step for its state. Never rejects. */
  async look(step: PlannedStep, swap: SwapUnderWay, at: 'done' | 'undone'): Promise<StepAnswer> {
    const { source } = step;
    const record = recordOf(swap, step.name);
    const attempt = Math.max(1, record.attempts ?? 0);
    try {
      if (at === 'undone' && source.isUndone !== undefined) {
        const reading = this.#reading(step, swap, attempt);
        const isUndone = await this.#read(step, reading, (it) => source.isUndone?.(it, record.before));
        return requireAnswer(step, 'isUndone', isUndone);
      }
      const reading = this.#reading(step, swap, attempt);
      if (record.claimedAt === undefined) this.#firstLooks.set(step.name, reading);
      const answer = await this.#read(step, reading, (context) => source.isDone?.(context));
      const isDone = requireAnswer(step, 'isDone', answer);
      const { reason } = reading;
      const isWaiting = at === 'done' && record.ranAt !== undefined && record.doneAt === undefined;
      if (!isDone && isWaiting && reason.text !== undefined) return { failure: reason.text, isFinal: false };
      return at === 'done' ? isDone : !isDone;
    } catch (error) {
      return { failure: messageOf(error), isFinal: classifyFailure(error) === 'final' };
    }
  }

  /**
   * Returns the state before the change. Its context is that of the look before, if there was one.
   *
   * @throws SwapPlanError when it does not fit into the record; the step's own errors.
   */
  async before(step: PlannedStep, swap: SwapUnderWay): Promise<JsonValue | undefined> {
    const { source } = step;
    if (source.before === undefined) return undefined;
    const reading = this.#firstLooks.get(step.name) ?? this.#reading(step, swap, 1);
    const before = await this.#read(step, reading, (context) => source.before?.(context));
    return before === undefined ? undefined : this.#requireSize(step, swap, 'before', before);
  }

  /** Calls `run`, and verifies the change at once. Never rejects. */
  run(step: PlannedStep, swap: SwapUnderWay, signal: AbortSignal): Promise<CallOutcome> {
    const { attempts = 1 } = recordOf(swap, step.name);
    const { isDone } = step.source;
    return this.#change(step, swap, {
      signal,
      attempt: attempts,
      maxSeconds: step.maxWaitSeconds,
      name: 'run',
      call: (context) => step.source.run(context),
      verify: async (after) => isDone === undefined || (await this.look(step, after, 'done')) === true,
    });
  }

  /** Calls `undo`, and verifies it at once. Never rejects. */
  undo(step: PlannedStep, swap: SwapUnderWay, signal: AbortSignal): Promise<CallOutcome> {
    const { undoAttempts = 1, before } = recordOf(swap, step.name);
    const { undo } = step.source;
    return this.#change(step, swap, {
      signal,
      attempt: undoAttempts,
      maxSeconds: step.undoMaxWaitSeconds,
      name: 'undo',
      call: (context) => (undo === 'none' ? undefined : undo(context, before)),
      verify: async (after) => !hasUndoLook(step) || (await this.look(step, after, 'undone')) === true,
    });
  }

  #reading(step: PlannedStep, swap: SwapUnderWay, attempt: number): Reading {
    const limit = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, limit.signal]);
    const reason: Reason = { text: undefined };
    const { context } = this.#contextOf(step, swap, attempt, signal);
    const report = (text: string) => {
      reason.text = describeReason(text);
    };
    return { limit, reason, context: { ...context, report } };
  }

  /** Calls a function that only reads. One that never returned would keep the claim for ever. */
  #read(
    step: PlannedStep,
    { limit, context }: Reading,
    call: (context: StepContext) => unknown,
  ): Promise<unknown> {
    return this.#limit(step, maxLookSeconds, limit, call(context));
  }

  /** @throws WaitTimeoutError, after an abort, when a call does not return in time. */
  async #limit(
    step: PlannedStep,
    maxSeconds: number,
    abort: AbortController,
    result: unknown,
  ): Promise<unknown> {
    const calling = Promise.resolve(result);
    if (!(await settlesWithin(calling, Math.max(1, maxSeconds) * 1000, this.#options.clock))) {
      const timeout = timeoutOf(step, maxSeconds, this.#options.clock);
      abort.abort(timeout);
      throw timeout;
    }
    return calling;
  }

  async #change(step: PlannedStep, swap: SwapUnderWay, change: ChangeCall): Promise<CallOutcome> {
    const limit = new AbortController();
    const signal = AbortSignal.any([change.signal, limit.signal]);
    const { context } = this.#contextOf(step, swap, change.attempt, signal);
    try {
      const returned = await this.#limit(step, change.maxSeconds, limit, change.call(context));
      throwIfReturnedFailure(returned, `Function ${change.name} of step "${step.name}"`);
      const memory = requireObject(this.#requireSize(step, swap, 'memory', context.memory));
      return { status: 'returned', memory, isVerified: await change.verify(withMemory(swap, step, memory)) };
    } catch (error) {
      if (change.signal.aborted) return { status: 'aborted' };
      return { status: 'failed', failure: messageOf(error), isFinal: classifyFailure(error) === 'final' };
    }
  }

  #contextOf(
    step: PlannedStep,
    swap: SwapUnderWay,
    attempt: number,
    signal = this.#options.signal,
  ): { readonly context: StepContext } {
    const { incoming } = swap;
    const outgoing = partnerOf(incoming);
    const stack = step.side === 'incoming' ? incoming : outgoing;
    const memory = { ...recordOf(swap, step.name).memory };
    const { clock, logger } = this.#options;
    const ids = { stack, incoming, outgoing, swapId: swap.id };
    return { context: { ...ids, attempt, clock, logger, memory, signal } };
  }

  #requireSize(step: PlannedStep, swap: SwapUnderWay, field: 'before' | 'memory', value: unknown): JsonValue {
    const json = asJson(value, `${field} of step ${step.name}`);
    const bytes = bytesOf(json);
    const stored = Object.values(swap.steps).map(({ before, memory }) => bytesOf([before, memory]));
    const total = stored.reduce((sum, size) => sum + size, bytes);
    if (bytes <= maxBytes && total <= maxTotalBytes) return json;
    const limit =
      bytes > maxBytes ? `at most ${maxBytes} bytes` : `at most ${maxTotalBytes} bytes in all steps`;
    throw new SwapPlanError(`Step "${step.name}" stores too much with ${field}`, {
      resource: this.#options.application,
      steps: [step.name],
      expected: limit,
      actual: `${bytes > maxBytes ? bytes : total} bytes`,
      remedy: 'Store an identifier instead, and read the rest where it is needed',
    });
  }
}

/** Reason that a step has reported. */
interface Reason {
  text: string | undefined;
}

/** Context of calls that only read. */
interface Reading {
  readonly context: StepContext;
  readonly limit: AbortController;
  readonly reason: Reason;
}

function describeReason(text: unknown): string {
  return typeof text === 'string' ? text : describeValue(text);
}

interface ChangeCall {
  readonly name: 'run' | 'undo';
  readonly signal: AbortSignal;
  readonly attempt: number;
  readonly maxSeconds: number;
  readonly call: (context: StepContext) => unknown;
  /** Verifies the change, with the memory that the call has left. */
  readonly verify: (after: SwapUnderWay) => Promise<boolean>;
}

function withMemory(swap: SwapUnderWay, { name }: PlannedStep, memory: JsonObject): SwapUnderWay {
  return { ...swap, steps: { ...swap.steps, [name]: { ...recordOf(swap, name), memory } } };
}

/** A wrong type is never read as done. */
function requireAnswer({ name }: PlannedStep, method: string, answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  throw new TypeError(`${method} of step "${name}" must return true or false`);
}

function timeoutOf({ name }: PlannedStep, maxWaitSeconds: number, clock: Clock): WaitTimeoutError {
  return new WaitTimeoutError({
    resource: `step "${name}"`,
    maxWaitSeconds,
    expected: 'the call to return',
    remedy: withClockAdvice(clock),
  });
}

/** The memory is an object by construction: a step can only assign its members. */
function requireObject(value: JsonValue): JsonObject {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {};
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
