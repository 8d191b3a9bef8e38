import * as v from 'valibot';
import { type CallOptions, throwIfAborted } from '../core/aws-call.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ResourceStateError, ToolkitError } from '../core/errors.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { sleep } from '../core/poll-until.js';
import { parseStackReference, partnerOf, type StackReference } from '../core/stack-reference.js';
import { parseInput, seconds, wholeNumber } from '../core/validate.js';
import {
  beginRollback,
  type Decision,
  decideNext,
  explainedWeights,
  halt,
  hasEnded,
  type Observation,
  type ShiftRules,
  takeUp,
  unverified,
  verified,
  weightsOfStep,
  whatToObserve,
} from './decide-next.js';
import { evaluateChecks } from './evaluate-checks.js';
import { parseShiftState } from './parse-state.js';
import { type ShiftEvent, type ShiftState, shiftStateVersion } from './shift-state.js';
import { parseStrategy } from './strategies/strategy-schema.js';
import type {
  Check,
  CheckContext,
  CheckPolicy,
  ReadWeightsOptions,
  ShiftStrategy,
  TrafficTarget,
  TrafficWeights,
} from './types.js';
import { areSame, describeWeights } from './weights.js';

/** How a {@link TrafficShifter} is made. */
export interface TrafficShifterOptions {
  /** What the traffic goes through. */
  readonly target: TrafficTarget;
  /**
   * What has to hold while the traffic moves; names are unique.
   * @default none: only the times of the strategy count
   */
  readonly checks?: readonly Check[] | undefined;
  /** When the checks are made, and what is tolerated. */
  readonly policy?: CheckPolicy | undefined;
  /**
   * How a rollback goes back to the weights found at the beginning: in one write, or in steps.
   * @default 'atOnce'
   */
  readonly rollback?:
    | 'atOnce'
    | { readonly stepPercent: number; readonly intervalSeconds: number }
    | undefined;
  /**
   * Instances of the incoming stack that have to be healthy before it gets any traffic, where the target can tell.
   * @default 1
   */
  readonly minimumHealthyCount?: number | undefined;
  /**
   * Seconds that written weights may take to be read back, and that a reading which nobody can explain is doubted.
   * @default 30
   */
  readonly propagationSeconds?: number | undefined;
  /**
   * Where each change is logged to.
   * @default nothing is logged
   */
  readonly logger?: Logger | undefined;
  /**
   * Where the time comes from.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** What {@link TrafficShifter.begin} may be told. */
export interface BeginOptions extends CallOptions {
  /**
   * Begin although the incoming stack has some traffic already: steps below its share are left out.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
}

/** What {@link TrafficShifter.rollBack} may be told. */
export interface RollBackOptions extends CallOptions {
  /**
   * Roll back although the live weights are those of somebody else.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
}

/** What one call of {@link TrafficShifter.advance} came to. */
export interface ShiftProgress {
  /** To be kept, and handed to the next call. */
  readonly state: ShiftState;
  /** Seconds until the next call is worth while; 0: at once. */
  readonly waitSeconds: number;
  /** Nothing happens any more by itself: the shift has succeeded, was rolled back, or is halted. */
  readonly done: boolean;
  /** What happened in this call. */
  readonly events: readonly ShiftEvent[];
}

/** How {@link TrafficShifter.shiftTo} runs. */
export interface ShiftToOptions extends BeginOptions {
  /**
   * What an abort does.
   * @default 'rollBack'
   */
  readonly onAbort?: 'rollBack' | 'halt' | undefined;
  /** Is told everything that happens, as it happens. What it throws is logged and passed over. */
  readonly onEvent?: ((event: ShiftEvent, state: ShiftState) => void) | undefined;
  /**
   * Calls of `advance` that may throw in a row before the shift halts; the next one follows after 10 s.
   * @default 5
   */
  readonly attemptLimit?: number | undefined;
}

/** How a shift ended. */
export interface ShiftResult {
  readonly outcome: 'succeeded' | 'rolledBack' | 'halted';
  readonly state: ShiftState;
  /** Why it was rolled back or halted. */
  readonly reason?: string;
  /** Everything that happened. */
  readonly history: readonly ShiftEvent[];
}

const verifyIntervalSeconds = 2;
const retrySeconds = 10;

const positive = v.pipe(
  v.number(),
  v.check((value) => Number.isInteger(value) && value >= 1, 'a whole number, 1 or more'),
);

const optionsSchema = v.object({
  target: v.object({ description: v.string(), readWeights: v.function(), writeWeights: v.function() }),
  checks: v.optional(
    v.pipe(
      v.array(v.object({ name: v.string(), dryRun: v.optional(v.boolean()), evaluate: v.function() })),
      v.check(
        (checks) => new Set(checks.map(({ name }) => name)).size === checks.length,
        'checks whose names differ',
      ),
    ),
    [],
  ),
  policy: v.optional(
    v.object({
      intervalSeconds: v.optional(
        v.pipe(
          seconds,
          v.check((value) => value > 0, 'more than 0 seconds'),
        ),
        60,
      ),
      initialDelaySeconds: v.optional(seconds, 60),
      failureLimit: v.optional(positive, 1),
      inconclusiveLimit: v.optional(positive, 5),
      errorLimit: v.optional(positive, 3),
      successesNeeded: v.optional(positive, 1),
    }),
    {},
  ),
  rollback: v.optional(
    v.union([
      v.literal('atOnce'),
      v.object({
        stepPercent: v.pipe(
          v.number(),
          v.check((value) => value > 0 && value <= 100, 'a percentage above 0, at most 100'),
        ),
        intervalSeconds: seconds,
      }),
    ]),
    'atOnce',
  ),
  minimumHealthyCount: v.optional(wholeNumber, 1),
  propagationSeconds: v.optional(seconds, 30),
});

/**
 * Moves traffic from one stack of a pair to the other in verified steps, watches checks meanwhile, and rolls back.
 *
 * It keeps nothing between two calls: everything is in the state, so the process may stop after any call to AWS, and
 * whoever takes the last state up comes to the same end. Only the two weights are ever changed; live weights that it cannot
 * explain make it halt and write nothing more.
 *
 * @example
 * ```ts
 * import { AlbListenerRuleTarget, canary, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * const shifter = new TrafficShifter({
 *   target: new AlbListenerRuleTarget({
 *     ruleArns: [process.env['RULE_ARN'] ?? ''],
 *     blue: { targetGroupArn: process.env['BLUE_TARGET_GROUP_ARN'] ?? '' },
 *     green: { targetGroupArn: process.env['GREEN_TARGET_GROUP_ARN'] ?? '' },
 *   }),
 * });
 *
 * const { outcome } = await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));
 * ```
 */
export class TrafficShifter {
  readonly #target: TrafficTarget;
  readonly #checks: readonly Check[];
  readonly #rules: ShiftRules;
  readonly #minimumHealthyCount: number;
  readonly #propagationSeconds: number;
  readonly #clock: Clock;
  readonly #logger: Logger;

