import fc from 'fast-check';
import { describe, test } from 'vitest';
import { VirtualClock } from '../../../../src/testing/index.js';
import {
  albErrorRateRegression,
  albTargetGroup5xxRate,
  type Check,
  type CheckResult,
  cloudWatchAlarms,
  cloudWatchMetric,
  datadogMetric,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { scriptedCloudWatch } from '../../../support/scripted-cloudwatch.js';

const now = Date.parse('2026-01-01T12:00:20Z');
const lastMinute = now - 80_000;
const weightsSince = lastMinute - 190_000;
const bounds = { min: 0, max: 5 };
const runs = { numRuns: 300 };

const clock = new VirtualClock(new Date(now));

/** Returns the outcome of a check, or error. */
async function outcomeOf(check: Check, since = weightsSince): Promise<CheckResult['outcome'] | 'error'> {
  try {
    return (await check.evaluate(checkContext({ clock }, { weightsSince: since }))).outcome;
  } catch {
    return 'error';
  }
}

interface Point {
  readonly at: number;
  readonly value: number;
}

const point = fc.record({
  at: fc.integer({ min: -9, max: 3 }).map((minutes) => lastMinute + minutes * 60_000),
  value: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(-1, 6, Number.NaN, Infinity)),
});
const status = fc.oneof(
  { weight: 3, arbitrary: fc.constant('Complete') },
  fc.constantFrom('PartialData', 'InternalError', 'Forbidden', undefined),
);
const page = (id: string) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ id: fc.constant(id), status, points: fc.array(point, { maxLength: 6 }) }),
    },
    { weight: 1, arbitrary: fc.constantFrom('error' as const, 'nothing' as const) },
  );
type Page = 'error' | 'nothing' | { id: string; status: string | undefined; points: Point[] };

function responses(pages: readonly Page[]): (object | Error)[] {
  return pages.map((it, index) => {
    if (it === 'error') return new Error('InternalServiceFault');
    const NextToken = index < pages.length - 1 ? `token-${index}` : undefined;
    if (it === 'nothing') return { MetricDataResults: [], NextToken };
    return { MetricDataResults: [resultOf(it)], NextToken };
  });
}

function resultOf({ id, status: StatusCode, points }: Exclude<Page, string>) {
  return {
    Id: id,
    Label: id,
    StatusCode,
    Timestamps: points.map(({ at }) => new Date(at)),
    Values: points.map(({ value }) => value),
  };
}

/** True for whole minutes under the present weights: from 11:56 to 11:59, the last one in the window. */
const inWindow = ({ at }: Point) => at >= weightsSince && at + 60_000 <= now && at >= lastMinute - 240_000;

