import type { CallOptions } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { Permission } from '../core/permissions.js';
import type { StackPair, StackReference } from '../core/stack-reference.js';
import type { RequestCounts } from './judging/regression-options.js';

/** Share of the traffic of each stack in percent; both together are 100. */
export type TrafficWeights = StackPair<number>;

/** Health of a stack behind its target. */
export interface TargetHealth {
  /** Number of instances, tasks or addresses that may receive traffic. */
  readonly healthy: number;
  /** Number of registered ones. */
  readonly total: number;
  /** Number of those whose first health check has not ended. They are not counted as healthy. */
  readonly pending?: number;
  /** Description of the unhealthy ones; undefined when all are healthy. */
  readonly detail?: string;
}

/** Configuration of a target before a shift that changes more than the weights, as plain JSON. */
export type TargetSetup = Readonly<Record<string, unknown>>;

/** Change of a target besides its weights. */
export interface SetupChange {
  /**
   * - `prepare`: before the first step, such as adding the incoming target group with the weight 0;
   * - `complete`: after the last step;
   * - `restore`: after a rollback, back to the original configuration.
   */
  readonly kind: 'prepare' | 'complete' | 'restore';
  /** Stack that receives the traffic. */
  readonly incoming: StackReference;
  /** Result of `readSetup` before the shift. */
  readonly original: TargetSetup;
}

/** Progress of a change of a target besides its weights. */
export interface SetupProgress {
  /**
   * - `written`: the service has accepted the change, and the next call reads it back;
   * - `pending`: the change is not in effect yet;
   * - `done`: a reading shows the change, and nothing was written;
   * - `unneeded`: this target makes no such change, whatever the readings are.
   */
  readonly status: 'written' | 'pending' | 'done' | 'unneeded';
  /** Reason of the wait, for events. */
  readonly detail?: string;
}

/** Options of `TrafficTarget.readWeights`. */
export interface ReadWeightsOptions extends CallOptions {
  /**
   * Weights that the shift may have made live; the pending ones come last. They matter when a target has several parts with
   * different weights. The target then returns the weights of a part that has none of these. When each part has one of these, a
   * change was interrupted: the target returns the weights of a part that the change has not reached. Without this option the
   * target throws.
   */
  readonly expected?: readonly TrafficWeights[] | undefined;
}

/** Options of `TrafficTarget.writeWeights`. */
export interface WriteWeightsOptions extends CallOptions {
  /**
   * True during a rollback. A target of several parts then writes every part that it can, and restores none after a failure, so
   * that no traffic returns to a bad stack because another part failed.
   * @default false
   */
  readonly isRollback?: boolean | undefined;
}

/** Resource that routes the traffic: a listener rule, a route, an alias. */
export interface TrafficTarget {
  /** Name in messages, such as `ALB listener rule app/web/…`. */
  readonly description: string;
  /** Returns the live weights. Throws when there are other destinations than the pair. */
  readWeights(options?: ReadWeightsOptions): Promise<TrafficWeights>;
  /** Changes the two weights, and nothing else. Returns when the service has accepted them. */
  writeWeights(weights: TrafficWeights, options?: WriteWeightsOptions): Promise<void>;
  /**
   * Returns the weights that the target reads back after a write of these: the nearest that its scale can hold. A share above
   * zero never becomes zero. A target without this method can hold every weight.
   */
  nearestWeights?(weights: TrafficWeights): TrafficWeights;
  /**
   * Returns the seconds from when the weights were read back until all clients follow them, such as the TTL of a DNS record. A
   * shift holds every step for these seconds longer, and ends a rollback only after them. Called after a read, and before the
   * first one for an estimate. A target without this method is followed at once.
   */
  propagationSeconds?(): number;
  /** Counts the instances of a stack that may receive traffic. A target that cannot read health does not have this method. */
  readHealth?(stack: StackReference, options?: CallOptions): Promise<TargetHealth>;
  /**
   * Reads the configuration that a shift changes besides the weights. The shifter stores it before the first change. Returns
   * undefined when there is nothing to change. Throws when the shift cannot succeed with this configuration. A target that changes
   * only the weights does not have this method.
   */
  readSetup?(incoming: StackReference, options?: CallOptions): Promise<TargetSetup | undefined>;
  /**
   * Makes a change besides the weights: reads, and writes only a difference. The shifter repeats the call until the change is
   * done, and after a crash. Required unless `readSetup` always returns undefined.
   */
  changeSetup?(change: SetupChange, options?: CallOptions): Promise<SetupProgress>;
  /** Permissions of its methods, for `TrafficShifter.permissions`. */
  readonly permissions?: readonly Permission[] | undefined;
}

