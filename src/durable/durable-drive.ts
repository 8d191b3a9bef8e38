import * as v from 'valibot';
import { messageOf } from '../core/describe-error.js';
import { parseInput } from '../core/validate.js';
import { parseShiftState } from '../traffic/shift/parse-state.js';
import { resultOf, startEvents } from '../traffic/shift/shift-outcome.js';
import type { ResolvedShiftRequest } from '../traffic/shift/shift-request.js';
import {
  advanceRun,
  approve,
  beginRun,
  isRollingBack,
  rollBackRun,
  type ShiftRun,
} from '../traffic/shift/shift-run.js';
import { halt } from '../traffic/shift/shift-transitions.js';
import type { ApprovalAnswer } from './approval.js';
import { type Gate, openGate } from './durable-gate.js';
import { gatePosition } from './durable-operations.js';
import { type DriveState, DurableSteps, resource, workOf } from './durable-steps.js';
import { type Retries, rollbackRetries, shiftRetries } from './retries.js';
import type { DurableSettings } from './settings.js';
import type { DurableShiftContext, DurableShifter, DurableShiftResult } from './types.js';

const resultSchema = v.object({
  outcome: v.picklist(['succeeded', 'rolledBack', 'halted']),
  state: v.unknown(),
  reason: v.exactOptional(v.string()),
});

/**
 * One shift in one durable execution. Every decision depends only on results of operations, so that a replay repeats it: the
 * time, AWS and the answers to approvals are read within steps only.
 */
export class DurableDrive {
  readonly #context: DurableShiftContext;
  readonly #shifter: DurableShifter;
  readonly #settings: DurableSettings;
  readonly #steps: DurableSteps;
  readonly #shiftRetries: Retries;
  readonly #rollbackRetries: Retries;
  #advances = 0;
  #mayContinue = true;

  constructor(context: DurableShiftContext, shifter: DurableShifter, settings: DurableSettings) {
    this.#context = context;
    this.#shifter = shifter;
    this.#settings = settings;
    this.#steps = new DurableSteps(context, settings);
    this.#shiftRetries = shiftRetries(settings.maxAttempts);
    this.#rollbackRetries = rollbackRetries(settings.maxRollbackAttempts);
  }

