import { type CallOptions, throwIfAborted } from '../core/aws-call.js';
import { type Clock, systemClock } from '../core/clock.js';
import { messageOf } from '../core/describe-error.js';
import { EventFeed } from '../core/event-feed.js';
import { classifyFailure } from '../core/failures.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { safeClock } from '../core/safe-clock.js';
import { safeLogger } from '../core/safe-logger.js';
import { parseStackReference, partnerOf, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { firstState, requireHealthy, requireNoTraffic, requireNotBeyondEnd } from './shift/begin-shift.js';
import { decideNext, hasEnded, requiredObservation } from './shift/decide-next.js';
import type { Decision, Observation, Reading, ShiftRules } from './shift/decision.js';
import { evaluateChecks } from './shift/evaluate-checks.js';
import { expectedWeights, isExpected } from './shift/expected-weights.js';
import { type LiveWeightsOptions, readUntil, verifyLiveWeights } from './shift/live-weights.js';
import { parseShiftState } from './shift/parse-state.js';
import { plannedCalls } from './shift/planned-calls.js';
import { runShift } from './shift/run-shift.js';
import type { SafeTarget } from './shift/safe-target.js';
import type { ShiftEvent } from './shift/shift-events.js';
import { logShiftEvent, type WriteTimes } from './shift/shift-log.js';
import { outcomeOf, startEvents } from './shift/shift-outcome.js';
import type { ShiftState } from './shift/shift-state.js';
import { acceptWeights, beginRollback, halt, resume } from './shift/shift-transitions.js';
import { adjustToClock } from './shift/step-schedule.js';
import { pendingChecks } from './shift/tally-checks.js';
import { verifyWrite } from './shift/verify-write.js';
import {
  type AdvanceOptions,
  type BeginOptions,
  parseAdvanceOptions,
  parseBeginOptions,
  parseCallOptions,
  parseReason,
  parseRollBackOptions,
  parseShifterOptions,
  parseShiftToOptions,
  type RollBackOptions,
  type ShiftProgress,
  type ShiftResult,
  type ShiftToOptions,
  type TrafficShifterOptions,
} from './shifter-options.js';
import { parseStrategy } from './strategies/strategy-schema.js';
import type { Check, CheckContext, ShiftStrategy, TrafficWeights } from './types.js';
import { areSame } from './weights.js';

/**
 * Moves traffic from one stack of a pair to the other in verified steps, evaluates checks meanwhile, and rolls back when they
 * fail.
 *
 * A shifter stores nothing between two calls. The state is complete, so the process can stop after any call to AWS, and another
 * process can resume from the last state with the same result. Only the two weights are changed. On drift the shift halts and
 * writes nothing more.
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
  readonly #target: SafeTarget;
  readonly #checks: readonly Check[];
  readonly #rules: ShiftRules;
  readonly #minimumHealthyCount: number;
  readonly #propagationSeconds: number;
  readonly #clock: Clock;
  readonly #logger: Logger;

  /** @throws InvalidInputError when an option is missing, unknown or malformed, or when two checks have the same name. */
  constructor(options: TrafficShifterOptions) {
    const { target, checks, policy, rollback, ...limits } = parseShifterOptions(options);
    const { clock = systemClock, logger = silentLogger } = limits;
    this.#target = target;
    this.#checks = checks;
    this.#minimumHealthyCount = limits.minimumHealthyCount;
    this.#propagationSeconds = limits.propagationSeconds;
    this.#clock = safeClock(clock);
    this.#logger = safeLogger(logger);
    this.#rules = {
      policy,
      gates: checks.filter(({ dryRun }) => dryRun !== true).map(({ name }) => name),
      hasChecks: checks.length > 0,
      rollback,
      guardIntervalSeconds: limits.guardIntervalSeconds,
      maxUnverifiedWrites: 3,
      nearestWeights: (weights) => target.nearestWeights(weights),
    };
  }

  /**
   * Returns the live weights.
   *
   * @remarks IAM: the permissions of the target's `readWeights`.
   */
  async getWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    return this.#target.readWeights(parseCallOptions('getWeights options', options));
  }

  /**
   * Reads the target and returns the first state of a shift. Writes nothing yet. The state has succeeded when the stack already
   * has all the traffic.
   *
   * @remarks IAM: the permissions of the target's `readWeights` and `readHealth`.
   * @throws ResourceStateError when the incoming stack already has traffic, has more than a partial strategy ends with, or is not
   * healthy; InvalidInputError for an invalid option or strategy
   */
  async begin(
    incoming: StackReference,
    strategy: ShiftStrategy,
    options: BeginOptions = {},
  ): Promise<ShiftState> {
    const { acceptLiveWeights, signal } = parseBeginOptions(options);
    const stack = parseStackReference(incoming);
    const plan = parseStrategy(strategy);
    const weights = await this.#target.readWeights({ signal });
    const first = firstState(stack, plan, weights, this.#clock.now(), this.#rules);
    requireNotBeyondEnd(this.#target, first, this.#rules);
    if (hasEnded(first)) return first;
    if (!acceptLiveWeights) requireNoTraffic(this.#target, stack, weights);
    await requireHealthy(this.#target, stack, this.#minimumHealthyCount, { signal });
    return first;
  }

  /**
   * Advances a shift: reads the weights and evaluates the checks that are due, decides, writes the weights at most once, and
   * reads them back. Resumes a halted shift where it stopped.
   *
   * Only one caller at a time may advance a shift, always with the newest state.
   *
   * @param state - state of the last call.
   * @param options - the approved share, and a time limit of the whole shift.
   * @remarks IAM: the permissions of the target's `readWeights` and `writeWeights`, and of the checks.
   * @throws InvalidInputError for an invalid option, or a state that is not of this version; the target's errors: call again with
   * the same state
   */
  async advance(state: ShiftState, options: AdvanceOptions = {}): Promise<ShiftProgress> {
    const { holdAtPercent, rollBackAt = Number.POSITIVE_INFINITY, signal } = parseAdvanceOptions(options);
    const now = this.#clock.now();
    const current = resume(adjustToClock(parseShiftState(state), now, this.#rules), now, this.#rules);
    if (now >= rollBackAt && current.phase === 'shifting') {
      return this.#startRollback(current, this.#describeLateness(current, rollBackAt));
    }
    try {
      const observation = await this.#observe(current, { holdAtPercent, signal });
      const decision = decideNext(current, observation, this.#rules);
      return await this.#carryOut(decision, { signal });
    } catch (error) {
      return this.#endAfter(error, current);
    }
  }

  /**
   * Starts a rollback and takes the first step to the initial weights. Continue with {@link advance} until it is done. A halted
   * or succeeded shift can be rolled back as well. A shift that was rolled back stays unchanged, and a rollback in progress
   * continues.
   *
   * When it throws, or the process stops meanwhile, call it again with the same state.
   *
   * @param reason - reason for the events, the log and the result; truncated to 1,000 characters.
   * @remarks IAM: the permissions of the target's `readWeights` and `writeWeights`.
   * @throws InvalidInputError for an invalid option, or a state that is not of this version; the target's errors
   */
  async rollBack(state: ShiftState, reason: string, options: RollBackOptions = {}): Promise<ShiftProgress> {
    const { signal, acceptLiveWeights } = parseRollBackOptions(options);
    const why = parseReason(reason);
    const current = parseShiftState(state);
    if (current.phase === 'rolledBack') return this.advance(current, { signal });
    const started = acceptLiveWeights
      ? await this.#startRollbackFromLive(current, why, signal)
      : this.#startRollback(current, why);
    const { pendingWeights: weights } = started.state;
    // Accepted weights are not read again: several rules with different weights would show drift.
    const progress =
      acceptLiveWeights && weights !== undefined
        ? await this.#carryOut({ action: 'write', state: started.state, weights, events: [] }, { signal })
        : await this.advance(started.state, { signal });
    return { ...progress, events: [...started.events, ...progress.events] };
  }

  /**
   * Runs a whole shift in this process.
   *
   * @param options - `signal` ends the shift early: it is rolled back, or halted (`onAbort`). `haltSignal` ends a rollback as well.
   * @remarks IAM: the permissions of the target and of the checks.
   * @throws InvalidInputError for an invalid option, and the errors of {@link begin}. Later errors roll the shift back or halt it.
   * The error of a clock that cannot sleep is thrown after the shift was rolled back or halted
   */
  async shiftTo(
    incoming: StackReference,
    strategy: ShiftStrategy,
    options: ShiftToOptions = {},
  ): Promise<ShiftResult> {
    const { acceptLiveWeights, signal, onEvent, ...limits } = parseShiftToOptions(options);
    const history: ShiftEvent[] = [];
    const feed = this.#feedOf(onEvent);
    const emit = ({ events, state }: ShiftProgress) => {
      history.push(...events);
      feed.emit(events, state);
    };
    const begun = await this.begin(incoming, strategy, { acceptLiveWeights, signal });
    emit(this.#log(begun, startEvents(begun)));
    const state = await runShift(begun, {
      ...limits,
      resource: this.#target.description,
      clock: this.#clock,
      logger: this.#logger,
      signal,
      haltSignal: limits.haltSignal,
      advance: (from, call) => this.advance(from, call),
      startRollback: (from, reason) => this.#startRollback(from, reason),
      halt: (from, reason) => this.#progressOf(halt(from, reason, this.#clock.now())),
      emit,
    });
    await feed.settled();
    return { ...outcomeOf(state), history };
  }

  /**
   * Returns the maximum number of {@link advance} calls of a shift in which every call succeeds and every check passes, for
   * engines that pay for each call or limit their number.
   *
   * @throws InvalidInputError for an invalid strategy
   */
  plannedCalls(strategy: ShiftStrategy): number {
    return plannedCalls(parseStrategy(strategy), this.#rules);
  }

  #feedOf(onEvent: ShiftToOptions['onEvent']): EventFeed<ShiftEvent, [ShiftState]> {
    const resource = this.#target.description;
    return new EventFeed({ onEvent, subject: 'shift', resource, clock: this.#clock, logger: this.#logger });
  }

  #describeLateness({ tallies, step }: ShiftState, rollBackAt: number): string {
    const { gates, policy } = this.#rules;
    const waiting = step < 0 ? [] : pendingChecks(tallies, gates, policy);
    const last = waiting.length > 0 ? `; not passed yet: ${waiting.join(', ')}` : '';
    return `Not done by ${new Date(rollBackAt).toISOString()}${last}`;
  }

  #startRollback(state: ShiftState, reason: string): ShiftProgress {
    return this.#progressOf(beginRollback(state, reason, this.#clock.now(), this.#rules));
  }

  /** Rules with different weights roll back in one write: a step down for one of them can be a step up for another. */
  async #startRollbackFromLive(
    state: ShiftState,
    reason: string,
    signal: AbortSignal | undefined,
  ): Promise<ShiftProgress> {
    const live = await this.#target.readWeights({ signal, expected: expectedWeights(state) });
    const doRulesDiffer = async () =>
      !areSame(live, await this.#target.readWeights({ signal, expected: [live] }));
    const isAtOnce = this.#rules.rollback === 'atOnce' || (await doRulesDiffer());
    const rules: ShiftRules = isAtOnce ? { ...this.#rules, rollback: 'atOnce' } : this.#rules;
    const accepted = acceptWeights(state, live, rules);
    return this.#progressOf(beginRollback(accepted, reason, this.#clock.now(), rules));
  }

  async #observe(state: ShiftState, { holdAtPercent, signal }: AdvanceOptions): Promise<Observation> {
    const wanted = requiredObservation(state, this.#clock.now(), this.#rules, holdAtPercent);
    const [live, checks] = await Promise.all([
      // Unexpected weights may be a stale response.
      wanted.weights
        ? readUntil(this.#readOptions(state, (reading) => isExpected(state, reading), signal))
        : undefined,
      wanted.checks
        ? evaluateChecks(this.#checks, this.#contextOf(state, signal), this.#target.description)
        : undefined,
    ]);
    return { now: this.#clock.now(), live, checks, holdAtPercent };
  }

  async #carryOut(decision: Decision, { signal }: CallOptions): Promise<ShiftProgress> {
    if (decision.action !== 'write') return this.#progressOf(decision);
    const { state, weights, events } = decision;
    throwIfAborted({ signal, resource: this.#target.description });
    const elapsed = stopwatch(this.#clock);
    try {
      // Without the signal: AWS may still apply an aborted write, after the rollback.
      await this.#target.writeWeights(weights, { isRollback: state.phase === 'rollingBack' });
    } catch (error) {
      if (!(await this.#needsNoWrite(error, state, weights, signal))) throw error;
      const next = verifyWrite(state, { weights }, this.#clock.now(), this.#rules);
      return this.#progressOf({ ...next, events: [...events, ...next.events] });
    }
    const write = { from: state.verifiedWeights, durationMs: elapsed() };
    const written: ShiftEvent = { at: this.#clock.now(), type: 'weightsWritten', weights };
    const isWritten = (reading: Reading) => areSame(weights, reading.weights);
    const live = await readUntil(this.#readOptions(state, isWritten, signal));
    const next = verifyWrite(state, live, this.#clock.now(), this.#rules);
    return this.#progressOf({ ...next, events: [...events, written, ...next.events] }, write);
  }

  /**
   * Ends a shift after a final failure of its target, which is not retried: a shift is rolled back, and a rollback is halted.
   */
  #endAfter(error: unknown, state: ShiftState): ShiftProgress {
    if (classifyFailure(error) !== 'final') throw error;
    const reason = `The shift cannot proceed: ${messageOf(error)}`;
    return state.phase === 'shifting'
      ? this.#startRollback(state, reason)
      : this.#progressOf(halt(state, reason, this.#clock.now()));
  }

  /** True when AWS finally rejects a write that would change nothing: a rollback to weights that are already live. */
  async #needsNoWrite(
    error: unknown,
    state: ShiftState,
    weights: TrafficWeights,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (state.phase !== 'rollingBack' || classifyFailure(error) !== 'final') return false;
    return verifyLiveWeights(
      this.#readOptions(state, (reading) => areSame(weights, reading.weights), signal),
    );
  }

  #readOptions(
    state: ShiftState,
    isWanted: (reading: Reading) => boolean,
    signal: AbortSignal | undefined,
  ): LiveWeightsOptions {
    return {
      target: this.#target,
      clock: this.#clock,
      propagationSeconds: this.#propagationSeconds,
      expected: expectedWeights(state),
      isWanted,
      signal,
    };
  }

  #contextOf(state: ShiftState, signal: AbortSignal | undefined): CheckContext {
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

  #progressOf(decision: Decision, write?: WriteTimes): ShiftProgress {
    const { waitSeconds, heldAtPercent } = decision.action === 'wait' ? decision : { waitSeconds: 0 };
    return {
      ...this.#log(decision.state, decision.events, write),
      waitSeconds,
      done: decision.action === 'end',
      ...(heldAtPercent !== undefined && { heldAtPercent }),
    };
  }

  #log(state: ShiftState, events: readonly ShiftEvent[], write?: WriteTimes): ShiftProgress {
    const context = { resource: this.#target.description, state, write };
    for (const event of events) logShiftEvent(this.#logger, event, context);
    // Separate copies of the state and the events, because the caller owns them from here on.
    return { ...structuredClone({ state }), ...structuredClone({ events }), waitSeconds: 0, done: false };
  }
}
