import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { throwIfAborted } from '../../core/aws-call.js';
import { systemClock } from '../../core/clock.js';
import { cloudWatchOf } from '../checks/read-metric-data.js';
import type { Check } from '../types.js';
import { type LiveSeries, liveSeries } from './live-series.js';
import { type PastValues, readPast } from './past-metrics.js';
import { type PreparedRehearsal, prepareRehearsal } from './rehearsal-options.js';
import type {
  Rehearsal,
  RehearsalCost,
  RehearsalOptions,
  RehearsalPlan,
  RehearsalProgress,
  RehearsedShift,
} from './rehearsal-types.js';
import { rehearseShift } from './rehearse-shift.js';
import type { Replay } from './replay.js';
import { failureRateOf } from './request-group.js';
import { type LiveMetrics, SplitMetrics } from './split-metrics.js';
import { type RehearsedRun, summarizeRehearsal } from './summarize-rehearsal.js';
import { WeightsOverTime } from './weights-over-time.js';

/**
 * Returns the cost of a rehearsal without making a call.
 *
 * @throws InvalidInputError as {@link rehearse} does.
 */
export function estimateRehearsal(
  plan: RehearsalPlan & Pick<RehearsalOptions, 'inject' | 'clock'>,
): RehearsalCost {
  return prepareRehearsal(plan).prepared.cost;
}

/**
 * Replays past CloudWatch metrics through a strategy and its checks, as if a shift to a release that is no worse had begun every
 * `stepSeconds`. It shows how many of these shifts the checks would have stopped, and why. With `inject` it also shows how soon
 * they would have found a worse release.
 *
 * The metrics of the live stack are read once. In each shift they are split between the stacks by the weights of the step: each
 * request of a sum or a sample count goes to one of the stacks at random, while means, extremes and percentiles are the same for
 * both. The shifts run in the engine of `TrafficShifter` and in the checks' own judgement, in virtual time.
 *
 * A check that reads no CloudWatch metrics, and metric math, cannot be split and are left out: `notRehearsed` names them. A
 * shift for which a check has no data has the outcome `noData`.
 *
 * Only reads: at 60 seconds a week of one metric is 10,080 of the 100,800 data points of a call.
 *
 * @remarks IAM: cloudwatch:GetMetricData
 * @throws InvalidInputError before any call, for an option that is missing, unknown or malformed, for times that are not in the
 * past, too short for a shift or older than CloudWatch's retention, and when no check can be rehearsed; AccessDeniedError;
 * UnexpectedResponseError when CloudWatch returns a metric only in part; OperationAbortedError when `signal` is aborted.
 * @example
 * ```ts
 * import { albTargetGroup5xxRate, canary, rehearse } from 'aws-blue-green-toolkit/traffic';
 *
 * const day = 86_400_000;
 * const { stopped, shifts, rehearsed } = await rehearse({
 *   strategy: canary({ percent: 10, holdSeconds: 1800 }),
 *   checks: [
 *     albTargetGroup5xxRate({
 *       targetGroupArn: {
 *         blue: process.env['BLUE_TARGET_GROUP_ARN'] ?? '',
 *         green: process.env['GREEN_TARGET_GROUP_ARN'] ?? '',
 *       },
 *       loadBalancerArn: process.env['LOAD_BALANCER_ARN'] ?? '',
 *       maxPercent: 1,
 *       windowSeconds: 180,
 *     }),
 *   ],
 *   from: new Date(Date.now() - 7 * day),
 *   to: new Date(),
 * });
 * console.log(`${stopped} of ${shifts} healthy shifts would have been stopped`);
 * ```
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { prepared, parsed } = prepareRehearsal(options);
  const { signal, onProgress } = parsed;
  const report = (progress: RehearsalProgress) => onProgress?.(progress);
  throwIfAborted({ signal, resource });
  await report({ type: 'planned', ...prepared.cost });
  const past = await readMetrics(prepared, { cloudWatch: cloudWatchOf(parsed), signal, report });
  let done = 0;
  const runAll = async (metrics: readonly LiveMetrics[]) => {
    const runs: RehearsedRun[] = [];
    for (const startAt of prepared.starts) {
      // Lets timers and signals of the caller run between two shifts.
      await systemClock.sleep(0, undefined);
      throwIfAborted({ signal, resource });
      runs.push(await runShift(prepared, metrics, startAt));
      done += 1;
      await report({ type: 'rehearsed', done, total: prepared.cost.shifts });
    }
    return runs;
  };
  const live = prepared.replays.map((replay): LiveMetrics => {
    return { series: seriesOf(replay, prepared, past), injectedRate: 0 };
  });
  const healthy = await runAll(live);
  const { inject } = prepared;
  if (inject === undefined) return summarizeRehearsal(prepared, healthy);
  const rates = live.map(({ series }) => failureRateOf(series, prepared));
  const worse = live.map((it, index): LiveMetrics => {
    const past = rates[index];
    const rate = past === undefined ? 0 : (inject.failureRate ?? past);
    return { ...it, injectedRate: Math.min(1, rate * (inject.ratio - 1)) * inject.shareOfTasks };
  });
  const pastFailureRate = rates.find((rate) => rate !== undefined) ?? 0;
  const notInjected = worse.every(({ injectedRate }) => injectedRate === 0)
    ? reasonNotInjected(inject.ratio)
    : undefined;
  return summarizeRehearsal(prepared, healthy, {
    ...inject,
    failureRate: inject.failureRate ?? pastFailureRate,
    pastFailureRate,
    ...(notInjected !== undefined && { notInjected }),
    runs: await runAll(worse),
  });
}

const resource = 'rehearsal';

function reasonNotInjected(ratio: number): string {
  return ratio === 1
    ? 'inject.ratio is 1, which makes no request fail'
    : 'no request failed in the past, and a multiple of 0 is 0: set inject.failureRate';
}

async function readMetrics(
  { reading }: PreparedRehearsal,
  options: {
    readonly cloudWatch: CloudWatchClient;
    readonly signal: AbortSignal | undefined;
    readonly report: (progress: RehearsalProgress) => unknown;
  },
): Promise<Map<string, PastValues>> {
  const total = reading.calls.length;
  const onCall = (done: number) => options.report({ type: 'read', done, total });
  return readPast(reading, { ...options, onCall });
}

/** Returns the past series of a check's queries, of all live stacks together. */
function seriesOf(
  replay: Replay,
  { liveStacks: [first, ...others] }: PreparedRehearsal,
  past: ReadonlyMap<string, PastValues>,
): LiveSeries[] {
  const further = others.map((stack) => replay.queriesOf(stack));
  return replay
    .queriesOf(first)
    .map((query, index) => liveSeries([query, ...further.flatMap((queries) => queries[index] ?? [])], past));
}

