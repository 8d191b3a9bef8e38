import type { CallOptions } from '../core/aws-call.js';
import { type Clock, systemClock } from '../core/clock.js';
import { type Logger, silentLogger } from '../core/logger.js';
import type { Permission } from '../core/permissions.js';
import { safeClock } from '../core/safe-clock.js';
import { safeLogger } from '../core/safe-logger.js';
import type { StackReference } from '../core/stack-reference.js';
import type { DrivenChange } from '../resumable/change-run.js';
import { runInProcess } from '../resumable/run-in-process.js';
import type { AdvanceOptions, Resumable, StateSummary } from '../resumable/types.js';
import { firstState, requireHealthy, requireNoTraffic, requireNotBeyondEnd } from './shift/begin-shift.js';
import { decideNext } from './shift/decide-next.js';
import type { ShiftRules } from './shift/decision.js';
import { parseShiftState } from './shift/parse-state.js';
import { plannedCalls } from './shift/planned-calls.js';
import type { SafeTarget } from './shift/safe-target.js';
import type { ShiftEvent } from './shift/shift-events.js';
import { keyOfApproval, limitsOf } from './shift/shift-limits.js';
import { hasEnded, startEvents, summarizeShift } from './shift/shift-outcome.js';
import { parseShiftRequest, type ShiftRequest } from './shift/shift-request.js';
import type { ShiftState } from './shift/shift-state.js';
import { ShiftSteps } from './shift/shift-steps.js';
import { halt, resume } from './shift/shift-transitions.js';
import { adjustToClock } from './shift/step-schedule.js';
import { isCompleting } from './shift/target-setup.js';
import { spreadOf, whileThrottled } from './shift/throttling.js';
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
import type { ShiftStrategy, TrafficWeights } from './types.js';

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
  readonly #permissions: readonly Permission[];
  readonly #rules: ShiftRules;
  readonly #steps: ShiftSteps;
  readonly #minimumHealthyCount: number;
  readonly #clock: Clock;
  readonly #logger: Logger;

  /** @throws InvalidInputError when an option is missing, unknown or malformed, or when two checks have the same name. */
  constructor(options: TrafficShifterOptions) {
    const { target, checks, policy, rollback, permissions, ...limits } = parseShifterOptions(options);
    const { clock = systemClock, logger = silentLogger } = limits;
    this.#target = target;
    this.#permissions = permissions;
    this.#minimumHealthyCount = limits.minimumHealthyCount;
    this.#clock = safeClock(clock);
    this.#logger = safeLogger(logger);
    this.#rules = {
      policy,
      gates: checks.filter(({ dryRun }) => dryRun !== true).map(({ name }) => name),
      hasChecks: checks.length > 0,
      rollback,
      guardIntervalSeconds: limits.guardIntervalSeconds,
      maxUnverifiedWrites: 3,
      visibleAfterSeconds: limits.propagationSeconds,
      maxSetupSeconds: limits.maxSetupSeconds,
      hasSetup: target.hasSetup,
      nearestWeights: (weights) => target.nearestWeights(weights),
      propagationSeconds: () => target.propagationSeconds(),
    };
    this.#steps = new ShiftSteps({
      target,
      checks,
      rules: this.#rules,
      propagationSeconds: limits.propagationSeconds,
      minimumHealthyCount: this.#minimumHealthyCount,
      clock: this.#clock,
      logger: this.#logger,
    });
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

  /** Returns the IAM permissions of the target and the checks. Those of a target or a check that declares none are not among them. */
  permissions(): readonly Permission[] {
    return this.#permissions;
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
    const read = this.#patientReader(signal);
    const weights = await read(() => this.#target.readWeights({ signal }));
    const first = firstState(parsed, weights, this.#clock.now(), this.#rules);
    requireNotBeyondEnd(this.#target, first, this.#rules);
    if (hasEnded(first)) return first;
    if (!acceptLiveWeights) requireNoTraffic(this.#target, incoming, weights);
    const original = await read(() => this.#target.setupOf(incoming, { signal }));
    await read(() => requireHealthy(this.#target, incoming, this.#minimumHealthyCount, { signal }));
    this.#steps.warnOfFalseStops(first);
    return original === undefined
      ? first
      : { ...first, setup: { original, stage: 'preparing', since: first.startedAt, writes: 0 } };
  }

  /**
   * Advances a shift: reads the weights and evaluates the checks that are due, decides, writes the weights at most once, and
   * reads them back. Resumes a halted shift where it stopped.
   *
   * After an approval of the first step, the incoming stack must still be healthy; otherwise the shift rolls back.
   *
   * Only one caller at a time may advance a shift, always with the newest state.
   *
   * @param state - state of the last call.
   * @param options - the approved shares, and a time limit of the whole shift.
   * @remarks IAM: the permissions of the target's `readWeights`, `writeWeights` and `readHealth`, and of the checks.
   * @throws InvalidInputError for an invalid option, or a state that is not of this version; the target's errors: call again with
   * the same state
   */
  async advance(state: ShiftState, options: AdvanceOptions = {}): Promise<ShiftProgress> {
    const { signal, ...given } = parseAdvanceOptions(options);
    const parsed = parseShiftState(state);
    const limits = limitsOf(parsed, given);
    const now = this.#clock.now();
    const current = resume(adjustToClock(parsed, now, this.#rules), now, this.#rules);
    if (now >= limits.rollBackAt && current.phase === 'shifting' && !isCompleting(current)) {
      return this.#steps.rollBackLate(current, limits.rollBackAt);
    }
    try {
      const observation = await this.#steps.observe(current, limits, signal);
      const decision = decideNext(current, observation, this.#rules);
      return await this.#steps.carryOut(decision, { signal, limits });
    } catch (error) {
      return this.#steps.afterFailure(error, current, limits);
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
      ? await this.#steps.startRollbackFromLive(current, why, signal)
      : this.#steps.startRollback(current, why);
    const { pendingWeights: weights } = started.state;
    // Accepted weights are not read again: several rules with different weights would show drift.
    const progress =
      acceptLiveWeights && weights !== undefined
        ? await this.#steps.carryOut(
            { action: 'write', state: started.state, weights, events: [] },
            { signal },
          )
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
    return this.#steps.progressOf(
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

  /** Repeats the readings of one begin while AWS throttles them. */
  #patientReader(signal: AbortSignal | undefined): <T>(read: () => Promise<T>) => Promise<T> {
    const clock = this.#clock;
    const resource = this.description;
    const spread = spreadOf(resource, { startedAt: clock.now() });
    return (read) => whileThrottled(read, { clock, resource, spread, signal });
  }

  /** A run in this process starts a rollback without a write: the next step writes and is retried like any other. */
  #inProcess(): DrivenChange<ShiftRequest, ShiftState, ShiftEvent> {
    return {
      description: this.description,
      begin: (request, options) => this.begin(request, options),
      advance: (state, options) => this.advance(state, options),
      rollBack: async (state, reason) => this.#steps.startRollback(state, reason),
      halt: (state, reason) => this.halt(state, reason),
      startEvents: (state) => this.#steps.log(state, this.startEvents(state)).events,
      summarize: (state) => this.summarize(state),
    };
  }
}
