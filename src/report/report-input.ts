import type { StackReference } from '../core/stack-reference.js';
import type { RolloutEvent } from '../ecs-rollout/events.js';
import type { Outcome } from '../resumable/types.js';
import type { SwapEvent } from '../swap/engine/swap-events.js';
import type { SwapStatus } from '../swap/operate/swap-status.js';
import type { SwapState } from '../swap/swap-state.js';
import type { Rehearsal } from '../traffic/rehearsal/rehearsal-types.js';
import type { ShiftEvent } from '../traffic/shift/shift-events.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';

/**
 * Input of {@link renderReport}, plain data: at least one of `shift`, `rollout`, `swap` and `rehearsal`. A report with several
 * has one section for each, and the earliest failure of all at the top.
 */
export interface ReportInput {
  /**
   * Title of the page.
   * @default the kind of change and its outcome, such as `Traffic shift to green: rolled back`
   */
  readonly title?: string | undefined;
  /**
   * Facts of your own for the top of the page, by name: the release, the pipeline run, the number of requests.
   * @default none
   */
  readonly facts?: Readonly<Record<string, string | number>> | undefined;
  /** Traffic shift: the result of `TrafficShifter.shiftTo`, or what was stored of it. */
  readonly shift?: ShiftReport | undefined;
  /** Rollout of one ECS service: the result of `EcsRollout.rollOut` or `up`, or the `RolloutError` that it threw. */
  readonly rollout?: RolloutReport | undefined;
  /** Swap of a whole stack: the result of `StackSwap.run`, or what was stored of it. */
  readonly swap?: SwapReport | undefined;
  /** Result of `rehearse`, or several to compare. */
  readonly rehearsal?: Rehearsal | readonly Rehearsal[] | undefined;
}

/** Traffic shift of a report. A `ShiftResult` is one. At least one of `history` and `state` is needed. */
export interface ShiftReport {
  /**
   * Events of the shift, oldest first: those of `onEvent`, or of `startEvents` and each call of `advance`.
   * @default the weights and the counts of the state only
   */
  readonly history?: readonly ShiftEvent[] | undefined;
  /**
   * Last state of the shift: the execution of a state machine returns it.
   * @default the events only
   */
  readonly state?: ShiftState | undefined;
  /**
   * Outcome of the shift.
   * @default that of the history or the state
   */
  readonly outcome?: Outcome | undefined;
  /**
   * Reason of the rollback or halt.
   * @default that of the history or the state
   */
  readonly reason?: string | undefined;
}

/** Rollout of a report. A `RollOutResult`, an `UpResult` and a `RolloutError` are one. */
export interface RolloutReport {
  /** Events of the rollout, oldest first. */
  readonly history: readonly RolloutEvent[];
  /**
   * State of the service after a failure, and what to do: that of a `RolloutError`.
   * @default none
   */
  readonly remedy?: string | undefined;
  /**
   * Stack of the service, as in the options of `rollOut`: the incoming one of its checks.
   * @default 'green'
   */
  readonly stack?: StackReference | undefined;
}

/** Swap of a report. A `SwapResult` is one. At least one of `history`, `record` and `status` is needed. */
export interface SwapReport {
  /**
   * Events of the swap, oldest first: those of `onEvent`, or of `startEvents` and each call of `advance`.
   * @default the times of the record only
   */
  readonly history?: readonly SwapEvent[] | undefined;
  /**
   * Stored item of the application, as `read` of a `SwapRecord` such as `DynamoSwapRecord` returns it. It has the steps and the
   * traffic shift of a swap under way. `renderReport` validates it: a `SwapRecordItem`, or undefined when nothing is stored.
   * @default the history only
   */
  readonly record?: unknown;
  /**
   * Result of `StackSwap.status`: the traffic, the steps and the next action.
   * @default the history and the record only
   */
  readonly status?: SwapStatus | undefined;
  /**
   * Outcome of the swap.
   * @default that of the history, the record or the status
   */
  readonly outcome?: Outcome | undefined;
  /**
   * Reason of the rollback or halt.
   * @default that of the history, the record or the status
   */
  readonly reason?: string | undefined;
  /** State of a `SwapResult`. The report does not show it. */
  readonly state?: SwapState | undefined;
}