async function runShift(
  prepared: PreparedRehearsal,
  metrics: readonly LiveMetrics[],
  startAt: number,
): Promise<RehearsedRun> {
  const { incoming, metricDelaySeconds, replays, to } = prepared;
  const weights = new WeightsOverTime();
  const seed = `${prepared.seed}/${startAt}`;
  const splits = metrics.map(
    (live) => new SplitMetrics(live, { seed, incoming, weights, metricDelaySeconds }),
  );
  const checks = replays.map(
    (replay, index): Check => ({
      name: replay.name,
      dryRun: replay.dryRun,
      evaluate: async (context) =>
        replay.evaluate(
          context,
          (slot, stack, window) => splits[index]?.pointsOf(slot, stack, window, context.now) ?? [],
        ),
    }),
  );
  const end = await rehearseShift({ ...prepared, checks, startAt, endAt: to, weights });
  const withoutData = replays
    .filter((_, index) => !hasData(metrics[index]?.series ?? [], startAt, end.endedAt))
    .map(({ name }) => name);
  const gates = replays.filter(({ dryRun }) => !dryRun).map(({ name }) => name);
  const injectedFailures = splits
    .find((_, index) => metrics[index]?.injectedRate)
    ?.injectedBetween(startAt, end.endedAt);
  const { endedAt: _, failed, ...rest } = end;
  const shift: RehearsedShift = {
    at: startAt,
    ...(withoutData.some((name) => gates.includes(name)) ? { outcome: 'noData' } : rest),
    ...(withoutData.length > 0 && { withoutData }),
    ...(injectedFailures !== undefined && { injectedFailures }),
  };
  return { shift, failed, withoutData };
}

/** True when the past has a data point in the time of a shift. A service omits failures while there are none. */
function hasData(series: readonly LiveSeries[], from: number, to: number): boolean {
  return series.some(({ role, values, periodSeconds }) => {
    if (role === 'failures' || role === 'rank') return false;
    const length = periodSeconds * 1000;
    for (let at = Math.ceil(from / length) * length; at < to; at += length) if (values.has(at)) return true;
    return false;
  });
}
