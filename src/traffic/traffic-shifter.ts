import { type CallOptions, throwIfAborted } from '../core/aws-call.js';
import { type Clock, systemClock } from '../core/clock.js';
import { messageOf } from '../core/describe-error.js';
import { classifyFailure } from '../core/failures.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { safeClock } from '../core/safe-clock.js';
import { safeLogger } from '../core/safe-logger.js';
import { partnerOf, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import type { DrivenChange } from '../resumable/change-run.js';
import { runInProcess } from '../resumable/run-in-process.js';
import type { AdvanceOptions, Resumable, StateSummary } from '../resumable/types.js';
import { firstState, requireHealthy, requireNoTraffic, requireNotBeyondEnd } from './shift/begin-shift.js';
import { decideNext, hasEnded, requiredObservation } from './shift/decide-next.js';
import type { Decision, Observation, Reading, ShiftRules } from './shift/decision.js';
import { evaluateChecks } from './shift/evaluate-checks.js';
import { expectedWeights, isExpected } from './shift/expected-weights.js';
import { type LiveWeightsOptions, readUntil, verifyLiveWeights } from './shift/live-weights.js';
import { parseShiftState } from './shift/parse-state.js';
import { plannedCalls } from './shift/planned-calls.js';
import type { SafeTarget } from './shift/safe-target.js';
import type { ShiftEvent } from './shift/shift-events.js';
import { heldAtOf, keyOfApproval, limitsOf, type ShiftLimits } from './shift/shift-limits.js';
import { logShiftEvent, type WriteTimes } from './shift/shift-log.js';
import { outcomeOf, startEvents, summarizeShift } from './shift/shift-outcome.js';
import { parseShiftRequest, type ShiftRequest } from './shift/shift-request.js';
import type { ShiftState } from './shift/shift-state.js';
import { acceptWeights, beginRollback, halt, resume } from './shift/shift-transitions.js';
import { adjustToClock } from './shift/step-schedule.js';
import { pendingChecks } from './shift/tally-checks.js';
import { verifyWrite } from './shift/verify-write.js';
import {
  parseAdvanceOptions,
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
export class TrafficShifter implements Resumable<ShiftRequest, ShiftState, ShiftEvent> {
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

  /** Name of the target. */
  get description(): string {
    return this.#target.description;
  }

  /**
   * Validates a request from JSON and resolves its strategy.
   *
   * @throws InvalidInputError which names every invalid or unknown field
   */
  parseRequest(value: unknown): ShiftRequest {
    return parseShiftRequest(value);
  }

  /**
   * Validates a stored state.
   *
   * @throws InvalidInputError which names every invalid field; also for a state of another version
   */
  parseState(value: unknown): ShiftState {
    return parseShiftState(value);
  }

  /**
   * Reads the target and returns the first state of a shift. Writes nothing yet. The state has succeeded when the stack already
   * has all the traffic.
   *
   * @param request - the shift. Its approvals and its time limit are part of the state.
   * @remarks IAM: the permissions of the target's `readWeights` and `readHealth`.
   * @throws ResourceStateError when the incoming stack already has traffic, has more than a partial strategy ends with, or is not
   * healthy; InvalidInputError for an invalid option or request
   */
  async begin(request: ShiftRequest, options: CallOptions = {}): Promise<ShiftState> {
    const { signal } = parseCallOptions('begin options', options);
    const parsed = parseShiftRequest(request);
    const { incoming, acceptLiveWeights } = parsed;
    const weights = await this.#target.readWeights({ signal });
    const first = firstState(parsed, weights, this.#clock.now(), this.#rules);
    requireNotBeyondEnd(this.#target, first, this.#rules);
    if (hasEnded(first)) return first;
    if (!acceptLiveWeights) requireNoTraffic(this.#target, incoming, weights);
    await requireHealthy(this.#target, incoming, this.#minimumHealthyCount, { signal });
    return first;
  }

  /**
   * Advances a shift: reads the weights and evaluates the checks that are due, decides, writes the weights at most once, and
   * reads them back. Resumes a halted shift where it stopped.
   *
   * Only one caller at a time may advance a shift, always with the newest state.
   *
   * @param state - state of the last call.
   * @param options - the approved shares, and a time limit of the whole shift.
   * @remarks IAM: the permissions of the target's `readWeights` and `writeWeights`, and of the checks.
   * @throws InvalidInputError for an invalid option, or a state that is not of this version; the target's errors: call again with
   * the same state
   */
  async advance(state: ShiftState, options: AdvanceOptions = {}): Promise<ShiftProgress> {
    const { signal, ...given } = parseAdvanceOptions(options);
    const parsed = parseShiftState(state);
    const limits = limitsOf(parsed, given);
    const now = this.#clock.now();
    const current = resume(adjustToClock(parsed, now, this.#rules), now, this.#rules);
    if (now >= limits.rollBackAt && current.phase === 'shifting') {
      return this.#startRollback(current, this.#describeLateness(current, limits.rollBackAt));
    }
    try {
      const observation = await this.#observe(current, limits, signal);
      const decision = decideNext(current, observation, this.#rules);
      return await this.#carryOut(decision, { signal, limits });
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
    const why = parseReason('rollBack', reason);
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
   * Halts a shift: nothing more is written until {@link advance} resumes it, or {@link rollBack} rolls it back. A shift that has
   * ended stays unchanged.
   *
   * @param reason - reason for the events, the log and the result; truncated to 1,000 characters.
   * @throws InvalidInputError for a reason that is not text, or a state that is not of this version
   */
  halt(state: ShiftState, reason: string): ShiftProgress {
    const why = parseReason('halt', reason);
    const current = parseShiftState(state);
    return this.#progressOf(
      hasEnded(current)
        ? { action: 'end', state: current, events: [] }
        : halt(current, why, this.#clock.now()),
    );
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
    const { acceptLiveWeights, ...settings } = parseShiftToOptions(options);
    const request = parseShiftRequest({ incoming, strategy: parseStrategy(strategy), acceptLiveWeights });
    return runInProcess(this.#inProcess(), request, {
      ...settings,
      subject: 'shift',
      approved: [],
      clock: this.#clock,
      logger: this.#logger,
    });
  }

  /**
   * Returns the maximum number of {@link advance} calls of a shift in which every call succeeds, every check passes and every
   * approval is given, for drivers that pay for each call or limit their number.
   *
   * @throws InvalidInputError for an invalid request
   */
  plannedCalls(request: ShiftRequest): number {
    return plannedCalls(parseShiftRequest(request), this.#rules);
  }

  /**
   * Returns the keys of the approvals that a shift needs, ascending.
   *
   * @throws InvalidInputError for an invalid request
   */
  plannedApprovals(request: ShiftRequest): string[] {
    return parseShiftRequest(request).approvalPercents.map(keyOfApproval);
  }

  /**
   * Returns the events of a shift that has just begun.
   *
   * @throws InvalidInputError for a state that is not of this version
   */
  startEvents(state: ShiftState): ShiftEvent[] {
    return startEvents(parseShiftState(state));
  }

  /**
   * Summarizes a state: `details` has its `phase`, the `incoming` stack and its last verified share, `incomingPercent`.
   *
   * @throws InvalidInputError for a state that is not of this version
   */
  summarize(state: ShiftState): StateSummary {
    return summarizeShift(parseShiftState(state));
  }

  /** A run in this process starts a rollback without a write: the next step writes and is retried like any other. */
  #inProcess(): DrivenChange<ShiftRequest, ShiftState, ShiftEvent> {
    return {
      description: this.description,
      begin: (request, options) => this.begin(request, options),
      advance: (state, options) => this.advance(state, options),
      rollBack: async (state, reason) => this.#startRollback(state, reason),
      halt: (state, reason) => this.halt(state, reason),
      startEvents: (state) => this.#log(state, this.startEvents(state)).events,
      summarize: (state) => this.summarize(state),
    };
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

  async #observe(
    state: ShiftState,
    { holdAtPercent }: ShiftLimits,
    signal: AbortSignal | undefined,
  ): Promise<Observation> {
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

  async #carryOut(
    decision: Decision,
    { signal, limits }: CallOptions & { readonly limits?: ShiftLimits },
  ): Promise<ShiftProgress> {
    if (decision.action !== 'write') return this.#progressOf(decision, { limits });
    const { state, weights, events } = decision;
    throwIfAborted({ signal, resource: this.#target.description });
    const elapsed = stopwatch(this.#clock);
    try {
      // Without the signal: AWS may still apply an aborted write, after the rollback.
      await this.#target.writeWeights(weights, { isRollback: state.phase === 'rollingBack' });
    } catch (error) {
      if (!(await this.#needsNoWrite(error, state, weights, signal))) throw error;
      const next = verifyWrite(state, { weights }, this.#clock.now(), this.#rules);
      return this.#progressOf({ ...next, events: [...events, ...next.events] }, { limits });
    }
    const write = { from: state.verifiedWeights, durationMs: elapsed() };
    const written: ShiftEvent = { at: this.#clock.now(), type: 'weightsWritten', weights };
    const isWritten = (reading: Reading) => areSame(weights, reading.weights);
    const live = await readUntil(this.#readOptions(state, isWritten, signal));
    const next = verifyWrite(state, live, this.#clock.now(), this.#rules);
    return this.#progressOf({ ...next, events: [...events, written, ...next.events] }, { limits, write });
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

  #progressOf(
    decision: Decision,
    {
      limits,
      write,
    }: { readonly limits?: ShiftLimits | undefined; readonly write?: WriteTimes | undefined } = {},
  ): ShiftProgress {
    const { state, events } = this.#log(decision.state, decision.events, write);
    if (decision.action !== 'wait') {
      const outcome = outcomeOf(state);
      return { state, waitSeconds: 0, events, ...(outcome && { outcome }) };
    }
    const { waitSeconds, heldAtPercent } = decision;
    return {
      state,
      waitSeconds: Math.min(waitSeconds, this.#secondsLeft(state, limits)),
      events,
      ...(heldAtPercent !== undefined && limits !== undefined && { heldAt: heldAtOf(heldAtPercent, limits) }),
    };
  }

  /** Seconds until the shift is rolled back; infinite without a limit, and during a rollback. */
  #secondsLeft(
    { phase }: ShiftState,
    { rollBackAt = Number.POSITIVE_INFINITY }: Partial<ShiftLimits> = {},
  ): number {
    if (phase !== 'shifting' || rollBackAt === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    return Math.max(0, (rollBackAt - this.#clock.now()) / 1000);
  }

  #log(
    state: ShiftState,
    events: readonly ShiftEvent[],
    write?: WriteTimes,
  ): Pick<ShiftProgress, 'state' | 'events'> {
    const context = { resource: this.#target.description, state, write };
    for (const event of events) logShiftEvent(this.#logger, event, context);
    // Separate copies of the state and the events, because the caller owns them from here on.
    return { ...structuredClone({ state }), ...structuredClone({ events }) };
  }
}
