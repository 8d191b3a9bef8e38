import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { StackReference } from '../../core/stack-reference.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import type { MetricSeries } from './metric-series.js';
import type { MetricWindow } from './metric-window.js';

/** Meaning of a metric to a check. Failures are among its requests; a rank is the percentage of them that is no failure. */
export type MetricRole = 'requests' | 'failures' | 'rank' | 'value';

/** Meaning of the queries of a read. A rehearsal splits requests together with the failures among them. */
export interface MetricMeaning {
  /** Returns the role of a query. */
  readonly roleOf: (id: string) => MetricRole;
  /**
   * Ids of the queries of a Lambda alias as a whole, by those of the same count of one version. CloudWatch has the latter only
   * while the alias is weighted.
   * @default none
   */
  readonly wholes?: Readonly<Record<string, string>> | undefined;
}

/** Queries of one stack that one evaluation reads in one call. */
export interface MetricRead extends MetricMeaning {
  /** Stack whose metrics the queries cover. */
  readonly stack: StackReference;
  readonly queries: readonly MetricDataQuery[];
  readonly window: MetricWindow;
}

/** Parts of a check of CloudWatch metrics: the reads of an evaluation, and the judgement of their responses. */
export interface MetricParts {
  readonly cloudWatch: CloudWatchClient;
  /** Longest period of the queries in seconds. */
  readonly periodSeconds: number;
  /** Returns the reads of an evaluation. None while no period is over. */
  readonly readsOf: (context: CheckContext) => readonly MetricRead[];
  /**
   * Judges the responses: one list of series for each read, in the same order. Pure: the result depends only on the arguments. A
   * response that is not complete is inconclusive.
   */
  readonly judge: (responses: readonly (readonly MetricSeries[])[], context: CheckContext) => CheckResult;
}

/** Fixed threshold of an error rate, for an estimate of false stops. */
export interface ErrorRateThreshold {
  readonly maxPercent: number;
  readonly minimumRequests: number;
  readonly windowSeconds: number;
}

/** Facts of a ready-made check that its public type does not have. */
export interface CheckInternals {
  /** Parts of a check of CloudWatch metrics. */
  readonly metrics?: MetricParts;
  /** Threshold of a check that compares an error rate with a fixed limit. */
  readonly threshold?: ErrorRateThreshold;
}

/** Key of {@link CheckInternals} in a ready-made check. Two copies of the package agree on it. */
const checkInternals = Symbol.for('aws-blue-green-toolkit/check-internals');

/** Returns the check with its internals, which are those of its `evaluate`. */
export function withInternals(check: Check, internals: CheckInternals): Check {
  return Object.assign(check, { [checkInternals]: { ...internals, evaluate: check.evaluate } });
}

/**
 * Returns the internals of a check. One that is not ready-made has none, nor has a copy of a ready-made check with an `evaluate` of its
 * own.
 */
export function internalsOf(check: Check): CheckInternals {
  try {
    const internals: unknown = Reflect.get(check, checkInternals);
    return areOf(check, internals) ? internals : {};
  } catch {
    return {};
  }
}

function areOf(check: Check, internals: unknown): internals is CheckInternals {
  if (typeof internals !== 'object' || internals === null) return false;
  return 'evaluate' in internals && internals.evaluate === check.evaluate;
}
