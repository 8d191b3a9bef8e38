import * as v from 'valibot';
import { messageOf } from '../../core/describe-error.js';
import { parseInput } from '../../core/validate.js';
import { parseShiftState } from '../parse-state.js';
import {
  advanceCourse,
  approve,
  beginCourse,
  isOnTheWayBack,
  rollBackCourse,
  type ShiftCourse,
} from '../shift-course.js';
import { outcomeOf, startOf } from '../shift-outcome.js';
import type { ResolvedShiftRequest } from '../shift-request.js';
import { halt } from '../turn-shift.js';
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
    this.#soon = retrySoon(settings.attemptLimit);
    this.#patiently = retryPatiently(settings.rollbackAttemptLimit);
  }

  /** The course that the request begins with. */
  async begin(request: ResolvedShiftRequest): Promise<ShiftCourse> {
    const { course } = await this.#steps.take('begin', { request }, this.#soon, async (signal) => {
      const { state } = await beginCourse(this.#shifter, request, { signal });
      return { state, events: startOf(state) };
    });
    return course;
  }

  /** Advances until the shift has ended, here or elsewhere. */
  async toTheEnd(course: ShiftCourse): Promise<DurableShiftResult> {
    let standing: Standing = { course, waitSeconds: 0, done: false };
    while (!standing.done) {
      if (this.#steps.operations.areShort(standing.course.state)) {
        const next = await this.#endHere(standing.course);
        if ('outcome' in next) return next;
        standing = next;
      } else if (standing.heldAtPercent !== undefined) {
        standing = await this.#passGate(standing, standing.heldAtPercent);
      } else {
        await this.#steps.wait(standing.waitSeconds);
        standing = await this.#advance(standing.course);
      }
    }
    return outcomeOf(standing.course.state);
  }

  async #advance(course: ShiftCourse, heard?: () => ApprovalAnswer | undefined): Promise<Standing> {
    this.#advances += 1;
    const retries = isOnTheWayBack(course) ? this.#patiently : this.#soon;
    try {
      return await this.#steps.take(`advance-${this.#advances}`, course, retries, async (signal) => {
        const answer = heard?.();
        if (answer !== undefined) return { state: course.state, answer };
        return workOf(await advanceCourse(this.#shifter, course, { signal }));
      });
    } catch (error) {
      return this.#turnRound(course, `The shift cannot go on: ${messageOf(error)}`);
    }
  }

  /** Asks for an approval. The checks go on meanwhile, and may turn the shift round. */
  async #passGate({ course, ...standing }: Standing, percent: number): Promise<Standing> {
    const gate = await openGate(this.#context, this.#settings, percent);
    this.#steps.operations.add(1);
    try {
      await this.#steps.take(`request-approval-${percent}`, course, this.#soon, async (signal) => {
        await gate.ask(course, signal);
        return { state: course.state };
      });
    } catch (error) {
      const reason = `The approval to go past ${percent} % cannot be asked for: ${messageOf(error)}`;
      return this.#turnRound(course, reason);
    }
    const held = await this.#awaitAnswer({ course, ...standing }, gate);
    if (held.answer === undefined) return held;
    if (held.answer.isApproved) {
      return { course: approve(held.course, percent), waitSeconds: 0, done: false };
    }
    const reason = `The approval to go past ${percent} % was not given: ${held.answer.reason}`;
    return this.#turnRound(held.course, reason);
  }

  /**
   * Looks at the checks until somebody has answered, or the shift has turned round: also while one of them is unclear and more
   * than the approval is missing, because who was asked once may answer then.
   */
  async #awaitAnswer(standing: Standing, gate: Gate): Promise<Standing> {
    const { operations } = this.#steps;
    const place = gatePlace(this.#shifter, standing.course, gate.percent, this.#settings);
    const apart = operations.secondsBetweenLooks(place);
    let held = standing;
    while (held.answer === undefined && held.course.state.phase === 'shifting') {
      const { waitSeconds, secondsLeft = Number.POSITIVE_INFINITY } = held;
      if (operations.areShort(held.course.state)) {
        // Without operations for checks, only the answer is awaited, and the end of the shift's time.
        const end = Number.isFinite(secondsLeft) ? [this.#steps.wait(secondsLeft)] : [];
        await Promise.race([gate.answered, ...end]);
      } else {
        const look = this.#steps.wait(Math.min(Math.max(waitSeconds, apart), secondsLeft));
        await Promise.race([gate.answered, look]);
      }
      held = await this.#advance(held.course, gate.heard);
    }
    return held;
  }

  /** The operations are used up: another execution has operations of its own. */
  async #endHere(course: ShiftCourse): Promise<Standing | DurableShiftResult> {
    const { continueIn } = this.#settings;
    if (continueIn === undefined || !this.#mayContinue) {
      return this.#turnRound(course, 'The operations of the durable execution are used up');
    }
    this.#mayContinue = false;
    this.#steps.operations.add(1);
    try {
      return parseResult(await this.#context.invoke('continue', continueIn, { continuedShift: course }));
    } catch (error) {
      const reason = `${continueIn} did not carry the shift on: ${messageOf(error)}`;
      // It may have failed after the shift: when the old version was removed, the way back leads nowhere.
      return mayHaveSucceeded(course) ? this.#halt(course, reason) : this.#turnRound(course, reason);
    }
  }

  async #turnRound(course: ShiftCourse, reason: string): Promise<Standing> {
    if (isOnTheWayBack(course)) return this.#halt(course, reason);
    try {
      return await this.#steps.take('roll-back', course, this.#patiently, async (signal) =>
        workOf(await rollBackCourse(this.#shifter, course, reason, { signal })),
      );
    } catch (error) {
      return this.#halt(course, `${reason}; and it cannot be rolled back: ${messageOf(error)}`);
    }
  }

  async #halt(course: ShiftCourse, reason: string): Promise<Standing> {
    return this.#steps.take('halt', course, this.#soon, async () => {
      const { clock, logger } = this.#settings;
      const { state, events } = halt(course.state, reason, clock.now());
      logger.error('The traffic shift is halted', { resource, incoming: state.incoming, reason });
      return { state, events, done: true };
    });
  }
}

/** Whether the weights that the course explains are those of the end. */
function mayHaveSucceeded({ state: { phase, step, strategy, announcedWeights } }: ShiftCourse): boolean {
  const reached = announcedWeights === undefined ? step : step + 1;
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
