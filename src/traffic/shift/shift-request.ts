import * as v from 'valibot';
import { strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import { type StrategyRequest, strategyRequestSchema } from '../strategies/strategy-request.js';
import type { ShiftStrategy } from '../types.js';

/**
 * What an engine that lives longer than a process is asked for: plain JSON, which an execution, an event or a pipeline can
 * carry.
 */
export interface ShiftRequest {
  /** The stack that gets the traffic. */
  readonly incoming: StackReference;
  /** How it moves. */
  readonly strategy: StrategyRequest;
  /**
   * Begin although the incoming stack has some traffic already.
   * @default false
   */
  readonly acceptLiveWeights?: boolean | undefined;
  /**
   * Shares of the incoming stack, 0 to below 100, past which the shift goes only when somebody has approved it; 0 is the
   * approval to begin. The engine says how it is given.
   * @default none
   */
  readonly approvalPercents?: readonly number[] | undefined;
  /**
   * Seconds after its beginning at which a shift that has not succeeded is rolled back, at most 366 days; approvals that
   * nobody gives are bounded by it too. It has to be more than the times that the strategy holds its steps for.
   * @default no limit
   */
  readonly maxDurationSeconds?: number | undefined;
}

/** A request with its strategy made out. */
export interface ResolvedShiftRequest {
  /** The stack that gets the traffic. */
  readonly incoming: StackReference;
  /** How it moves. */
  readonly strategy: ShiftStrategy;
  /** Begin although the incoming stack has some traffic already. */
  readonly acceptLiveWeights: boolean;
  /** Shares past which somebody has to approve to go, ascending. */
  readonly approvalPercents: readonly number[];
  /** Seconds after which it is rolled back unless it has succeeded. */
  readonly maxDurationSeconds?: number | undefined;
}

/** No engine of AWS lives longer. */
const longestDurationSeconds = 366 * 86_400;

const approvalPercent = v.pipe(
  v.number(),
  v.check((value) => value >= 0 && value < 100, 'a percentage from 0 to below 100'),
);

const requestSchema = v.pipe(
  strictObject({
    incoming: v.picklist(['blue', 'green']),
    strategy: strategyRequestSchema,
    acceptLiveWeights: v.optional(v.boolean(), false),
    approvalPercents: v.pipe(
      v.optional(v.array(approvalPercent), []),
      v.transform((percents) => [...new Set(percents)].sort((one, other) => one - other)),
    ),
    maxDurationSeconds: v.optional(
      v.pipe(
        v.number(),
        v.check(
          (value) => value > 0 && value <= longestDurationSeconds,
          'more than 0 seconds, at most 366 days',
        ),
      ),
    ),
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
 * Checks a request of any origin and makes its strategy out. One that was parsed already is given back as it is.
 *
 * @throws InvalidInputError which names every wrong field; unknown ones are wrong too.
 */
export function parseShiftRequest(request: unknown, subject = 'Shift request'): ResolvedShiftRequest {
  return parseInput(subject, requestSchema, request);
}

/** The seconds for which a strategy holds all its steps together. */
export function holdSecondsOf({ steps }: ShiftStrategy): number {
  return steps.reduce((total, { holdSeconds }) => total + holdSeconds, 0);
}
