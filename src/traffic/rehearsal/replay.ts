import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { systemClock } from '../../core/clock.js';
import { silentLogger } from '../../core/logger.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import {
  internalsOf,
  type MetricParts,
  type MetricRead,
  type MetricRole,
} from '../checks/check-internals.js';
import type { MetricPoint } from '../checks/judge-metric.js';
import { returnsData } from '../checks/metric-queries.js';
import type { MetricWindow } from '../checks/metric-window.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import { weightsOf } from '../weights.js';
import type { NotRehearsed } from './rehearsal-types.js';

/** Query of a check. */
export interface ReplayedQuery {
  /** Identifies the query among those of a stack; the same for both stacks. */
  readonly slot: string;
  readonly query: MetricDataQuery;
  readonly role: MetricRole;
  /** True for the counts of a Lambda alias, which are those of its versions together. */
  readonly isOfAlias: boolean;
}

/** Reads the points of one of the check's queries for a stack. */
export type ReadPoints = (slot: string, stack: StackReference, window: MetricWindow) => MetricPoint[];

/** Check that can be evaluated on other data than that of CloudWatch. */
export interface Replay {
  readonly name: string;
  readonly dryRun: boolean;
  /** Returns the queries of a stack that has all the traffic, in the same order for both stacks. */
  queriesOf(stack: StackReference): readonly ReplayedQuery[];
  /** Evaluates the check once, on the points that `read` returns. */
  evaluate(context: CheckContext, read: ReadPoints): CheckResult;
}

/** Returns the check with its data replaceable, or the reason why past metrics do not decide it. */
export function replayOf(check: Check): Replay | NotRehearsed {
  const { name, dryRun = false } = check;
  const { metrics } = internalsOf(check);
  if (metrics === undefined)
    return { check: name, reason: 'it is no ready-made check of CloudWatch metrics' };
  const queries = { blue: queriesOfLive(metrics, 'blue'), green: queriesOfLive(metrics, 'green') };
  const both = [...queries.blue, ...queries.green];
  if (both.length === 0) return { check: name, reason: 'it reads no metric of a stack' };
  if (both.some(({ query }) => query.Expression !== undefined))
    return { check: name, reason: 'it reads metric math, whose results cannot be split between the stacks' };
  return {
    name,
    dryRun,
    queriesOf: (stack) => queries[stack],
    evaluate(context, read) {
      const responses = slotsOf(metrics.readsOf(context)).map(({ stack, window, slots }) =>
        slots.flatMap(({ slot, query }) =>
          returnsData(query)
            ? [{ id: query.Id ?? '', statusCode: 'Complete', points: read(slot, stack, window) }]
            : [],
        ),
      );
      return metrics.judge(responses, context);
    },
  };
}

/** A time that is longer after 1970 than any window of a check. */
const now = 400 * 86_400_000;

/** Returns the queries of a check while a stack has all the traffic, which is how it was in the past. */
function queriesOfLive(metrics: MetricParts, stack: StackReference): ReplayedQuery[] {
  const context: CheckContext = {
    incoming: stack,
    outgoing: partnerOf(stack),
    weights: weightsOf(stack, 100),
    startedAt: 0,
    weightsSince: 0,
    now,
    clock: systemClock,
    logger: silentLogger,
    signal: undefined,
  };
  const own = metrics.readsOf(context).filter((read) => read.stack === stack);
  return slotsOf(own).flatMap(({ slots, roleOf, wholes = {} }) =>
    slots.map(({ slot, query }) => {
      const { Id = '' } = query;
      const whole = slots.find((other) => other.query.Id === wholes[Id]);
      return {
        slot,
        query: whole?.query ?? query,
        role: roleOf(Id),
        isOfAlias: Object.values(wholes).includes(Id),
      };
    }),
  );
}

/** Names the queries by the number of their read among those of the stack, and by their position in it. */
function slotsOf(reads: readonly MetricRead[]) {
  const count = { blue: 0, green: 0 };
  return reads.map(({ queries, ...rest }) => {
    const { stack } = rest;
    const read = count[stack];
    count[stack] += 1;
    const slots = queries.map((query, position) => ({ slot: `${read}/${position}`, query }));
    return { ...rest, slots };
  });
}
