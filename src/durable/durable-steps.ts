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

/** What the log lines are about: which target it is, only the shifter knows. */
export const resource = 'traffic shift';

/** How a shift stands, and when the next step is worth while. */
export interface Standing {
  readonly run: ShiftRun;
  readonly waitSeconds: number;
  readonly done: boolean;
  readonly heldAtPercent?: number;
  /** Seconds until the request's time is over. */
  readonly secondsLeft?: number;
  /** Who was asked for an approval has answered. */
  readonly answer?: ApprovalAnswer;
}

/** What a step's work comes to. */
export interface Work {
  readonly state: ShiftState;
  readonly events?: readonly ShiftEvent[];
  readonly waitSeconds?: number;
  readonly done?: boolean;
  readonly heldAtPercent?: number;
  readonly answer?: ApprovalAnswer;
}

/** What a step's result is: no events, which would fill the execution's storage, and no request, which never changes. */
type Kept = Omit<Standing, 'run'> & { readonly state: ShiftState; readonly attempt: number };

/** The steps and waits of one shift: named in their order, so that a replay gives the same names, and counted. */
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

  /** Runs a step, and tells the listener what happened in it. */
  async take(
    name: string,
    run: Omit<ShiftRun, 'state'>,
    { retryStrategy, maxAttempts }: Retries,
    work: (signal: AbortSignal | undefined) => Promise<Work>,
  ): Promise<Standing> {
    try {
      const { state, attempt, ...standing } = await this.#context.step(
        name,
        async (step) => this.#keep(run, step?.attempt ?? 1, await this.#run(work)),
        { retryStrategy },
      );
      this.operations.add(attempt);
      return { ...standing, run: { ...run, state } };
    } catch (error) {
      this.operations.add(maxAttempts);
      throw error;
    }
  }

  /** Lets the time pass, in whole seconds. */
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
    // After the step the function may sleep for hours.
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

/** What a call of the shifter came to, as a step's work. */
export function workOf({ run, ...progress }: RunProgress): Work {
  return { ...progress, state: run.state };
}
