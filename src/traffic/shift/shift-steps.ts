import { type CallOptions, throwIfAborted } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/describe-error.js';
import { classifyFailure, isAwsResponse, isThrottle } from '../../core/failures.js';
import type { Logger } from '../../core/logger.js';
import { partnerOf } from '../../core/stack-reference.js';
import { stopwatch } from '../../core/stopwatch.js';
import { internalsOf } from '../checks/check-internals.js';
import type { ShiftProgress } from '../shifter-options.js';
import type { Check, CheckContext, SetupChange, SetupProgress, TrafficWeights } from '../types.js';
import { areSame } from '../weights.js';
import { afterThrottle, requiredObservation } from './decide-next.js';
import type { Decision, Observation, Reading, ReadingAttempt, ShiftRules } from './decision.js';
import { expectedWeights, isExpected } from './drift.js';
import { evaluateChecks } from './evaluate-checks.js';
import { falseStopWarning } from './false-stops.js';
import { type LiveWeightsOptions, readUntil, verifyLiveWeights } from './live-weights.js';
import type { SafeTarget } from './safe-target.js';
import type { ShiftEvent } from './shift-events.js';
import { followsApproval, heldAtOf, type ShiftLimits } from './shift-limits.js';
import { logShiftEvent, type WriteTimes } from './shift-log.js';
import { outcomeOf } from './shift-outcome.js';
import type { ShiftState, ThrottleState } from './shift-state.js';
import { acceptWeights, beginRollback, halt } from './shift-transitions.js';
import { pendingChecks } from './tally-checks.js';
import { afterFailedCompletion, afterSetup, isCompleting, unready } from './target-setup.js';
import { spreadOf, throttleAfter } from './throttling.js';
import { afterWrite, verifyWrite, withWrite } from './verify-write.js';

