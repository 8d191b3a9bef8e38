import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { systemClock } from '../../core/clock.js';
import { invalidInput } from '../../core/errors.js';
import { callOptionsEntries, functionOf, seconds, secondsFrom, strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { clientOptionsEntries, clockSchema } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import { describeTime } from '../checks/check-options.js';
import { checksSchema, policySchema, type ResolvedPolicy } from '../shift/check-policy.js';
import { safeChecks } from '../shift/safe-checks.js';
import { strategySchema } from '../strategies/strategy-schema.js';
import type { ShiftStrategy } from '../types.js';
import {
  keyOfMetric,
  periodSecondsOf,
  planReading,
  type ReadingPlan,
  retentionSecondsOf,
} from './past-metrics.js';
import type { NotRehearsed, RehearsalCost, RehearsalOptions, RehearsalProgress } from './rehearsal-types.js';
import { type Replay, replayOf } from './replay.js';

export const subject = 'rehearse options';

const hour = 3_600_000;
const maxShifts = 100_000;

const share = v.pipe(
  v.number(),
  v.check((value) => value > 0 && value <= 1, 'a share above 0, at most 1'),
);

const optionsSchema = strictObject({
  strategy: strategySchema,
  checks: v.pipe(
    checksSchema,
    v.check((checks) => checks.length > 0, 'at least one check'),
  ),
  policy: v.optional(policySchema, {}),
  from: v.date(),
  to: v.date(),
  stepSeconds: v.optional(secondsFrom(60), 3600),
  live: v.optional(v.picklist(['blue', 'green', 'both']), 'both'),
  metricDelaySeconds: v.optional(seconds, 60),
  inject: v.optional(
    strictObject({
      ratio: v.pipe(
        v.number(),
        v.check((value) => value >= 1 && Number.isFinite(value), 'a multiple of the failure rate, 1 or more'),
      ),
      failureRate: v.optional(share),
      shareOfTasks: v.optional(share, 1),
    }),
  ),
  seed: v.optional(
    v.pipe(
      v.number(),
      v.check((value) => Number.isSafeInteger(value), 'a whole number'),
    ),
    1,
  ),
  onProgress: v.optional(functionOf<(progress: RehearsalProgress) => unknown>()),
  clock: v.optional(clockSchema, systemClock),
  ...callOptionsEntries,
  ...clientOptionsEntries,
});

/** Rehearsal that has only to be carried out. */
export interface PreparedRehearsal {
  readonly strategy: ShiftStrategy;
  readonly policy: ResolvedPolicy;
  readonly from: number;
  readonly to: number;
  readonly live: StackReference | 'both';
  readonly liveStacks: readonly [StackReference, ...StackReference[]];
  readonly incoming: StackReference;
  readonly metricDelaySeconds: number;
  readonly inject:
    | { readonly ratio: number; readonly failureRate?: number | undefined; readonly shareOfTasks: number }
    | undefined;
  readonly seed: number;
  /** Beginnings of the shifts. */
  readonly starts: readonly number[];
  readonly replays: readonly Replay[];
  readonly notRehearsed: readonly NotRehearsed[];
  readonly reading: ReadingPlan;
  readonly cost: RehearsalCost;
}

/**
 * Validates the options and plans the calls, without making one.
 *
 * @throws InvalidInputError which names every invalid or unknown field.
 */
export function prepareRehearsal(options: RehearsalOptions) {
  const parsed = parseInput(subject, optionsSchema, options);
  const { strategy, policy, live, metricDelaySeconds, inject, seed, clock } = parsed;
  const [from, to, now] = [parsed.from.getTime(), parsed.to.getTime(), clock.now()];
  const starts = startsOf(
    { from, to, now, stepSeconds: parsed.stepSeconds },
    plannedSeconds(strategy, policy),
  );
  const found = safeChecks(parsed.checks, options.checks).map(replayOf);
  const replays = found.flatMap((it) => ('reason' in it ? [] : [it]));
  const notRehearsed = found.flatMap((it) => ('reason' in it ? [it] : []));
  requireGates(replays, notRehearsed, inject);
  const liveStacks = stacksOf(live);
  const queries = liveStacks.flatMap((stack) =>
    replays.flatMap((replay) => replay.queriesOf(stack).map(({ query }) => query)),
  );
  requireRetained(queries, from, now);
  const reading = planReading(queries, { start: startOfReading(queries, from, now), end: to });
  const shifts = starts.length * (inject === undefined ? 1 : 2);
  const prepared: PreparedRehearsal = {
    strategy,
    policy,
    from,
    to,
    live,
    liveStacks,
    incoming: live === 'green' ? 'blue' : 'green',
    metricDelaySeconds,
    inject,
    seed,
    starts,
    replays,
    notRehearsed,
    reading,
    cost: { metrics: reading.metrics, calls: reading.calls.length, dataPoints: reading.dataPoints, shifts },
  };
  return { prepared, parsed };
}

function stacksOf(live: StackReference | 'both'): readonly [StackReference, ...StackReference[]] {
  return live === 'both' ? ['blue', 'green'] : [live];
}

/** Returns the seconds of a shift in which every check passes at its first evaluation. */
function plannedSeconds({ steps }: ShiftStrategy, { initialDelaySeconds }: ResolvedPolicy): number {
  return steps.reduce((total, { holdSeconds }) => total + Math.max(holdSeconds, initialDelaySeconds), 0);
}

function startsOf(
  times: { readonly from: number; readonly to: number; readonly now: number; readonly stepSeconds: number },
  shiftSeconds: number,
): number[] {
  const { from, to, now, stepSeconds } = times;
  if (to > now)
    throw invalidInput(subject, {
      field: 'to',
      expected: `a time in the past (now is ${describeTime(now)})`,
      actual: describeTime(to),
    });
  const last = to - shiftSeconds * 1000;
  if (last < from)
    throw invalidInput(subject, {
      field: 'to',
      expected: `at least one shift of ${shiftSeconds} s after from (${describeTime(from)})`,
      actual: describeTime(to),
    });
  const count = Math.floor((last - from) / (stepSeconds * 1000)) + 1;
  if (count > maxShifts)
    throw invalidInput(subject, {
      field: 'stepSeconds',
      expected: `at most ${maxShifts} shifts between from and to`,
      actual: `${stepSeconds}, which makes ${count}`,
    });
  return Array.from({ length: count }, (_, index) => from + index * stepSeconds * 1000);
}

/** Rejects checks of which none decides a rehearsed shift: the shifts would pass unchecked. */
function requireGates(
  replays: readonly Replay[],
  notRehearsed: readonly NotRehearsed[],
  inject: PreparedRehearsal['inject'],
): void {
  if (replays.every(({ dryRun }) => dryRun)) {
    const reasons = notRehearsed.map(({ check, reason }) => `${check}: ${reason}`);
    throw invalidInput(subject, {
      field: 'checks',
      expected: 'at least one check that reads CloudWatch metrics and is no dry run',
      actual: [...reasons, ...replays.map(({ name }) => `${name}: it is a dry run`)].join('; '),
    });
  }
  const hasFailures = replays.some((replay) => {
    const roles = replay.queriesOf('blue').map(({ role }) => role);
    return roles.includes('requests') && (roles.includes('failures') || roles.includes('rank'));
  });
  if (inject === undefined || hasFailures) return;
  throw invalidInput(subject, {
    field: 'inject',
    expected: 'a check of requests and failures, in which a regression shows',
    actual: `checks without failures: ${replays.map(({ name }) => name).join(', ')}`,
  });
}

/** Rejects a beginning for which CloudWatch no longer has the data points of a period. */
function requireRetained(queries: readonly MetricDataQuery[], from: number, now: number): void {
  for (const query of queries) {
    const periodSeconds = periodSecondsOf(query);
    const earliest = now - retentionSecondsOf(periodSeconds) * 1000;
    if (from >= earliest) continue;
    throw invalidInput(subject, {
      field: 'from',
      expected: `${describeTime(earliest)} or later, because CloudWatch keeps periods of ${periodSeconds} s for ${inDays(retentionSecondsOf(periodSeconds))}`,
      actual: `${describeTime(from)} (metric ${query.MetricStat?.Metric?.MetricName ?? keyOfMetric(query)})`,
    });
  }
}

/** The hour before the first shift is for checks that look back, as far as CloudWatch still has it. */
function startOfReading(queries: readonly MetricDataQuery[], from: number, now: number): number {
  const earliest = queries.map((query) => now - retentionSecondsOf(periodSecondsOf(query)) * 1000);
  const wanted = from - (from % hour) - hour;
  return Math.max(wanted, ...earliest.map((at) => at - (at % 60_000) + 60_000));
}

function inDays(retention: number): string {
  return retention < 86_400 ? `${retention / 3600} hours` : `${retention / 86_400} days`;
}