describe('Checks › invariant: never pass on incomplete data', () => {
  test('passes a CloudWatch metric only on complete data within its bounds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(page('m'), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('inconclusive' as const, 'fail' as const, 'pass' as const),
        fc.integer({ min: 1, max: 3 }),
        async (pages, noData, minimumSamples) => {
          const check = cloudWatchMetric({
            name: 'metric',
            queries: [
              {
                Id: 'm',
                MetricStat: { Metric: { Namespace: 'n', MetricName: 'm' }, Period: 60, Stat: 'Sum' },
              },
            ],
            ...bounds,
            windowSeconds: 300,
            noData,
            minimumSamples,
            clients: { cloudWatch: scriptedCloudWatch(responses(pages)).client },
          });
          const parts = pages.filter((it) => typeof it !== 'string');
          const points = parts.flatMap((it) => it.points).filter(inWindow);
          const isComplete = !pages.includes('error') && parts.at(-1)?.status === 'Complete';
          const isWithin = points.every(({ value }) => value >= 0 && value <= 5);
          const isEnough = points.length === 0 ? noData === 'pass' : points.length >= minimumSamples;

          const outcome = await outcomeOf(check);

          return (outcome === 'pass') === (isComplete && isWithin && isEnough);
        },
      ),
      runs,
    );
  });

  test('passes an error rate only on complete data of both of its metrics', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(page('errors'), { nil: 'nothing' as const }),
        fc.option(page('requests'), { nil: 'nothing' as const }),
        fc.boolean(),
        async (errors, requests, hasNoWholePeriod) => {
          const parts = [errors, requests].filter((it) => typeof it !== 'string');
          const isError = errors === 'error' || requests === 'error';
          const { client } = scriptedCloudWatch([
            isError ? new Error('InternalServiceFault') : { MetricDataResults: parts.map(resultOf) },
          ]);
          const check = albTargetGroup5xxRate({
            targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/1',
            loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/2',
            maxPercent: 50,
            windowSeconds: 300,
            clients: { cloudWatch: client },
          });
          const sumOf = (it: Page) =>
            typeof it === 'string'
              ? 0
              : it.points.filter(inWindow).reduce((total, { value }) => total + value, 0);
          const isComplete = !isError && parts.length === 2 && parts.every((it) => it.status === 'Complete');
          const isHealthy = sumOf(requests) > 0 && sumOf(errors) / sumOf(requests) <= 0.5;

          const outcome = await outcomeOf(check, hasNoWholePeriod ? lastMinute + 10_000 : weightsSince);

          return (outcome === 'pass') === (isComplete && isHealthy && !hasNoWholePeriod);
        },
      ),
      runs,
    );
  });

  test('passes a comparison of error rates only on complete data with enough requests', async () => {
    const isWhole = ({ at }: Point) => at >= weightsSince && at + 60_000 <= now;
    await fc.assert(
      fc.asyncProperty(
        fc.option(page('requests'), { nil: 'nothing' as const }),
        fc.option(page('failures0'), { nil: 'nothing' as const }),
        async (requests, failures) => {
          const given = [requests, failures].map((it) =>
            typeof it === 'string'
              ? it
              : { ...it, points: it.points.filter(({ value }) => value >= 0 && Number.isFinite(value)) },
          );
          const parts = given.filter((it) => typeof it !== 'string');
          const isError = given.includes('error');
          const { client } = scriptedCloudWatch([
            isError ? new Error('InternalServiceFault') : { MetricDataResults: parts.map(resultOf) },
          ]);
          const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
          const check = albErrorRateRegression({
            targetGroupArn: { blue: `${arn}:targetgroup/blue/1`, green: `${arn}:targetgroup/green/1` },
            loadBalancerArn: `${arn}:loadbalancer/app/shop/2`,
            minimumRequests: 5,
            clients: { cloudWatch: client },
          });
          const isComplete = !isError && parts.length === 2 && parts.every((it) => it.status === 'Complete');
          const [counted] = parts.filter(({ id }) => id === 'requests');
          const total = (counted?.points ?? []).filter(isWhole).reduce((sum, { value }) => sum + value, 0);

          const outcome = await outcomeOf(check);

          return outcome !== 'pass' || (isComplete && total >= 5);
        },
      ),
      runs,
    );
  });

  test('passes alarms only when every one of them is known to be OK', async () => {
    const alarm = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      state: fc.constantFrom('OK', 'OK', 'OK', 'ALARM', 'INSUFFICIENT_DATA', undefined),
      evaluation: fc.constantFrom(undefined, undefined, undefined, 'PARTIAL_DATA', 'EVALUATION_ERROR'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(alarm, { selector: ({ name }) => name, minLength: 2 }),
        async (alarms) => {
          const { client } = scriptedCloudWatch([
            {
              MetricAlarms: alarms.map(({ name, state, evaluation }) => ({
                AlarmName: name,
                StateValue: state,
                EvaluationState: evaluation,
              })),
            },
          ]);
          const check = cloudWatchAlarms({
            name: 'alarms',
            alarmNames: ['a', 'b'],
            clients: { cloudWatch: client },
          });
          const isOk = (wanted: string) =>
            alarms.some((it) => it.name === wanted && it.state === 'OK' && it.evaluation === undefined);

          const outcome = await outcomeOf(check);

          return (outcome === 'pass') === (isOk('a') && isOk('b'));
        },
      ),
      runs,
    );
  });

  test('passes a Datadog metric only on data points within its bounds', async () => {
    const list = fc.array(fc.tuple(point, fc.boolean()), { maxLength: 5 });
    const answer = fc.oneof(
      { weight: 4, arbitrary: fc.record({ status: fc.constantFrom('ok', 'ok', 'ok', 'error'), list }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('no JSON', '{}', 'null', '{"status":"ok"}', '{"status":"ok","series":[]}'),
      },
    );
    await fc.assert(
      fc.asyncProperty(answer, fc.constantFrom(200, 200, 200, 202, 403, 429, 500), async (given, status) => {
        const points = typeof given === 'string' ? [] : given.list;
        const body =
          typeof given === 'string'
            ? given
            : JSON.stringify({
                status: given.status,
                series: [
                  {
                    interval: 60,
                    pointlist: points.map(([it, isNull]) => [it.at, isNull ? null : it.value]),
                  },
                ],
              });
        const check = datadogMetric({
          name: 'datadog',
          query: 'avg:errors{*}',
          ...bounds,
          windowSeconds: 300,
          apiKey: 'api',
          appKey: 'app',
          fetch: async () => new Response(body, { status }),
        });
        // JSON has no NaN and no Infinity: both are null.
        const judged = points.filter(
          ([it, isNull]) =>
            !isNull &&
            Number.isFinite(it.value) &&
            it.at >= Math.max(weightsSince, now - 300_000) &&
            it.at + 60_000 <= now,
        );
        const isAnswered = status === 200 && typeof given !== 'string' && given.status === 'ok';
        const isHealthy = judged.length > 0 && judged.every(([{ value }]) => value >= 0 && value <= 5);

        const outcome = await outcomeOf(check);

        return (outcome === 'pass') === (isAnswered && isHealthy);
      }),
      runs,
    );
  });
});
