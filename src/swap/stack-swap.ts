import type { CallOptions } from '../core/aws-call.js';
import type { Permission } from '../core/permissions.js';
import { parseStackReference, type StackReference } from '../core/stack-reference.js';
import { runInProcess } from '../resumable/run-in-process.js';
import { SafeResumable } from '../resumable/safe-resumable.js';
import type { AdvanceOptions, Progress, Resumable, StateSummary } from '../resumable/types.js';
import { advanceSwap, rollBackSwap } from './advance-swap.js';
import { requestReturnOf } from './engine/request-return.js';
import { startSwap } from './engine/start-swap.js';
import type { SwapEvent } from './engine/swap-events.js';
import { SwapPlanError } from './errors.js';
import { type AdoptResult, adoptStack } from './operate/adopt-stack.js';
import { type ResumeResult, resumeSwap } from './operate/resume-swap.js';
import { permissionsOf } from './operate/swap-permissions.js';
import { nextStacks, previewSwap, type SwapPreview } from './operate/swap-preview.js';
import { readStatus, type SwapStatus } from './operate/swap-status.js';
import {
  type AdoptOptions,
  parseAdoptOptions,
  parseAdvanceOptions,
  parseCallOptions,
  parseReason,
  parseRequestRollBackOptions,
  parseResumeOptions,
  parseRunOptions,
  type RequestRollBackOptions,
  type ResumeOptions,
  type SwapResult,
  type SwapRunOptions,
} from './swap-method-options.js';
import { parseSwapOptions, type StackSwapOptions, type SwapSettings, settingsKey } from './swap-options.js';
import {
  parseSwapRequest,
  parseSwapState,
  type SwapRequest,
  type SwapState,
  summarizeSwap,
} from './swap-state.js';

/**
 * Swaps a whole stack: prepares the incoming stack, tests it, moves the traffic, and retires the outgoing stack. Until the first step
 * of `retire` a swap can roll back: the traffic returns first, then every change is undone, last first.
 *
 * The record is the only state. Any process can continue a swap after any call, and of any number of processes one has the claim to
 * change something.
 *
 * @example
 * ```ts
 * import { SnsTools } from 'aws-blue-green-toolkit/sns';
 * import { DynamoSwapRecord } from 'aws-blue-green-toolkit/swap/dynamo';
 * import { disableSubscription, enableSubscription, shiftTraffic, StackSwap } from 'aws-blue-green-toolkit/swap';
 * import { AlbListenerRuleTarget, canary, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * const subscriptions = new SnsTools({
 *   blue: { subscriptionArn: process.env['BLUE_SUBSCRIPTION_ARN'] ?? '' },
 *   green: { subscriptionArn: process.env['GREEN_SUBSCRIPTION_ARN'] ?? '' },
 * });
 * const shifter = new TrafficShifter({
 *   target: new AlbListenerRuleTarget({
 *     ruleArns: [process.env['RULE_ARN'] ?? ''],
 *     blue: { targetGroupArn: process.env['BLUE_TARGET_GROUP_ARN'] ?? '' },
 *     green: { targetGroupArn: process.env['GREEN_TARGET_GROUP_ARN'] ?? '' },
 *   }),
 * });
 *
 * const swap = new StackSwap({
 *   application: 'orders-production',
 *   record: new DynamoSwapRecord({ tableName: 'stack-swaps' }),
 *   prepare: [enableSubscription(subscriptions)],
 *   switch: shiftTraffic(shifter, canary({ percent: 10, holdSeconds: 300 })),
 *   retire: [disableSubscription(subscriptions)],
 * });
 *
 * const { outcome } = await swap.run();
 * ```
 */
export class StackSwap implements Resumable<SwapRequest, SwapState, SwapEvent> {
  readonly #settings: SwapSettings;
  #started: { readonly swapId: string; readonly events: readonly SwapEvent[] } | undefined;

  /**
   * @throws InvalidInputError when an option is missing, unknown or malformed; SwapPlanError for a plan that cannot work, with the
   * step's name.
   */
  constructor(options: StackSwapOptions) {
    this.#settings = parseSwapOptions(options);
  }