export interface ShiftStepsDependencies {
  readonly target: SafeTarget;
  readonly checks: readonly Check[];
  readonly rules: ShiftRules;
  readonly propagationSeconds: number;
  readonly minimumHealthyCount: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Carries out the decisions of a shift: reads what a decision needs, writes weights, verifies them, and reports the progress. */
export class ShiftSteps {
  readonly #target: SafeTarget;
  readonly #checks: readonly Check[];
  readonly #rules: ShiftRules;
  readonly #propagationSeconds: number;
  /** With 0 no health is read, because the permission for it may be missing. */
  readonly #minimumHealthyCount: number;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({
    target,
    checks,
    rules,
    propagationSeconds,
    minimumHealthyCount,
    clock,
    logger,
  }: ShiftStepsDependencies) {
    this.#minimumHealthyCount = minimumHealthyCount;
    this.#target = target;
    this.#checks = checks;
    this.#rules = rules;
    this.#propagationSeconds = propagationSeconds;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Logs the checks whose fixed limits are likely to stop a healthy release. */
  warnOfFalseStops({ strategy }: ShiftState): void {
    for (const check of this.#checks) {
      const { threshold } = internalsOf(check);
      if (threshold === undefined || check.dryRun === true) continue;
      const warning = falseStopWarning(threshold, strategy, this.#rules.policy);
      if (warning === undefined) continue;
      const resource = this.#target.description;
      this.#logger.warn('Estimated frequent false stops by check', {
        resource,
        check: check.name,
        ...warning,
      });
    }
  }

  /** Starts the rollback of a shift whose time limit is over. */
  rollBackLate(state: ShiftState, rollBackAt: number): ShiftProgress {
    return this.startRollback(state, this.#describeLateness(state, rollBackAt));
  }

  #describeLateness({ tallies, step }: ShiftState, rollBackAt: number): string {
    const { gates, policy } = this.#rules;
    const waiting = step < 0 ? [] : pendingChecks(tallies, gates, policy);
    const last = waiting.length > 0 ? `; not passed yet: ${waiting.join(', ')}` : '';
    return `Not done by ${new Date(rollBackAt).toISOString()}${last}`;
  }

  /** Starts a rollback. Writes nothing yet. */
  startRollback(state: ShiftState, reason: string): ShiftProgress {
    return this.progressOf(beginRollback(state, reason, this.#clock.now(), this.#rules));
  }

  /** Rules with different weights roll back in one write: a step down for one of them can be a step up for another. */
  async startRollbackFromLive(
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
    return this.progressOf(beginRollback(accepted, reason, this.#clock.now(), rules));
  }

  /** Reads the weights and evaluates the checks that the next decision needs, side by side. */
  async observe(
    state: ShiftState,
    { holdAtPercent }: ShiftLimits,
    signal: AbortSignal | undefined,
  ): Promise<Observation> {
    const wanted = requiredObservation(state, this.#clock.now(), this.#rules, holdAtPercent);
    const [reading, checks] = await Promise.all([
      // Unexpected weights may be a stale response.
      wanted.weights ? this.#read(state, (it) => isExpected(state, it), signal) : undefined,
      wanted.checks
        ? evaluateChecks(this.#checks, this.#contextOf(state, signal), this.#target.description)
        : undefined,
    ]);
    return { now: this.#clock.now(), ...reading, checks, spread: this.#spreadOf(state), holdAtPercent };
  }

  /** Reads the weights. A throttled reading is a pause, so that checks count without it. */
  async #read(
    state: ShiftState,
    isWanted: (reading: Reading) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<ReadingAttempt> {
    try {
      return { live: await readUntil(this.#readOptions(state, isWanted, signal)) };
    } catch (error) {
      const throttled = this.#pauseAfter(error, state);
      if (throttled === undefined) throw error;
      return { throttled };
    }
  }

  /** Returns the pause after a throttled call; undefined after any other failure, and after too many throttles in a row. */
  #pauseAfter(error: unknown, state: ShiftState): ThrottleState | undefined {
    if (!isThrottle(error)) return undefined;
    const throttled = throttleAfter(state, this.#clock.now(), this.#spreadOf(state));
    if (throttled === undefined) return undefined;
    const { count } = throttled;
    this.#logger.debug('Paused after a throttle', { resource: this.#target.description, throttles: count });
    return { ...throttled, message: messageOf(error) };
  }

  #spreadOf(state: ShiftState): number {
    return spreadOf(this.#target.description, state);
  }

  /** Writes the weights of a decision and verifies them. Any other decision only reports its progress. */
  async carryOut(
    decision: Decision,
    { signal, limits }: CallOptions & { readonly limits?: ShiftLimits },
  ): Promise<ShiftProgress> {
    if (decision.action === 'setup') return this.#changeSetup(decision, { signal, limits });
    if (decision.action !== 'write') return this.progressOf(decision, { limits });
    const { state, weights, events } = decision;
    throwIfAborted({ signal, resource: this.#target.description });
    const obstacle = await this.#obstacleAfterApproval(state, signal);
    if (obstacle !== undefined) return this.startRollback(state, obstacle);
    const elapsed = stopwatch(this.#clock);
    try {
      // Without the signal: AWS may still apply an aborted write, after the rollback.
      await this.#target.writeWeights(weights, { isRollback: state.phase === 'rollingBack' });
    } catch (error) {
      if (!(await this.#needsNoWrite(error, state, weights, signal))) throw error;
      const next = verifyWrite(state, { weights }, this.#clock.now(), this.#rules);
      return this.progressOf({ ...next, events: [...events, ...next.events] }, { limits });
    }
    const write = { from: state.verifiedWeights, durationMs: elapsed() };
    const written: ShiftEvent = { at: this.#clock.now(), type: 'weightsWritten', weights };
    const isWritten = (reading: Reading) => areSame(weights, reading.weights);
    const reading = await this.#read(withWrite(state, this.#rules), isWritten, signal);
    const next = afterWrite(state, reading, this.#clock.now(), this.#rules);
    return this.progressOf({ ...next, events: [...events, written, ...next.events] }, { limits, write });
  }

  /** Returns the reason not to begin when the incoming stack has become unhealthy during an approval, which can take days. */
  async #obstacleAfterApproval(
    state: ShiftState,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const { incoming, unverifiedWrites } = state;
    if (this.#minimumHealthyCount === 0 || !followsApproval(state) || unverifiedWrites > 0) return undefined;
    const health = await this.#target.healthOf(incoming, { signal });
    if (health === undefined || health.healthy >= this.#minimumHealthyCount) return undefined;
    const { healthy, total, detail } = health;
    return `The ${incoming} stack is no longer ready for traffic: ${healthy} of ${total} healthy${detail ? ` (${detail})` : ''}`;
  }

  /** Makes a change of the target besides its weights. A preparation also waits for the health of the incoming stack. */
  async #changeSetup(
    { state, kind, events }: Extract<Decision, { action: 'setup' }>,
    { signal, limits }: CallOptions & { readonly limits?: ShiftLimits | undefined },
  ): Promise<ShiftProgress> {
    const { incoming, setup } = state;
    throwIfAborted({ signal, resource: this.#target.description });
    // Without the signal: AWS may still apply an aborted write.
    const change = await this.#target.setupChanged({ kind, incoming, original: setup?.original ?? {} });
    const progress = await this.#withHealth(change, state, kind, signal);
    const next = afterSetup(state, kind, progress, this.#clock.now(), this.#rules);
    return this.progressOf({ ...next, events: [...events, ...next.events] }, { limits });
  }

  async #withHealth(
    change: SetupProgress,
    { incoming }: ShiftState,
    kind: SetupChange['kind'],
    signal: AbortSignal | undefined,
  ): Promise<SetupProgress> {
    if (this.#minimumHealthyCount === 0 || kind !== 'prepare' || change.status !== 'done') return change;
    const detail = unready(await this.#target.healthOf(incoming, { signal }), this.#minimumHealthyCount);
    return detail === undefined ? change : { status: 'pending', detail };
  }

  /**
   * Waits after a call that AWS throttled. Ends a shift after a final failure of its target, which is not retried: a shift is rolled
   * back. A rollback is halted, and so is a shift that only its completion is missing from; its calls are repeated while they may
   * pass. Throws any other failure.
   */
  afterFailure(error: unknown, state: ShiftState, limits: ShiftLimits): ShiftProgress {
    const throttled = this.#pauseAfter(error, state);
    if (throttled !== undefined) {
      const next = afterThrottle({ ...state, throttled }, this.#clock.now(), this.#rules);
      return this.progressOf(next, { limits });
    }
    if (classifyFailure(error) !== 'final') {
      // A failure of this process, such as an abort, is the caller's.
      if (!isCompleting(state) || !isAwsResponse(error)) throw error;
      const next = afterFailedCompletion(state, messageOf(error), this.#clock.now(), this.#rules);
      return this.progressOf(next, { limits });
    }
    const reason = `The shift cannot proceed: ${messageOf(error)}`;
    return state.phase === 'shifting' && !isCompleting(state)
      ? this.startRollback(state, reason)
      : this.progressOf(halt(state, reason, this.#clock.now()));
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
      startedAt: state.startedAt,
      now: this.#clock.now(),
      clock: this.#clock,
      logger: this.#logger,
      signal,
    };
  }

  /** Reports a decision. Limits shorten the wait, and name the missing approval. */
  progressOf(
    decision: Decision,
    {
      limits,
      write,
    }: { readonly limits?: ShiftLimits | undefined; readonly write?: WriteTimes | undefined } = {},
  ): ShiftProgress {
    const { state, events } = this.log(decision.state, decision.events, write);
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

  /** Logs events, and copies them and the state for the caller. */
  log(
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
