import * as v from 'valibot';
import { maxSeconds, stackReference, strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import { type StrategyRequest, strategyRequestSchema } from '../strategies/strategy-request.js';
import type { ShiftStrategy } from '../types.js';

/**
 * Request for a shift that outlives a process: plain JSON, which an execution, an event or a pipeline can hold.
 */
export interface ShiftRequest {
  /** Stack that receives the traffic. */
  readonly incoming: StackReference;
  /** Strategy of the shift. */
  readonly strategy: StrategyRequest;
  /**
   * Begins even when the incoming stack already has traffic.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
  /**
   * Shares of the incoming stack, 0 to below 100, past which the shift goes only after an approval; 0 is the approval to begin.
   * The key of an approval is its share, such as `'50'`, and an approval covers all lower shares. The driver defines how to approve.
   * @default none
   */
  readonly approvalPercents?: readonly number[] | undefined;
  /**
   * Seconds after its beginning at which a shift that has not succeeded is rolled back, at most 366 days. Also bounds the wait
   * for approvals. Must be more than the sum of the strategy's holds.
   * @default no limit
   */
  readonly maxDurationSeconds?: number | undefined;
}

/** Request with its strategy resolved. */
export interface ResolvedShiftRequest {
  /** Stack that receives the traffic. */
  readonly incoming: StackReference;
  /** Strategy of the shift. */
  readonly strategy: ShiftStrategy;
  /** Begins even when the incoming stack already has traffic. */
  readonly acceptLiveWeights: boolean;
  /** Shares that need an approval to go past, ascending. */
  readonly approvalPercents: readonly number[];
  /** Seconds after which the shift is rolled back unless it has succeeded. */
  readonly maxDurationSeconds?: number | undefined;
}

/** A share that needs an approval to go past. */
export const approvalPercent = v.pipe(
  v.number(),
  v.check((value) => value >= 0 && value < 100, 'a percentage from 0 to below 100'),
);

/** Maximum duration of a shift. */
export const maxDuration = v.pipe(
  v.number(),
  v.check((value) => value > 0 && value <= maxSeconds, 'more than 0 seconds, at most 366 days'),
);

const requestSchema = v.pipe(
  strictObject({
    incoming: stackReference,
    strategy: strategyRequestSchema,
    acceptLiveWeights: v.optional(v.boolean(), false),
    approvalPercents: v.pipe(
      v.optional(v.array(approvalPercent), []),
      v.transform((percents) => [...new Set(percents)].sort((one, other) => one - other)),
    ),
    maxDurationSeconds: v.optional(maxDuration),
  }),
  v.forward(
    v.partialCheck(
      [['strategy'], ['maxDurationSeconds']],
      ({ strategy, maxDurationSeconds = Number.POSITIVE_INFINITY }) =>
        maxDurationSeconds > holdSecondsOf(strategy),
      'more than the seconds that the strategy holds its steps for',
    ),
    ['maxDurationSeconds'],
  ),
);

/**
 * Validates a request and resolves its strategy. Returns a request that was already parsed unchanged.
 *
 * @throws InvalidInputError which names every invalid or unknown field.
 */
export function parseShiftRequest(request: unknown, subject = 'Shift request'): ResolvedShiftRequest {
  return parseInput(subject, requestSchema, request);
}

/** Returns the sum of a strategy's holds in seconds. */
export function holdSecondsOf({ steps }: ShiftStrategy): number {
  return steps.reduce((total, { holdSeconds }) => total + holdSeconds, 0);
}