  /** Name of the swap. */
  get description(): string {
    return `stack swap of ${this.#settings.application}`;
  }

  /**
   * Validates a request from JSON.
   *
   * @throws InvalidInputError which names every invalid or unknown field.
   */
  parseRequest(value: unknown): SwapRequest {
    return parseSwapRequest(value, this.#settings.rules.kind);
  }

  /**
   * Validates a stored state.
   *
   * @throws InvalidInputError for anything else, also for a state of another version or application.
   */
  parseState(value: unknown): SwapState {
    return parseSwapState(value, this.#settings.application);
  }

  /**
   * Begins a swap: takes the application's lock for its owner, and records the live stack. Changes nothing else. A repeated request of
   * the same owner returns its swap. Where the deployment of an earlier swap has ended, its rollback is continued first, as far as
   * that goes without a wait.
   *
   * @remarks IAM: the permissions of the record and of the switch.
   * @throws SwapInProgressError while another swap is under way; SwapBindingError for a revision or a request of the live stack;
   * SwapDriftError when the record and the traffic disagree.
   */
  async begin(request: SwapRequest, options: CallOptions = {}): Promise<SwapState> {
    const { signal } = parseCallOptions('begin', options);
    const { swapId, events } = await startSwap(this.#settings, this.parseRequest(request), { signal });
    this.#started = { swapId, events };
    return { version: 1, application: this.#settings.application, swapId };
  }

  /**
   * Advances the swap under way: runs at most one step or group of steps, one call of the traffic shift, or waits. Returns at once
   * while another process has the claim.
   *
   * @remarks IAM: the permissions of the steps, of the record and of the switch.
   * @throws SwapPlanError when the swap began with another plan; SwapConflictError when another process has taken the claim; errors of
   * the record and the switch: call again with the same state.
   */
  async advance(state: SwapState, options: AdvanceOptions = {}): Promise<Progress<SwapState, SwapEvent>> {
    const parsed = parseAdvanceOptions(options);
    return advanceSwap(this.#settings, this.parseState(state), parsed);
  }

  /**
   * Requests that the swap rolls back, and takes the first step. Continue with {@link advance}.
   *
   * @param reason - reason for the record, the events and the log; truncated to 1,000 characters.
   * @remarks IAM: the permissions of the steps, of the record and of the switch.
   * @throws SwapPastReturnError from the first step of `retire` on: begin a new swap then.
   */
  async rollBack(
    state: SwapState,
    reason: string,
    options: CallOptions = {},
  ): Promise<Progress<SwapState, SwapEvent>> {
    const { signal } = parseCallOptions('rollBack', options);
    const why = parseReason('rollBack', reason);
    return rollBackSwap(this.#settings, this.parseState(state), why, { signal });
  }

  /**
   * Returns the events of a swap that has just begun.
   *
   * @throws InvalidInputError for a state of another version or application.
   */
  startEvents(state: SwapState): readonly SwapEvent[] {
    const { swapId } = this.parseState(state);
    return this.#started?.swapId === swapId ? this.#started.events : [];
  }

  /**
   * Summarizes a state.
   *
   * @throws InvalidInputError for a state of another version or application.
   */
  summarize(state: SwapState): StateSummary {
    return summarizeSwap(this.parseState(state));
  }

  /**
   * Runs a whole swap in this process. Only with `shiftTraffic`: elsewhere the deployment runs the swap through its hooks.
   *
   * @param options - `signal` ends the swap early: it rolls back, or stops where it is (`onAbort: 'halt'`) and keeps its lock.
   * @remarks IAM: the permissions of the steps, of the record and of the switch.
   * @throws InvalidInputError for an invalid option; SwapPlanError where AWS moves the traffic; the errors of {@link begin}. Later
   * errors roll the swap back.
   */
  async run(options: SwapRunOptions = {}): Promise<SwapResult> {
    const { request, settings } = parseRunOptions(options);
    const { application, rules, clock, logger } = this.#settings;
    if (rules.kind !== 'shift') {
      throw new SwapPlanError(`AWS moves the traffic of ${application}`, {
        resource: application,
        steps: [],
        remedy: 'Start a deployment, whose hooks run the swap',
      });
    }
    const safe = new SafeResumable(this);
    return runInProcess(safe, this.parseRequest(request), {
      ...settings,
      subject: 'swap',
      approved: [],
      clock,
      logger,
    });
  }

  /**
   * Requests that the swap under way rolls back, at any time and from any process. The process that has the claim, or the next one,
   * returns the traffic and undoes the changes.
   *
   * @param reason - reason for the record; truncated to 1,000 characters.
   * @remarks IAM: the permissions of the record and of the switch.
   * @throws SwapPastReturnError from the first step of `retire` on, and when AWS no longer returns the traffic: begin a new swap then;
   * ResourceStateError when no swap is under way.
   */
  async requestRollBack(reason: string, options: RequestRollBackOptions = {}): Promise<void> {
    const { signal, requestedBy } = parseRequestRollBackOptions(options);
    const why = parseReason('requestRollBack', reason);
    await requestReturnOf(this.#settings, { reason: why, requestedBy, signal });
  }

  /**
   * Ends a halt after a person has removed its cause, and continues the swap under way in this process, until its end or until the
   * time is over. Without a swap under way, completes the steps of `retire` that an ended swap has left.
   *
   * @remarks IAM: the permissions of the steps, of the record and of the switch.
   * @throws SwapPlanError when the swap began with another plan; SwapConflictError when another process has taken the claim; errors of
   * the record and the switch.
   */
  async resume(options: ResumeOptions = {}): Promise<ResumeResult> {
    const { maxWaitSeconds = 3_600, signal } = parseResumeOptions(options);
    return resumeSwap(this.#settings, { maxWaitSeconds, signal });
  }

  /**
   * Records the live stack by hand. A swap under way ends as `abandoned`, and its open steps are returned: nothing undoes them.
   *
   * @remarks IAM: the permissions of the record and of the switch.
   * @throws SwapConflictError while a process has a valid claim; SwapDriftError when the stack does not have all the traffic, unless
   * `despiteProbe` is true.
   */
  async adopt(live: StackReference, options: AdoptOptions): Promise<AdoptResult> {
    const stack = parseStackReference(live);
    const { reason, despiteProbe, signal } = parseAdoptOptions(options);
    return adoptStack(this.#settings, { live: stack, reason, despiteProbe, signal });
  }

  /**
   * Returns the live stack, and the one for which a pipeline registers its next revision. Takes no lock.
   *
   * @remarks IAM: the permissions of the record's `read` and of the switch's probe.
   * @throws SwapInProgressError while a swap is under way; SwapDriftError when the record and the traffic disagree.
   */
  async next(options: CallOptions = {}): Promise<{
    /** Stack that has the traffic. */
    readonly live: StackReference;
    /** Stack to register the next revision for. */
    readonly incoming: StackReference;
  }> {
    const { signal } = parseCallOptions('next', options);
    return nextStacks(this.#settings, signal);
  }

  /**
   * Reads every step for a swap to the idle stack: the steps that would run, those that are already done, those that cannot run and
   * why, the waits, the time of the hooks, and the IAM policy. Changes nothing and takes no lock.
   *
   * @remarks IAM: the permissions of the reads of the steps, the record and the switch.
   * @throws the errors of {@link next}.
   */
  async preview(options: CallOptions = {}): Promise<SwapPreview> {
    const { signal } = parseCallOptions('preview', options);
    return previewSwap(this.#settings, this.permissions(), signal);
  }

  /**
   * Returns the live stack, the traffic, the swap under way with each step, the claim, the steps that are left, and the next action.
   * Changes nothing. A fact that cannot be read is returned as its error.
   *
   * @remarks IAM: the permissions of the reads of the steps, the record and the switch.
   */
  async status(options: CallOptions = {}): Promise<SwapStatus> {
    const { signal } = parseCallOptions('status', options);
    return readStatus(this.#settings, signal);
  }

  /**
   * Returns the IAM permissions of the steps, the record, the switch and its hooks. A step, a check or a target of your own is among
   * them with the permissions that it declares.
   */
  permissions(): readonly Permission[] {
    return permissionsOf(this.#settings);
  }

  /** @internal Settings for the hooks. */
  get [settingsKey](): SwapSettings {
    return this.#settings;
  }
}