  /** Begins the request's shift. */
  async begin(request: ResolvedShiftRequest): Promise<ShiftRun> {
    const { run } = await this.#steps.take('begin', { request }, this.#shiftRetries, async (signal) => {
      const { state } = await beginRun(this.#shifter, request, { signal });
      return { state, events: startEvents(state) };
    });
    return run;
  }

  /** Advances until the shift has ended, in this execution or in the one that continues it. */
  async runToEnd(run: ShiftRun): Promise<DurableShiftResult> {
    let current: DriveState = { run, waitSeconds: 0, done: false };
    while (!current.done) {
      if (this.#steps.operations.areShort(current.run.state)) {
        const next = await this.#continueElsewhere(current.run);
        if ('outcome' in next) return next;
        current = next;
      } else if (current.heldAtPercent !== undefined) {
        current = await this.#passGate(current, current.heldAtPercent);
      } else {
        await this.#steps.wait(current.waitSeconds);
        current = await this.#advance(current.run);
      }
    }
    return resultOf(current.run.state);
  }

  async #advance(run: ShiftRun, readAnswer?: () => ApprovalAnswer | undefined): Promise<DriveState> {
    this.#advances += 1;
    const retries = isRollingBack(run) ? this.#rollbackRetries : this.#shiftRetries;
    try {
      return await this.#steps.take(`advance-${this.#advances}`, run, retries, async (signal) => {
        const answer = readAnswer?.();
        if (answer !== undefined) return { state: run.state, answer };
        return workOf(await advanceRun(this.#shifter, run, { signal }));
      });
    } catch (error) {
      return this.#startRollback(run, `The shift cannot proceed: ${messageOf(error)}`);
    }
  }

  /** Requests an approval. The checks run meanwhile, and can roll the shift back. */
  async #passGate({ run, ...current }: DriveState, percent: number): Promise<DriveState> {
    const gate = await openGate(this.#context, this.#settings, percent);
    this.#steps.operations.add(1);
    try {
      await this.#steps.take(`request-approval-${percent}`, run, this.#shiftRetries, async (signal) => {
        await gate.request(run, signal);
        return { state: run.state };
      });
    } catch (error) {
      const reason = `Could not request the approval to go past ${percent} %: ${messageOf(error)}`;
      return this.#startRollback(run, reason);
    }
    const held = await this.#awaitAnswer({ run, ...current }, gate);
    if (held.answer === undefined) return held;
    if (held.answer.isApproved) {
      return { run: approve(held.run, percent), waitSeconds: 0, done: false };
    }
    const reason = `Not approved to go past ${percent} %: ${held.answer.reason}`;
    return this.#startRollback(held.run, reason);
  }

  /**
   * Evaluates the checks until the approval is answered, or the shift rolls back. Continues while a check is inconclusive and
   * more than the approval is missing, because the answer to the earlier request can arrive then.
   */
  async #awaitAnswer(current: DriveState, gate: Gate): Promise<DriveState> {
    const { operations } = this.#steps;
    const position = gatePosition(this.#shifter, current.run, gate.percent, this.#settings);
    const apart = operations.secondsBetweenEvaluations(position);
    let held = current;
    while (held.answer === undefined && held.run.state.phase === 'shifting') {
      const { waitSeconds, secondsLeft = Number.POSITIVE_INFINITY } = held;
      if (operations.areShort(held.run.state)) {
        // No operations are left for checks: waits for the answer, or for the end of the shift's time.
        const end = Number.isFinite(secondsLeft) ? [this.#steps.wait(secondsLeft)] : [];
        await Promise.race([gate.anyAnswer, ...end]);
      } else {
        const look = this.#steps.wait(Math.min(Math.max(waitSeconds, apart), secondsLeft));
        await Promise.race([gate.anyAnswer, look]);
      }
      held = await this.#advance(held.run, gate.readAnswer);
    }
    return held;
  }

  /** Continues the shift in another execution when the operations of this one run short. Rolls back when none may continue it. */
  async #continueElsewhere(run: ShiftRun): Promise<DriveState | DurableShiftResult> {
    const { continueIn } = this.#settings;
    if (continueIn === undefined || !this.#mayContinue) {
      return this.#startRollback(run, 'The durable execution has no operations left');
    }
    this.#mayContinue = false;
    this.#steps.operations.add(1);
    try {
      return parseResult(await this.#context.invoke('continue', continueIn, { continuedShift: run }));
    } catch (error) {
      const reason = `${continueIn} did not continue the shift: ${messageOf(error)}`;
      // The function may have failed after the shift had ended, and the old version may be removed: no rollback then.
      return mayHaveSucceeded(run) ? this.#halt(run, reason) : this.#startRollback(run, reason);
    }
  }

  async #startRollback(run: ShiftRun, reason: string): Promise<DriveState> {
    if (isRollingBack(run)) return this.#halt(run, reason);
    try {
      return await this.#steps.take('roll-back', run, this.#rollbackRetries, async (signal) =>
        workOf(await rollBackRun(this.#shifter, run, reason, { signal })),
      );
    } catch (error) {
      return this.#halt(run, `${reason}; the rollback failed: ${messageOf(error)}`);
    }
  }

  async #halt(run: ShiftRun, reason: string): Promise<DriveState> {
    return this.#steps.take('halt', run, this.#shiftRetries, async () => {
      const { clock, logger } = this.#settings;
      const { state, events } = halt(run.state, reason, clock.now());
      logger.error('Halted shift', { resource, incoming: state.incoming, reason });
      return { state, events, done: true };
    });
  }
}

/** True when the run's state includes the weights of the last step, written or pending. */
function mayHaveSucceeded({ state: { phase, step, strategy, pendingWeights } }: ShiftRun): boolean {
  const reached = pendingWeights === undefined ? step : step + 1;
  return phase === 'shifting' && reached >= strategy.steps.length - 1;
}

function parseResult(result: unknown): DurableShiftResult {
  const { state, ...rest } = parseInput(
    'Result of the function that continued the shift',
    resultSchema,
    result,
  );
  return { ...rest, state: parseShiftState(state) };
}
