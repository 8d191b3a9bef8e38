import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { StackReference } from '../../core/stack-reference.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import type { MetricSeries } from './metric-series.js';
import type { MetricWindow } from './metric-window.js';

/** Queries of one stack that one evaluation reads in one call. */
export interface MetricRead {
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
  /** Ids of the queries of a stack that are its requests, and the failures among them; undefined for any other metric. */
  readonly counts?: { readonly requests: string; readonly failures: readonly string[] } | undefined;
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
export const checkInternals = Symbol.for('aws-blue-green-toolkit/check-internals');

/** Returns the internals of a check. A check that is not ready-made has none. */
export function internalsOf(check: Check): CheckInternals {
  try {
    const internals: unknown = Reflect.get(check, checkInternals);
    return typeof internals === 'object' && internals !== null ? internals : {};
  } catch {
    return {};
  }
}
