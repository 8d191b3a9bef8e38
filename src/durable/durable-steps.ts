import { EventFeed } from '../core/event-feed.js';
import type { ShiftEvent } from '../traffic/shift/shift-events.js';
import { type RunProgress, type ShiftRun, secondsLeft } from '../traffic/shift/shift-run.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';
import type { ApprovalAnswer } from './approval.js';
import { DurableOperations } from './durable-operations.js';
import type { Retries } from './retries.js';
import { type DurableSettings, maxWaitSeconds } from './settings.js';
import type { DurableShiftContext } from './types.js';
import { withinInvocation } from './within-invocation.js';

export const resource = 'traffic shift';

/** State of a shift between two steps. */
export interface DriveState {
  readonly run: ShiftRun;
  readonly waitSeconds: number;
  readonly done: boolean;
  readonly heldAtPercent?: number;
  /** Seconds until the request's time is over. */
  readonly secondsLeft?: number;
  /** Answer to the pending approval. */
  readonly answer?: ApprovalAnswer;
}

/** Result of a step's work. */
export interface Work {
  readonly state: ShiftState;
  readonly events?: readonly ShiftEvent[];
  readonly waitSeconds?: number;
  readonly done?: boolean;
  readonly heldAtPercent?: number;
  readonly answer?: ApprovalAnswer;
}

/** Stored result of a step. Leaves out the events, which would fill the execution's storage, and the constant request. */
type Kept = Omit<DriveState, 'run'> & { readonly state: ShiftState; readonly attempt: number };

/** Runs and counts the steps and waits of one shift. Their names follow their order, so that a replay repeats them. */
export class DurableSteps {
  readonly operations: DurableOperations;
  readonly #context: DurableShiftContext;
  readonly #settings: DurableSettings;
  readonly #feed: EventFeed<ShiftEvent, [ShiftState]>;
  #waits = 0;

  constructor(context: DurableShiftContext, settings: DurableSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#feed = new EventFeed({ ...settings, subject: 'shift', resource });
    this.operations = new DurableOperations(settings.operationLimit);
  }

  /** Runs a step, and emits its events. */
  async take(
    name: string,
    run: Omit<ShiftRun, 'state'>,
    { retryStrategy, maxAttempts }: Retries,
    work: (signal: AbortSignal | undefined) => Promise<Work>,
  ): Promise<DriveState> {
    try {
      const { state, attempt, ...current } = await this.#context.step(
        name,
        async (step) => this.#keep(run, step?.attempt ?? 1, await this.#run(work)),
        { retryStrategy },
      );
      this.operations.add(attempt);
      return { ...current, run: { ...run, state } };
    } catch (error) {
      this.operations.add(maxAttempts);
      throw error;
    }
  }

  /** Waits, in whole seconds. */
  async wait(seconds: number): Promise<void> {
    if (seconds <= 0) return;
    this.#waits += 1;
    this.operations.add(1);
    const whole = Math.min(Math.ceil(seconds), maxWaitSeconds);
    await this.#context.wait(`wait-${this.#waits}`, { seconds: whole });
  }

  async #run(work: (signal: AbortSignal | undefined) => Promise<Work>): Promise<Work> {
    const done = await withinInvocation(work, this.#context, this.#settings.clock);
    this.#feed.emit(done.events ?? [], done.state);
    // The function can be suspended for hours after the step.
    await this.#feed.settled(this.#context.lambdaContext?.getRemainingTimeInMillis());
    return done;
  }

  #keep({ request }: Omit<ShiftRun, 'state'>, attempt: number, work: Work): Kept {
    const { state, waitSeconds = 0, done = false, heldAtPercent, answer } = work;
    const left = secondsLeft({ request, state }, this.#settings.clock.now());
    return {
      state,
      attempt,
      done,
      waitSeconds: Math.min(waitSeconds, left),
      ...(Number.isFinite(left) && { secondsLeft: left }),
      ...(heldAtPercent !== undefined && { heldAtPercent }),
      ...(answer && { answer }),
    };
  }
}

/** Result of one shifter call, as returned by a durable step. */
export function workOf({ run, ...progress }: RunProgress): Work {
  return { ...progress, state: run.state };
}
