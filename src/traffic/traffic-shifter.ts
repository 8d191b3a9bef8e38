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
import { firstState, requireHealthy, requireNoMore, requireNoTraffic } from './shift/begin-shift.js';
import { decideNext, hasEnded, whatToObserve } from './shift/decide-next.js';
import type { Decision, Observation, Reading, ShiftRules } from './shift/decision.js';
import { evaluateChecks } from './shift/evaluate-checks.js';
import { expectedWeights, isExpected } from './shift/expected-weights.js';
import { areSettled, type LiveWeightsOptions, readUntil } from './shift/live-weights.js';
import { parseShiftState } from './shift/parse-state.js';
import { plannedCalls } from './shift/planned-calls.js';
import { runShift } from './shift/run-shift.js';
import type { SafeTarget } from './shift/safe-target.js';
import type { ShiftEvent } from './shift/shift-events.js';
import { logShiftEvent, type WriteTimes } from './shift/shift-log.js';
import { outcomeOf, startOf } from './shift/shift-outcome.js';
import type { ShiftState } from './shift/shift-state.js';
import { acceptWeights, beginRollback, halt, resume } from './shift/shift-transitions.js';
import { onThisClock } from './shift/step-schedule.js';
import { stillToPass } from './shift/tally-checks.js';
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
  readonly #target: SafeTarget;
  readonly #checks: readonly Check[];
  readonly #rules: ShiftRules;
  readonly #minimumHealthyCount: number;
  readonly #propagationSeconds: number;
  readonly #clock: Clock;
  readonly #logger: Logger;

  /** @throws InvalidInputError when an option is missing or malformed, or when two checks have the same name. */
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
      unverifiedWriteLimit: 3,
      nearestWeights: (weights) => target.nearestWeights(weights),
    };
  }

  /**
   * The weights that are live now.
   *
   * @remarks IAM: what the target's `readWeights` needs.
   */
  async getWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    return this.#target.readWeights(parseCallOptions('getWeights options', options));
  }

  /**
   * Looks at the target and gives the state that a shift begins with; nothing is written yet. A stack that has all the
   * traffic already gives a state that has succeeded.
   *
   * @remarks IAM: what the target's `readWeights` and `readHealth` need.
   * @throws ResourceStateError when the incoming stack has some traffic already, has more than a partial strategy ends with,
   * or is not healthy; InvalidInputError for a wrong option, or a strategy that cannot be carried out
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
    requireNoMore(this.#target, first, this.#rules);
    if (hasEnded(first)) return first;
    if (!acceptLiveWeights) requireNoTraffic(this.#target, stack, weights);
    await requireHealthy(this.#target, stack, this.#minimumHealthyCount, { signal });
    return first;
  }

  /**
   * Takes a shift one step on: looks at what has to be looked at, decides, makes at most one change of the weights, and
   * reads it back. A halted shift is taken up where it stopped.
   *
   * Only one caller at a time may drive a shift, and always with the newest state.
   *
   * @param state - what the last call gave.
   * @param options - an approval that is missing, and a limit of the whole shift's time.
   * @remarks IAM: what the target's `readWeights` and `writeWeights` and the checks need.
   * @throws InvalidInputError for a wrong option, or a state that is none of this version's; the target's errors: then the
   * same state can be handed in again
   */
  async advance(state: ShiftState, options: AdvanceOptions = {}): Promise<ShiftProgress> {
    const { holdAtPercent, rollBackAt = Number.POSITIVE_INFINITY, signal } = parseAdvanceOptions(options);
    const now = this.#clock.now();
    const current = resume(onThisClock(parseShiftState(state), now, this.#rules), now, this.#rules);
    if (now >= rollBackAt && current.phase === 'shifting') {
      return this.#startRollback(current, this.#tooLate(current, rollBackAt));
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
   * Turns a shift round and takes the first step back to the weights found at its beginning; go on with
   * {@link advance} until it is done. A halted or succeeded shift can be rolled back as well; one that was rolled back
   * stays so, and one that is being rolled back goes on.
   *
   * When it throws, or the process stops meanwhile, call it again with the same state.
   *
   * @param reason - for the events, the log and the result; its first 1,000 characters.
   * @remarks IAM: what the target's `readWeights` and `writeWeights` need.
   * @throws InvalidInputError for a wrong option, or a state that is none of this version's; the target's errors
   */
  async rollBack(state: ShiftState, reason: string, options: RollBackOptions = {}): Promise<ShiftProgress> {
    const { signal, acceptLiveWeights } = parseRollBackOptions(options);
    const why = parseReason(reason);
    const current = parseShiftState(state);
    if (current.phase === 'rolledBack') return this.advance(current, { signal });
    const turned = acceptLiveWeights
      ? await this.#startRollbackFromLive(current, why, signal)
      : this.#startRollback(current, why);
    const { pendingWeights: weights } = turned.state;
    // Accepted weights are not looked at again: several rules that are apart have none that explain each of them.
    const progress =
      acceptLiveWeights && weights !== undefined
        ? await this.#carryOut({ action: 'write', state: turned.state, weights, events: [] }, { signal })
        : await this.advance(turned.state, { signal });
    return { ...progress, events: [...turned.events, ...progress.events] };
  }

  /**
   * Carries a whole shift out in this process.
   *
   * @param options - `signal` ends it early: it is rolled back, or halted where it is (`onAbort`); `haltSignal` ends the way
   * back as well.
   * @remarks IAM: what the target and the checks need.
   * @throws InvalidInputError for a wrong option, and what {@link begin} throws; later errors end in a result, except that of a
   * clock that cannot sleep: it is thrown when the shift has been rolled back or halted
   */
  async shiftTo(
    incoming: StackReference,
    strategy: ShiftStrategy,
    options: ShiftToOptions = {},
  ): Promise<ShiftResult> {
    const { acceptLiveWeights, signal, onEvent, ...limits } = parseShiftToOptions(options);
    const history: ShiftEvent[] = [];
    const feed = this.#feedOf(onEvent);
    const tell = ({ events, state }: ShiftProgress) => {
      history.push(...events);
      feed.emit(events, state);
    };
    const begun = await this.begin(incoming, strategy, { acceptLiveWeights, signal });
    tell(this.#log(begun, startOf(begun)));
    const state = await runShift(begun, {
      ...limits,
      resource: this.#target.description,
      clock: this.#clock,
      logger: this.#logger,
      signal,
      haltSignal: limits.haltSignal,
      advance: (from, call) => this.advance(from, call),
      startRollback: (from, reason) => this.#startRollback(from, reason),
      stop: (from, reason) => this.#progressOf(halt(from, reason, this.#clock.now())),
      tell,
    });
    await feed.settled();
    return { ...outcomeOf(state), history };
  }

  /**
   * Calls of {@link advance} that a shift takes at most when nothing goes wrong and every check passes: for engines that pay for
   * each of them, or have only so many.
   *
   * @throws InvalidInputError for a strategy that cannot be carried out
   */
  plannedCalls(strategy: ShiftStrategy): number {
    return plannedCalls(parseStrategy(strategy), this.#rules);
  }

  #feedOf(onEvent: ShiftToOptions['onEvent']): EventFeed<ShiftEvent, [ShiftState]> {
    const resource = this.#target.description;
    return new EventFeed({ onEvent, subject: 'shift', resource, clock: this.#clock, logger: this.#logger });
  }

  #tooLate({ tallies, step }: ShiftState, rollBackAt: number): string {
    const { gates, policy } = this.#rules;
    const waiting = step < 0 ? [] : stillToPass(tallies, gates, policy);
    const last = waiting.length > 0 ? `; not passed yet: ${waiting.join(', ')}` : '';
    return `Not done by ${new Date(rollBackAt).toISOString()}${last}`;
  }

  #startRollback(state: ShiftState, reason: string): ShiftProgress {
    return this.#progressOf(beginRollback(state, reason, this.#clock.now(), this.#rules));
  }

  /** Several rules that are apart go back at once: a step back for one of them may be more traffic for another. */
  async #startRollbackFromLive(
    state: ShiftState,
    reason: string,
    signal: AbortSignal | undefined,
  ): Promise<ShiftProgress> {
    const live = await this.#target.readWeights({ signal, expected: expectedWeights(state) });
    const areApart = async () => !areSame(live, await this.#target.readWeights({ signal, expected: [live] }));
    const isAtOnce = this.#rules.rollback === 'atOnce' || (await areApart());
    const rules: ShiftRules = isAtOnce ? { ...this.#rules, rollback: 'atOnce' } : this.#rules;
    const accepted = acceptWeights(state, live, rules);
    return this.#progressOf(beginRollback(accepted, reason, this.#clock.now(), rules));
  }

  async #observe(state: ShiftState, { holdAtPercent, signal }: AdvanceOptions): Promise<Observation> {
    const wanted = whatToObserve(state, this.#clock.now(), this.#rules, holdAtPercent);
    const [live, checks] = await Promise.all([
      // Weights that nobody can explain may be an old answer.
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
      // Without the signal: AWS may still carry out a write that was cut off, and then after the rollback.
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
   * Ends a shift after a final failure of its target: what is refused for good is not tried again. The way there turns into
   * the way back, which ends where it is.
   */
  #endAfter(error: unknown, state: ShiftState): ShiftProgress {
    if (classifyFailure(error) !== 'final') throw error;
    const reason = `The shift cannot proceed: ${messageOf(error)}`;
    return state.phase === 'shifting'
      ? this.#startRollback(state, reason)
      : this.#progressOf(halt(state, reason, this.#clock.now()));
  }

  /** True when AWS refuses a write for good that would change nothing: a rollback to weights that are live already. */
  async #needsNoWrite(
    error: unknown,
    state: ShiftState,
    weights: TrafficWeights,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (state.phase !== 'rollingBack' || classifyFailure(error) !== 'final') return false;
    return areSettled(this.#readOptions(state, (reading) => areSame(weights, reading.weights), signal));
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
    // The state and the events are the caller's from here on: copies, of each other too.
    return { ...structuredClone({ state }), ...structuredClone({ events }), waitSeconds: 0, done: false };
  }
}
