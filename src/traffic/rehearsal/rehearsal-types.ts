import type { CallOptions } from '../../core/aws-call.js';
import type { ClientOptions } from '../../core/clients.js';
import type { Clock } from '../../core/clock.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { CloudWatchCheckClients } from '../checks/read-metric-data.js';
import type { Check, CheckPolicy, CheckResult, ShiftStrategy } from '../types.js';

/** Release that fails more often, for a rehearsal. */
export interface InjectedRegression {
  /** Failure rate of the affected requests as a multiple of `failureRate`: 1 or more. It ends at 100 %. */
  readonly ratio: number;
  /**
   * Failure rate that `ratio` multiplies, as a share of the requests: above 0, at most 1. Set it where nothing failed in the past.
   * @default the mean rate from `from` to `to`
   */
  readonly failureRate?: number | undefined;
  /**
   * Share of the incoming stack's tasks that are affected: above 0, at most 1.
   * @default 1
   */
  readonly shareOfTasks?: number | undefined;
}

/** Plan of a rehearsal: which shifts are rehearsed, on which metrics. */
export interface RehearsalPlan {
  /** Strategy of the shifts. */
  readonly strategy: ShiftStrategy;
  /** Checks of the shifts. Those that read no CloudWatch metrics cannot be rehearsed, and are named in the result. */
  readonly checks: readonly Check[];
  /** Schedule and thresholds of the checks, as of the `TrafficShifter`. */
  readonly policy?: CheckPolicy | undefined;
  /** Beginning of the first shift. CloudWatch keeps periods of 60 seconds for 15 days. */
  readonly from: Date;
  /** End of the last shift: in the past, and at least one shift after `from`. */
  readonly to: Date;
  /**
   * Seconds from the beginning of a shift to that of the next one.
   * @default 3600
   */
  readonly stepSeconds?: number | undefined;
  /**
   * Stack that had the traffic at that time. `'both'` adds the metrics of the two, for stacks that took turns; it reads twice as
   * many metrics.
   * @default 'both'
   */
  readonly live?: StackReference | 'both' | undefined;
  /**
   * Seconds from the end of a period until CloudWatch showed its data points.
   * @default 60
   */
  readonly metricDelaySeconds?: number | undefined;
}

/** Options of {@link rehearse}. */
export type RehearsalOptions = RehearsalPlan &
  CallOptions &
  ClientOptions<CloudWatchCheckClients> &
  RehearsalSettings;