/** Step of a strategy: a share of the incoming stack, and its minimum hold. */
export interface ShiftStep {
  /** Share of the incoming stack: 0.01 to 99.99, or 100. A smaller difference to 0 or 100 cannot be read back. */
  readonly percent: number;
  /** Minimum seconds of the hold before the next step, 0 or more. */
  readonly holdSeconds: number;
  /**
   * Seconds after which a shift whose check is still undecided is rolled back: `holdSeconds` or more. Counts from the
   * beginning of the hold, when all clients follow the weights, or from when only an approval was missing. An undecided check waits for
   * evidence, and never ends the hold by itself.
   * @default one hour after `holdSeconds`
   */
  readonly maxHoldSeconds?: number | undefined;
}

/** Plan of a shift as plain data. The steps ascend to 100 %. */
export interface ShiftStrategy {
  /** Name in events and log lines. */
  readonly name: string;
  /** Steps, in order. */
  readonly steps: readonly ShiftStep[];
  /**
   * True when the last step is below 100 % and the traffic stays split at it.
   * @default false: a strategy that does not end at 100 % is rejected
   */
  readonly partial?: boolean | undefined;
}

/** Input of a check. */
export interface CheckContext {
  /** Stack that receives the traffic. */
  readonly incoming: StackReference;
  /** Stack that had the traffic before. */
  readonly outgoing: StackReference;
  /** Verified weights during the evaluation. */
  readonly weights: TrafficWeights;
  /** Time at which these weights were verified: milliseconds since 1970. */
  readonly weightsSince: number;
  /**
   * Time at which the shift, the rollout's observation or the swap's step began: milliseconds since 1970. It stays the same for
   * all evaluations, so a check that judges everything since then needs no memory.
   */
  readonly startedAt: number;
  /** Current time: milliseconds since 1970. */
  readonly now: number;
  /** Source of the time and of waits. */
  readonly clock: Clock;
  /** Logger of the shift. */
  readonly logger: Logger;
  /** Aborted together with the shift. */
  readonly signal: AbortSignal | undefined;
}

/** Result of a check. No data, a partial response or a denied permission is never `pass`. */
export interface CheckResult {
  /** Outcome of the evaluation. */
  readonly outcome: 'pass' | 'fail' | 'inconclusive';
  /** Sentence with the measurement and its bound. */
  readonly detail: string;
  /** Judged value, when there is one. */
  readonly value?: number;
  /**
   * True for an inconclusive result of a check that only needs more time or traffic. It does not count towards
   * `inconclusiveThreshold`, and `maxHoldSeconds` of the step limits the wait. Allowed with the outcome `inconclusive` only.
   */
  readonly undecided?: boolean;
  /** Evidence of a comparison of both stacks. */
  readonly evidence?: CheckEvidence;
}

/** Evidence that the incoming stack fails more often than the outgoing one, with the counts it is based on. */
export interface CheckEvidence {
  /** Largest evidence so far: 1 at the beginning, and at least `required` for a failure. */
  readonly value: number;
  /** Evidence that makes the check fail: 1 ÷ α. */
  readonly required: number;
  /** Counts of the incoming stack since the beginning. */
  readonly incoming: RequestCounts;
  /** Counts of the outgoing stack since the beginning. */
  readonly outgoing: RequestCounts;
  /** Ratio of the error rates that is exceeded with the confidence 1 − α. */
  readonly ratioLowerBound?: number;
}

/** Measurement that must pass while the traffic moves. */
export interface Check {
  /** Unique among the checks of a shift. */
  readonly name: string;
  /**
   * Evaluates the check and emits its result without deciding on the outcome.
   * @default false
   */
  readonly dryRun?: boolean | undefined;
  /** Permissions that an evaluation needs, for `TrafficShifter.permissions`. */
  readonly permissions?: readonly Permission[] | undefined;
  /** Evaluates the check once. An error is counted separately from failures. */
  evaluate(context: CheckContext): Promise<CheckResult>;
}

/** Schedule and thresholds of the checks. */
export interface CheckPolicy {
  /**
   * Seconds between two evaluations.
   * @default 60
   */
  readonly intervalSeconds?: number | undefined;
  /**
   * Seconds between the verification of new weights and the first evaluation under them.
   * @default 60
   */
  readonly initialDelaySeconds?: number | undefined;
  /**
   * Number of failures of a check, counted over the whole shift, that starts a rollback.
   * @default 1
   */
  readonly failureThreshold?: number | undefined;
  /**
   * Number of inconclusive evaluations of a check that starts a rollback. They are counted under the same weights since the last
   * pass; after the hold of the weights is over, a pass no longer resets the count, unless only an approval is missing. An
   * `undecided` result does not count.
   * @default 5
   */
  readonly inconclusiveThreshold?: number | undefined;
  /**
   * Number of errors of a check that starts a rollback. They are counted like inconclusive evaluations, and separately from them.
   * @default 3
   */
  readonly errorThreshold?: number | undefined;
  /**
   * Number of passes in a row that every check needs at each step.
   * @default 1
   */
  readonly successThreshold?: number | undefined;
}
