import { EventFeed } from '../core/event-feed.js';
import { maxSeconds } from '../core/schemas.js';
import type { SafeResumable } from '../resumable/safe-resumable.js';
import { type Standing, standingOf } from '../resumable/standing.js';
import type { HeldAt, Outcome, Progress } from '../resumable/types.js';
import type { ApprovalAnswer } from './approval.js';
import type { Before } from './before.js';
import { DurableOperations } from './durable-operations.js';
import type { Retries } from './retries.js';
import type { DurableSettings } from './settings.js';
import type { DurableChangeContext } from './types.js';
import { withinInvocation } from './within-invocation.js';

/** State of a change between two steps. */
export interface DriveState<State> extends Standing {
  readonly state: State;
  readonly approved: readonly string[];
  readonly waitSeconds: number;
  readonly outcome?: Outcome;
  readonly heldAt?: HeldAt;
  /** True when the change may succeed elsewhere without a trace that a rollback would notice. */
  readonly mayHaveSucceeded: boolean;
  /** Seconds until the pending approval expires. */
  readonly secondsLeft?: number;
  /** Answer to the pending approval. */
  readonly answer?: ApprovalAnswer;
}

/** Result of a step's work. */
export interface Work<State, Event> extends Partial<Omit<Progress<State, Event>, 'state'>> {
  readonly state: State;
  readonly answer?: ApprovalAnswer;
  /** Facts that the driver knows; the former ones by default. */
  readonly standing?: Standing;
}

/** Stored result of a step. Leaves out the events, which would fill the execution's storage, and the constant request. */
type Kept<State> = Omit<DriveState<State>, 'approved'> & { readonly attempt: number };

/** Runs and counts the steps and waits of one change. Their names follow their order, so that a replay repeats them. */
export class DurableSteps<Request, State, Event> {
  readonly operations: DurableOperations;
  readonly #context: DurableChangeContext;
  readonly #resumable: SafeResumable<Request, State, Event>;
  readonly #settings: DurableSettings<State, Event>;
  readonly #feed: EventFeed<Event, [State]>;
  #waits = 0;

  constructor(
    context: DurableChangeContext,
    resumable: SafeResumable<Request, State, Event>,
    settings: DurableSettings<State, Event>,
  ) {
    this.#context = context;
    this.#resumable = resumable;
    this.#settings = settings;
    this.#feed = new EventFeed({ ...settings, subject: 'change', resource: resumable.description });
    this.operations = new DurableOperations(settings.operationLimit);
  }

  /** Runs a step, and emits its events. */
  async take(
    name: string,
    before: Before,
    { retryStrategy, maxAttempts }: Retries,
    work: (signal: AbortSignal | undefined) => Promise<Work<State, Event>>,
  ): Promise<DriveState<State>> {
    try {
      const { attempt, ...current } = await this.#context.step(
        name,
        async (step) => this.#keep(before, step?.attempt ?? 1, await this.#run(work)),
        { retryStrategy },
      );
      this.operations.add(attempt);
      return { ...current, approved: before.approved };
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
    const whole = Math.min(Math.ceil(seconds), maxSeconds);
    await this.#context.wait(`wait-${this.#waits}`, { seconds: whole });
  }

  async #run(
    work: (signal: AbortSignal | undefined) => Promise<Work<State, Event>>,
  ): Promise<Work<State, Event>> {
    const done = await withinInvocation(work, this.#context, this.#settings.clock);
    this.#feed.emit(done.events ?? [], done.state);
    // The function can be suspended for hours after the step.
    await this.#feed.settled(this.#context.lambdaContext?.getRemainingTimeInMillis());
    return done;
  }

  #keep(before: Before, attempt: number, work: Work<State, Event>): Kept<State> {
    const { state, waitSeconds = 0, heldAt, answer, standing = before } = work;
    const { logger, clock } = this.#settings;
    const {
      isComplete: _isComplete,
      details: _details,
      ...full
    } = standingOf(this.#resumable, work, standing, logger);
    const expiresAt = heldAt?.expiresAt ?? before.expiresAt;
    return {
      ...full,
      state,
      attempt,
      waitSeconds,
      ...(expiresAt !== undefined && { secondsLeft: Math.max(0, (expiresAt - clock.now()) / 1000) }),
      ...(heldAt && { heldAt }),
      ...(answer && { answer }),
    };
  }
}