/** Settings of a rehearsal beside its plan. */
export interface RehearsalSettings {
  /**
   * Regression of the incoming stack. Each shift is then rehearsed a second time with it.
   * @default none
   */
  readonly inject?: InjectedRegression | undefined;
  /**
   * Seed of the random split of the requests. The same seed gives the same result.
   * @default 1
   */
  readonly seed?: number | undefined;
  /**
   * Called with the cost before the first call, after each call, and after each shift, and awaited. An error that it throws ends
   * the rehearsal.
   */
  readonly onProgress?: ((progress: RehearsalProgress) => unknown) | undefined;
  /**
   * Clock that defines the past.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** Cost of a rehearsal. CloudWatch bills `GetMetricData` by the metrics requested. */
export interface RehearsalCost {
  /** Metrics requested from CloudWatch. */
  readonly metrics: number;
  /** Calls of `GetMetricData`, unless CloudWatch divides a response into more pages. */
  readonly calls: number;
  /** Data points, when no period is without one. */
  readonly dataPoints: number;
  /** Shifts that are rehearsed, with an injected regression twice. */
  readonly shifts: number;
}

/** Progress of a rehearsal. */
export type RehearsalProgress =
  | ({
      /** Nothing was read yet. */
      readonly type: 'planned';
    } & RehearsalCost)
  | {
      /** A call has returned, or a shift has ended. */
      readonly type: 'read' | 'rehearsed';
      /** Calls or shifts so far. */
      readonly done: number;
      /** Calls or shifts in all. */
      readonly total: number;
    };

/** Check that stopped a shift. */
export interface RehearsedStop {
  /** Name of the check. */
  readonly check: string;
  /** Outcome that started the rollback: the check failed, was inconclusive too often or for too long, or threw. */
  readonly outcome: 'fail' | 'inconclusive' | 'error';
  /** Sentence of the last evaluation, with the measurement and its bound. */
  readonly detail: string;
  /** Judged value, when there is one. */
  readonly value?: number;
  /** Evidence of a comparison of both stacks. */
  readonly evidence?: CheckResult['evidence'];
  /** Time of the stop: milliseconds since 1970. */
  readonly at: number;
  /** Seconds since the beginning of the shift. */
  readonly afterSeconds: number;
  /** Share of the incoming stack at that time. */
  readonly percent: number;
}

/** One rehearsed shift. */
export interface RehearsedShift {
  /** Beginning of the shift: milliseconds since 1970. */
  readonly at: number;
  /**
   * `stopped`: a check would have rolled it back. `passed`: no check would have. `unfinished`: it was still held at the end of the
   * rehearsal. `noData`: a check had no data at all in this time, so there is no verdict.
   */
  readonly outcome: 'passed' | 'stopped' | 'unfinished' | 'noData';
  /** Check that stopped it. */
  readonly stoppedBy?: RehearsedStop;
  /** Checks without data. */
  readonly withoutData?: readonly string[];
  /** Reason, when the engine ended the shift without a check. */
  readonly reason?: string;
  /** Requests of the incoming stack that failed because of the injected regression until the end of the shift. */
  readonly injectedFailures?: number;
}

/** Numbers of rehearsed shifts by outcome. */
export interface RehearsalCounts {
  /** Number of shifts. */
  readonly shifts: number;
  /** Shifts that no check would have stopped. */
  readonly passed: number;
  /** Shifts that a check would have stopped. */
  readonly stopped: number;
  /** Shifts that were still held at the end. */
  readonly unfinished: number;
  /** Shifts without a verdict. */
  readonly noData: number;
}

/** Rehearsal of one check over all shifts. */
export interface RehearsedCheck {
  /** Name of the check. */
  readonly check: string;
  /** True when its outcome does not affect the shift. */
  readonly dryRun: boolean;
  /** Shifts that it stopped. */
  readonly stopped: number;
  /** Shifts in which it failed at least once; a dry run stops none of them. */
  readonly failed: number;
  /** Shifts in which it had no data. */
  readonly withoutData: number;
}

/** Check that was left out. */
export interface NotRehearsed {
  /** Name of the check. */
  readonly check: string;
  /** Reason why past metrics do not decide it. */
  readonly reason: string;
}

/** Median and 95th percentile over the shifts. Undefined where so many shifts did not find the regression. */
export interface RehearsalQuantiles {
  /** Median. */
  readonly median: number | undefined;
  /** 95th percentile. */
  readonly percentile95: number | undefined;
}

/** Rehearsal with an injected regression. */
export interface InjectedRehearsal extends RehearsalCounts {
  /** Multiple of `failureRate`. */
  readonly ratio: number;
  /** Failure rate that the ratio multiplies, from 0 to 1: the given one, or the past one. */
  readonly failureRate: number;
  /** Share of the affected tasks. */
  readonly shareOfTasks: number;
  /** Mean failure rate in the past, from 0 to 1. */
  readonly pastFailureRate: number;
  /** Reason why no failure was injected. Absent when some were. */
  readonly notInjected?: string;
  /** Shifts in which a check failed because of it, or would have failed anyway. */
  readonly found: number;
  /** Seconds from the beginning of a shift to its stop by a failed check, over all shifts with a verdict. */
  readonly secondsUntilFound: RehearsalQuantiles;
  /** Requests that failed because of the regression until the end of a shift, over all shifts with a verdict. */
  readonly failedRequests: RehearsalQuantiles;
  /** The shifts, oldest first. */
  readonly rehearsed: readonly RehearsedShift[];
}

/** Result of a rehearsal, plain JSON. */
export interface Rehearsal extends RehearsalCounts {
  /** Beginning of the first shift: milliseconds since 1970. */
  readonly from: number;
  /** End of the rehearsal: milliseconds since 1970. */
  readonly to: number;
  /** Name of the strategy. */
  readonly strategy: string;
  /** Stack that had the traffic. */
  readonly live: StackReference | 'both';
  /** Stack that received the traffic in the rehearsal. */
  readonly incoming: StackReference;
  /** Seed of the random split. */
  readonly seed: number;
  /** Cost in calls. */
  readonly cost: RehearsalCost;
  /** One entry for each rehearsed check. */
  readonly checks: readonly RehearsedCheck[];
  /** Checks that could not be rehearsed: the shifts were decided without them. */
  readonly notRehearsed: readonly NotRehearsed[];
  /** The shifts, oldest first. */
  readonly rehearsed: readonly RehearsedShift[];
  /** Result with the injected regression. */
  readonly injected?: InjectedRehearsal;
}
