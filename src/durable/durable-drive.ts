import * as v from 'valibot';
import { messageOf } from '../core/describe-error.js';
import { parseInput } from '../core/validate.js';
import { parseShiftState } from '../traffic/shift/parse-state.js';
import { outcomeOf, startEvents } from '../traffic/shift/shift-outcome.js';
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
import { gatePlace } from './durable-operations.js';
import { DurableSteps, resource, type Standing, workOf } from './durable-steps.js';
import { type Retries, retryPatiently, retrySoon } from './retries.js';
import type { DurableSettings } from './settings.js';
import type { DurableShiftContext, DurableShifter, DurableShiftResult } from './types.js';

const resultSchema = v.object({
  outcome: v.picklist(['succeeded', 'rolledBack', 'halted']),
  state: v.unknown(),
  reason: v.exactOptional(v.string()),
});

/**
 * One shift in one durable execution. Everything that the way through it depends on comes out of an operation, so a replay
 * goes the same way: nothing looks at the time, at AWS or at who has answered outside of a step.
 */
export class DurableDrive {
  readonly #context: DurableShiftContext;
  readonly #shifter: DurableShifter;
  readonly #settings: DurableSettings;
  readonly #steps: DurableSteps;
  readonly #soon: Retries;
  readonly #patiently: Retries;
  #advances = 0;
  #mayContinue = true;

  constructor(context: DurableShiftContext, shifter: DurableShifter, settings: DurableSettings) {
    this.#context = context;
    this.#shifter = shifter;
    this.#settings = settings;
    this.#steps = new DurableSteps(context, settings);
    this.#soon = retrySoon(settings.maxAttempts);
    this.#patiently = retryPatiently(settings.maxRollbackAttempts);
  }

  /** The run that the request begins with. */
  async begin(request: ResolvedShiftRequest): Promise<ShiftRun> {
    const { run } = await this.#steps.take('begin', { request }, this.#soon, async (signal) => {
      const { state } = await beginRun(this.#shifter, request, { signal });
      return { state, events: startEvents(state) };
    });
    return run;
  }

  /** Advances until the shift has ended, here or elsewhere. */
  async toTheEnd(run: ShiftRun): Promise<DurableShiftResult> {
    let standing: Standing = { run, waitSeconds: 0, done: false };
    while (!standing.done) {
      if (this.#steps.operations.areShort(standing.run.state)) {
        const next = await this.#endHere(standing.run);
        if ('outcome' in next) return next;
        standing = next;
      } else if (standing.heldAtPercent !== undefined) {
        standing = await this.#passGate(standing, standing.heldAtPercent);
      } else {
        await this.#steps.wait(standing.waitSeconds);
        standing = await this.#advance(standing.run);
      }
    }
    return outcomeOf(standing.run.state);
  }

  async #advance(run: ShiftRun, heard?: () => ApprovalAnswer | undefined): Promise<Standing> {
    this.#advances += 1;
    const retries = isRollingBack(run) ? this.#patiently : this.#soon;
    try {
      return await this.#steps.take(`advance-${this.#advances}`, run, retries, async (signal) => {
        const answer = heard?.();
        if (answer !== undefined) return { state: run.state, answer };
        return workOf(await advanceRun(this.#shifter, run, { signal }));
      });
    } catch (error) {
      return this.#startRollback(run, `The shift cannot proceed: ${messageOf(error)}`);
    }
  }

  /** Asks for an approval. The checks go on meanwhile, and may turn the shift round. */
  async #passGate({ run, ...standing }: Standing, percent: number): Promise<Standing> {
    const gate = await openGate(this.#context, this.#settings, percent);
    this.#steps.operations.add(1);
    try {
      await this.#steps.take(`request-approval-${percent}`, run, this.#soon, async (signal) => {
        await gate.ask(run, signal);
        return { state: run.state };
      });
    } catch (error) {
      const reason = `The approval to go past ${percent} % cannot be asked for: ${messageOf(error)}`;
      return this.#startRollback(run, reason);
    }
    const held = await this.#awaitAnswer({ run, ...standing }, gate);
    if (held.answer === undefined) return held;
    if (held.answer.isApproved) {
      return { run: approve(held.run, percent), waitSeconds: 0, done: false };
    }
    const reason = `The approval to go past ${percent} % was not given: ${held.answer.reason}`;
    return this.#startRollback(held.run, reason);
  }

  /**
   * Looks at the checks until somebody has answered, or the shift has turned round: also while one of them is unclear and more
   * than the approval is missing, because who was asked once may answer then.
   */
  async #awaitAnswer(standing: Standing, gate: Gate): Promise<Standing> {
    const { operations } = this.#steps;
    const place = gatePlace(this.#shifter, standing.run, gate.percent, this.#settings);
    const apart = operations.secondsBetweenLooks(place);
    let held = standing;
    while (held.answer === undefined && held.run.state.phase === 'shifting') {
      const { waitSeconds, secondsLeft = Number.POSITIVE_INFINITY } = held;
      if (operations.areShort(held.run.state)) {
        // Without operations for checks, only the answer is awaited, and the end of the shift's time.
        const end = Number.isFinite(secondsLeft) ? [this.#steps.wait(secondsLeft)] : [];
        await Promise.race([gate.answered, ...end]);
      } else {
        const look = this.#steps.wait(Math.min(Math.max(waitSeconds, apart), secondsLeft));
        await Promise.race([gate.answered, look]);
      }
      held = await this.#advance(held.run, gate.heard);
    }
    return held;
  }

  /** The operations are used up: another execution has operations of its own. */
  async #endHere(run: ShiftRun): Promise<Standing | DurableShiftResult> {
    const { continueIn } = this.#settings;
    if (continueIn === undefined || !this.#mayContinue) {
      return this.#startRollback(run, 'The operations of the durable execution are used up');
    }
    this.#mayContinue = false;
    this.#steps.operations.add(1);
    try {
      return parseResult(await this.#context.invoke('continue', continueIn, { continuedShift: run }));
    } catch (error) {
      const reason = `${continueIn} did not carry the shift on: ${messageOf(error)}`;
      // It may have failed after the shift: when the old version was removed, the way back leads nowhere.
      return mayHaveSucceeded(run) ? this.#halt(run, reason) : this.#startRollback(run, reason);
    }
  }

  async #startRollback(run: ShiftRun, reason: string): Promise<Standing> {
    if (isRollingBack(run)) return this.#halt(run, reason);
    try {
      return await this.#steps.take('roll-back', run, this.#patiently, async (signal) =>
        workOf(await rollBackRun(this.#shifter, run, reason, { signal })),
      );
    } catch (error) {
      return this.#halt(run, `${reason}; and it cannot be rolled back: ${messageOf(error)}`);
    }
  }

  async #halt(run: ShiftRun, reason: string): Promise<Standing> {
    return this.#steps.take('halt', run, this.#soon, async () => {
      const { clock, logger } = this.#settings;
      const { state, events } = halt(run.state, reason, clock.now());
      logger.error('The traffic shift is halted', { resource, incoming: state.incoming, reason });
      return { state, events, done: true };
    });
  }
}

/** Whether the weights that the run explains are those of the end. */
function mayHaveSucceeded({ state: { phase, step, strategy, pendingWeights } }: ShiftRun): boolean {
  const reached = pendingWeights === undefined ? step : step + 1;
  return phase === 'shifting' && reached >= strategy.steps.length - 1;
}

function parseResult(result: unknown): DurableShiftResult {
  const { state, ...rest } = parseInput(
    'Result of the function that carried the shift on',
    resultSchema,
    result,
  );
  return { ...rest, state: parseShiftState(state) };
}