  /** @throws InvalidInputError when an option is missing or malformed, or when two checks have the same name. */
  constructor(options: TrafficShifterOptions) {
    const parsed = parseInput('TrafficShifter options', optionsSchema, options);
    this.#target = options.target;
    this.#checks = options.checks ?? [];
    this.#minimumHealthyCount = parsed.minimumHealthyCount;
    this.#propagationSeconds = parsed.propagationSeconds;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#rules = {
      policy: parsed.policy,
      gates: this.#checks.filter(({ dryRun }) => dryRun !== true).map(({ name }) => name),
      hasChecks: this.#checks.length > 0,
      rollback: parsed.rollback,
      unverifiedWriteLimit: 3,
      nearestWeights: (weights) => options.target.nearestWeights?.(weights) ?? weights,
    };
  }

  /**
   * The weights that are live now.
   *
   * @remarks IAM: what the target's `readWeights` needs.
   */
  async getWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    return this.#target.readWeights(options);
  }

  /**
   * Looks at the target and gives the state that a shift begins with; nothing is written yet. A stack that has all the
   * traffic already gives a state that has succeeded.
   *
   * @remarks IAM: what the target's `readWeights` and `readHealth` need.
   * @throws ResourceStateError when the incoming stack has some traffic already, or is not healthy; InvalidInputError for a
   * strategy that cannot be carried out
   */
  async begin(
    incoming: StackReference,
    strategy: ShiftStrategy,
    options: BeginOptions = {},
  ): Promise<ShiftState> {
    const reference = parseStackReference(incoming);
    const plan = parseStrategy(strategy);
    const weights = await this.#target.readWeights(options);
    const share = weights[reference];
    const first: ShiftState = {
      version: shiftStateVersion,
      phase: 'shifting',
      incoming: reference,
      strategy: plan,
      initialWeights: weights,
      verifiedWeights: weights,
      verifiedAt: this.#clock.now(),
      step: -1,
      unverifiedWrites: 0,
      nextCheckAt: this.#clock.now() + this.#rules.policy.initialDelaySeconds * 1000,
      tallies: {},
      startedAt: this.#clock.now(),
    };
    if (share >= 100) return { ...first, phase: 'succeeded', step: plan.steps.length - 1 };
    if (share > 0 && options.acceptLiveWeights !== true) throw this.#alreadyUnderWay(reference, weights);
    await this.#requireHealthy(reference, options);
    const step = plan.steps.findLastIndex(
      (_, index) => weightsOfStep(first, index, this.#rules)[reference] <= share,
    );
    if (step >= 0) return { ...first, step };
    return { ...first, announcedWeights: weightsOfStep(first, 0, this.#rules) };
  }

  /**
   * Takes a shift one step on: looks at what has to be looked at, decides, makes at most one change of the weights, and
   * reads it back. A halted shift is taken up where it stopped.
   *
   * @param state - what the last call gave.
   * @remarks IAM: what the target's `readWeights` and `writeWeights` and the checks need.
   * @throws InvalidInputError for a state that is none of this version's; the target's errors: then the same state can be
   * handed in again
   */
  async advance(state: ShiftState, options: CallOptions = {}): Promise<ShiftProgress> {
    const current = takeUp(parseShiftState(state));
    const observation = await this.#observe(current, options);
    return this.#carryOut(decideNext(current, observation, this.#rules), options);
  }

  /**
   * Turns a shift round and takes the first step back to the weights found at its beginning; go on with
   * {@link advance} until it is done. A halted or succeeded shift can be rolled back as well; one that was rolled back
   * stays so.
   *
   * @param reason - for the events, the log and the result.
   * @remarks IAM: what the target's `readWeights` and `writeWeights` need.
   * @throws InvalidInputError for a state that is none of this version's; the target's errors
   */
  async rollBack(state: ShiftState, reason: string, options: RollBackOptions = {}): Promise<ShiftProgress> {
    const current = parseShiftState(state);
    if (current.phase === 'rolledBack') return { state: current, waitSeconds: 0, done: true, events: [] };
    const known = options.acceptLiveWeights
      ? { ...current, abandonedWeights: await this.#target.readWeights(options) }
      : current;
    const turned = beginRollback(known, reason, this.#clock.now(), this.#rules);
    const progress = await this.advance(turned.state, options);
    return { ...progress, events: [...turned.events, ...progress.events] };
  }

  /**
   * Carries a whole shift out in this process.
   *
   * @param options - `signal` ends it early: it is rolled back, or halted where it is (`onAbort`).
   * @remarks IAM: what the target and the checks need.
   * @throws what {@link begin} throws; later errors end in a result
   */
  async shiftTo(
    incoming: StackReference,
    strategy: ShiftStrategy,
    options: ShiftToOptions = {},
  ): Promise<ShiftResult> {
    const history: ShiftEvent[] = [];
    const tell = (progress: ShiftProgress): ShiftState => {
      for (const event of progress.events) {
        history.push(event);
        this.#tell(event, progress.state, options);
      }
      return progress.state;
    };
    const begun = await this.begin(incoming, strategy, options);
    const started: ShiftEvent = {
      at: begun.startedAt,
      type: 'started',
      incoming: begun.incoming,
      weights: begun.initialWeights,
      strategy: begun.strategy.name,
    };
    let state = tell({ state: begun, waitSeconds: 0, done: false, events: [started] });
    state = await this.#runToEnd(state, tell, options);
    const outcome = state.phase === 'succeeded' || state.phase === 'rolledBack' ? state.phase : 'halted';
    return {
      outcome,
      state,
      history,
      ...(outcome !== 'succeeded' && state.reason !== undefined && { reason: state.reason }),
    };
  }

  /** Advances until the end. What goes wrong too often turns the shift round; what goes wrong on the way back halts it. */
  async #runToEnd(
    begun: ShiftState,
    tell: (progress: ShiftProgress) => ShiftState,
    options: ShiftToOptions,
  ): Promise<ShiftState> {
    const resource = this.#target.description;
    let { signal } = options;
    let state = begun;
    let failures = 0;
    while (!hasEnded(state)) {
      try {
        throwIfAborted({ signal, resource });
        const progress = await this.advance(state, { signal });
        failures = 0;
        state = tell(progress);
        if (!progress.done) await sleep(this.#clock, progress.waitSeconds * 1000, { signal, resource });
      } catch (error) {
        const isAborted = signal?.aborted === true;
        failures += 1;
        if (isAborted || isHopeless(error) || failures >= (options.attemptLimit ?? 5)) {
          const reason = isAborted
            ? `Aborted: ${messageOf(signal?.reason)}`
            : `The shift cannot go on: ${messageOf(error)}`;
          state = tell(progressOf(this.#giveUp(state, reason, isAborted && options.onAbort === 'halt')));
          failures = 0;
          signal = undefined;
        } else {
          this.#logger.warn('A step of the shift failed and is tried again', {
            resource,
            error: messageOf(error),
          });
          await this.#clock.sleep(retrySeconds * 1000);
        }
      }
    }
    return state;
  }

  #giveUp(state: ShiftState, reason: string, mayNotWrite: boolean): Decision {
    const now = this.#clock.now();
    return mayNotWrite || state.phase === 'rollingBack'
      ? halt(state, reason, now)
      : beginRollback(state, reason, now, this.#rules);
  }

  async #observe(state: ShiftState, options: CallOptions): Promise<Observation> {
    const wanted = whatToObserve(state, this.#clock.now(), this.#rules);
    const [weights, checks] = await Promise.all([
      wanted.weights ? this.#readExplained(state, options) : undefined,
      wanted.checks ? evaluateChecks(this.#checks, this.#contextOf(state, options)) : undefined,
    ]);
    return { now: this.#clock.now(), ...(weights && { weights }), ...(checks && { checks }) };
  }

  /** Weights that nobody can explain may be an old answer, so they are read again for a while before they count. */
  async #readExplained(state: ShiftState, options: CallOptions): Promise<TrafficWeights> {
    const explained = explainedWeights(state);
    return this.#readUntil((weights) => explained.some((it) => areSame(weights, it)), {
      ...options,
      explained,
    });
  }

  async #carryOut(decision: Decision, options: CallOptions): Promise<ShiftProgress> {
    if (decision.action !== 'write') return this.#log(progressOf(decision));
    const { state, weights, events } = decision;
    await this.#target.writeWeights(weights, options);
    const written: ShiftEvent = { at: this.#clock.now(), type: 'weightsWritten', weights };
    const seen = await this.#readUntil((live) => areSame(live, weights), {
      ...options,
      explained: explainedWeights(state),
    });
    const now = this.#clock.now();
    const next = areSame(seen, weights)
      ? verified(state, seen, now, this.#rules)
      : unverified(state, seen, now, this.#rules);
    return this.#log(progressOf({ ...next, events: [...events, written, ...next.events] }));
  }

  async #readUntil(
    isWanted: (weights: TrafficWeights) => boolean,
    options: ReadWeightsOptions,
  ): Promise<TrafficWeights> {
    const deadline = this.#clock.now() + this.#propagationSeconds * 1000;
    for (;;) {
      const weights = await this.#target.readWeights(options);
      if (isWanted(weights) || this.#clock.now() >= deadline) return weights;
      await sleep(this.#clock, verifyIntervalSeconds * 1000, {
        signal: options.signal,
        resource: this.#target.description,
      });
    }
  }

  #contextOf(state: ShiftState, { signal }: CallOptions): CheckContext {
    return {
      incoming: state.incoming,
      outgoing: partnerOf(state.incoming),
      weights: state.verifiedWeights,
      weightsSince: state.verifiedAt,
      now: this.#clock.now(),
      clock: this.#clock,
      logger: this.#logger,
      signal,
    };
  }

  async #requireHealthy(incoming: StackReference, options: CallOptions): Promise<void> {
    const health = await this.#target.readHealth?.(incoming, options);
    if (health === undefined || health.healthy >= this.#minimumHealthyCount) return;
    throw new ResourceStateError(`The ${incoming} stack is not ready for traffic`, {
      resource: this.#target.description,
      expected: `${this.#minimumHealthyCount} or more healthy`,
      seen: `${health.healthy} of ${health.total}${health.detail ? ` (${health.detail})` : ''}`,
      remedy: 'Bring the stack up first, or lower minimumHealthyCount',
    });
  }

  #alreadyUnderWay(incoming: StackReference, weights: TrafficWeights): ResourceStateError {
    return new ResourceStateError(`The ${incoming} stack has traffic already`, {
      resource: this.#target.description,
      expected: `${incoming} 0 %`,
      seen: describeWeights(weights),
      remedy:
        'Another shift may be under way, or was left half-way: roll it back, or begin with acceptLiveWeights',
    });
  }

  #log(progress: ShiftProgress): ShiftProgress {
    for (const { type, at: _at, ...data } of progress.events) {
      if (type === 'checkEvaluated')
        this.#logger.debug('Evaluated check', { resource: this.#target.description, ...data });
      else this.#logger.info(`Traffic shift: ${type}`, { resource: this.#target.description, ...data });
    }
    return progress;
  }

  #tell(event: ShiftEvent, state: ShiftState, { onEvent }: ShiftToOptions): void {
    try {
      onEvent?.(event, state);
    } catch (error) {
      this.#logger.error('The listener of the shift threw', { error: messageOf(error) });
    }
  }
}

function progressOf(decision: Decision): ShiftProgress {
  const { state, events } = decision;
  return {
    state,
    events,
    waitSeconds: decision.action === 'wait' ? decision.waitSeconds : 0,
    done: decision.action === 'end',
  };
}

/** A missing permission does not come by itself. */
function isHopeless(error: unknown): boolean {
  return ToolkitError.isInstance(error) && error.code === 'ACCESS_DENIED';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
