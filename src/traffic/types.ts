import type { CallOptions } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { StackPair, StackReference } from '../core/stack-reference.js';

/** The share of the traffic that each stack gets, in percent; both together are 100. */
export type TrafficWeights = StackPair<number>;

/** How a stack stands behind its target. */
export interface TargetHealth {
  /** Instances, tasks or addresses that may take traffic. */
  readonly healthy: number;
  /** All that are registered. */
  readonly total: number;
  /** What is wrong, in a sentence; nothing when all are healthy. */
  readonly detail?: string;
}

/** What a target may be told when its weights are read. */
export interface ReadWeightsOptions extends CallOptions {
  /**
   * The weights that may be live without anybody else having been at work; those that are to be written come last. A
   * target of several parts that are apart answers with a part that has none of these; when each has one of them, a change
   * was left half made, and it answers with a part that the change has not reached. Without this it throws.
   */
  readonly expected?: readonly TrafficWeights[] | undefined;
}

/** What a target may be told when its weights are written. */
export interface WriteWeightsOptions extends CallOptions {
  /**
   * The weights lead back. A target of several parts then writes each that it can, and puts none back: traffic that has left a
   * bad stack does not return to it because another part cannot follow.
   * @default false
   */
  readonly isRollback?: boolean | undefined;
}

/** What the users' traffic really goes through: a listener rule, a route, an alias. */
export interface TrafficTarget {
  /** For people: `ALB listener rule app/web/…`. */
  readonly description: string;
  /** The weights as they are live now. Throws when there are other destinations than the pair. */
  readWeights(options?: ReadWeightsOptions): Promise<TrafficWeights>;
  /** Changes the two weights, and nothing else. Returns when the service has accepted them. */
  writeWeights(weights: TrafficWeights, options?: WriteWeightsOptions): Promise<void>;
  /**
   * The weights that the target will have, and read back, when it is asked for these: the nearest that its scale can
   * hold, where a share that is not zero never becomes zero. A target without it holds every weight.
   */
  nearestWeights?(weights: TrafficWeights): TrafficWeights;
  /** How many instances of a stack may take traffic; a target that cannot tell has no such method. */
  readHealth?(stack: StackReference, options?: CallOptions): Promise<TargetHealth>;
}

/** One step of a strategy: the share of the incoming stack, and how long it is held at least. */
export interface ShiftStep {
  /** 0.01 to 99.99, or 100: nobody could tell less from none, or more from everything. */
  readonly percent: number;
  /** Seconds for which the share is held before the next step, 0 or more. */
  readonly holdSeconds: number;
}

/** How the traffic moves: plain data, ascending, and 100 % at the end. */
export interface ShiftStrategy {
  /** For people. */
  readonly name: string;
  /** What is done, one after the other. */
  readonly steps: readonly ShiftStep[];
  /**
   * The last step is below 100 %, and the traffic stays split as it says.
   * @default false: a strategy that does not end at 100 % is refused
   */
  readonly partial?: boolean | undefined;
}

/** What a check may look at. */
export interface CheckContext {
  /** The stack that gets the traffic. */
  readonly incoming: StackReference;
  /** The stack that had it until now. */
  readonly outgoing: StackReference;
  /** The verified weights under which the check is made. */
  readonly weights: TrafficWeights;
  /** Since when these weights have been verified: milliseconds since 1970. */
  readonly weightsSince: number;
  /** Now: milliseconds since 1970. */
  readonly now: number;
  /** Where the time comes from, and how waits wait. */
  readonly clock: Clock;
  /** The shift's logger. */
  readonly logger: Logger;
  /** Aborted when the shift is. */
  readonly signal: AbortSignal | undefined;
}

/** What a check found. No data, a partial answer or a denied permission is never `pass`. */
export interface CheckResult {
  /** What it comes to. */
  readonly outcome: 'pass' | 'fail' | 'inconclusive';
  /** What was seen, and against which bound, in a sentence. */
  readonly detail: string;
  /** The value that was judged, when there is one. */
  readonly value?: number;
}

/** Something that has to hold while the traffic moves. */
export interface Check {
  /** Unique among the checks of a shift. */
  readonly name: string;
  /**
   * Evaluate and tell, but do not decide on the outcome.
   * @default false
   */
  readonly dryRun?: boolean | undefined;
  /** A check that throws is counted as an error, apart from failures. */
  evaluate(context: CheckContext): Promise<CheckResult>;
}

/** When checks are made, and how much of what is tolerated. */
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
   * The failed evaluation of a check, counted over the whole shift, with which the rollback begins.
   * @default 1
   */
  readonly failureThreshold?: number | undefined;
  /**
   * The inconclusive evaluation of a check with which the rollback begins. They are counted under the same weights since
   * the check last passed; once the weights have been held for their time, since then.
   * @default 5
   */
  readonly inconclusiveThreshold?: number | undefined;
  /**
   * The evaluation of a check that throws with which the rollback begins; counted like inconclusive ones, and apart from
   * them.
   * @default 3
   */
  readonly errorThreshold?: number | undefined;
  /**
   * Passed evaluations in a row that every check needs at each step.
   * @default 1
   */
  readonly successThreshold?: number | undefined;
}
