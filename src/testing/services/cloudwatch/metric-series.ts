import type {
  GetMetricDataCommandOutput,
  MetricDataQuery,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { invalidInput } from '../../../core/errors.js';
import { nonEmptyString, seconds, strictObject } from '../../../core/schemas.js';
import { parseInput } from '../../../core/validate.js';

/** Past values of one statistic of a metric, for `SimulatedCloudWatch.loadMetricSeries`. */
export interface SimulatedMetricSeries {
  /** The metric's namespace, such as `AWS/ApplicationELB`. */
  readonly namespace: string;
  /** The metric's name. */
  readonly metricName: string;
  /**
   * The metric's dimensions, by name. A query has to name exactly these.
   * @default none
   */
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
  /**
   * The statistic of the values: `Sum`, `SampleCount`, `Average`, `Minimum`, `Maximum`, or a percentile such as `p99`.
   * @default 'Sum'
   */
  readonly stat?: string | undefined;
  /** The start of the first period, at a multiple of the period. */
  readonly start: Date;
  /**
   * The length of a period in seconds.
   * @default 60
   */
  readonly periodSeconds?: number | undefined;
  /** One value for each period, oldest first. `null` is a period without a data point. */
  readonly values: readonly (number | null)[];
  /**
   * Seconds from the end of a period until CloudWatch shows its value.
   * @default 60
   */
  readonly delaySeconds?: number | undefined;
}

/** A response of GetMetricData, as an SDK client returns it or as JSON that was saved, such as the output of the AWS CLI. */
export interface SimulatedMetricDataResponse {
  /** The results, one for each query and page. */
  readonly MetricDataResults?:
    | readonly {
        /** The Id of the query. */
        readonly Id?: string | undefined;
        /** The starts of the periods, as dates or in ISO 8601. */
        readonly Timestamps?: readonly (Date | string)[] | undefined;
        /** The values, one for each time. */
        readonly Values?: readonly number[] | undefined;
      }[]
    | undefined;
  /** The token of a further page, which has to follow. */
  readonly NextToken?: string | undefined;
}

/** Past values of metrics, for `SimulatedCloudWatch.loadMetricData`. */
export interface SimulatedMetricData {
  /** The queries of the request. A query with an expression is left out: its metrics are loaded, and it is computed from them. */
  readonly queries: readonly MetricDataQuery[];
  /** The response, or all its pages in order. */
  readonly response: SimulatedMetricDataResponse | readonly SimulatedMetricDataResponse[];
  /**
   * Seconds from the end of a period until CloudWatch shows its value.
   * @default 60
   */
  readonly delaySeconds?: number | undefined;
}

/** Values of one statistic of a metric, with a time each. */
export interface LoadedSeries {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly stat: string;
  readonly periodSeconds: number;
  readonly points: readonly {
    readonly at: number;
    readonly visibleFrom: number;
    readonly value: number;
  }[];
}

const statistic = v.pipe(
  v.string(),
  v.check(
    (stat) => /^(Sum|SampleCount|Average|Minimum|Maximum|p(100|\d{1,2}(\.\d+)?)|PR\(.*\))$/.test(stat),
    'Sum, SampleCount, Average, Minimum, Maximum, a percentile or a percentile rank',
  ),
);

const period = v.pipe(
  v.number(),
  v.check(
    (value) =>
      [1, 5, 10, 20, 30].includes(value) || (Number.isInteger(value) && value > 0 && value % 60 === 0),
    '1, 5, 10, 20, 30 or a multiple of 60 seconds',
  ),
);

const finite = v.pipe(
  v.number(),
  v.check((value) => Number.isFinite(value), 'a finite number'),
);

const delay = v.optional(seconds, 60);

const seriesSchema = v.pipe(
  strictObject({
    namespace: nonEmptyString,
    metricName: nonEmptyString,
    dimensions: v.optional(v.record(v.string(), nonEmptyString), {}),
    stat: v.optional(statistic, 'Sum'),
    start: v.date(),
    periodSeconds: v.optional(period, 60),
    values: v.array(v.nullable(finite)),
    delaySeconds: delay,
  }),
  v.forward(
    v.check(
      ({ start, periodSeconds }) => start.getTime() % (periodSeconds * 1000) === 0,
      'a time at a multiple of periodSeconds',
    ),
    ['start'],
  ),
);

const instant = v.pipe(
  v.union([v.date(), v.string()]),
  v.transform((value) => new Date(value).getTime()),
  v.check((value) => Number.isFinite(value), 'a date, or a time in ISO 8601'),
);

const resultSchema = v.pipe(
  v.looseObject({
    Id: nonEmptyString,
    Timestamps: v.optional(v.array(instant), []),
    Values: v.optional(v.array(finite), []),
  } satisfies Partial<Record<keyof MetricDataResult, v.GenericSchema>>),
  v.forward(
    v.check(({ Timestamps, Values }) => Timestamps.length === Values.length, 'one value for each timestamp'),
    ['Values'],
  ),
);

// The SDK and the CLI add members, such as $metadata.
const pageSchema = v.looseObject({
  MetricDataResults: v.array(resultSchema),
  NextToken: v.optional(v.nullable(v.string())),
} satisfies Partial<Record<keyof GetMetricDataCommandOutput, v.GenericSchema>>);

const querySchema = v.looseObject({
  Id: nonEmptyString,
  Expression: v.optional(v.string()),
  MetricStat: v.optional(
    v.looseObject({
      Metric: v.looseObject({
        Namespace: nonEmptyString,
        MetricName: nonEmptyString,
        Dimensions: v.optional(v.array(v.looseObject({ Name: nonEmptyString, Value: nonEmptyString })), []),
      }),
      Period: period,
      Stat: statistic,
    }),
  ),
});

const dataSubject = 'loadMetricData options';

const dataSchema = strictObject({
  queries: v.array(querySchema),
  response: v.union([v.array(pageSchema), pageSchema]),
  delaySeconds: delay,
});

/** @throws InvalidInputError which names every invalid or unknown field. */
export function parseMetricSeries(series: SimulatedMetricSeries): LoadedSeries {
  const { dimensions, start, values, delaySeconds, ...rest } = parseInput(
    'loadMetricSeries options',
    seriesSchema,
    series,
  );
  const first = start.getTime();
  const length = rest.periodSeconds * 1000;
  const points = values.flatMap((value, index) =>
    value === null ? [] : [pointAt(first + index * length, value, { ...rest, delaySeconds })],
  );
  return { ...rest, dimensions: Object.entries(dimensions), points };
}

/** @throws InvalidInputError for an invalid or unknown field, a result without its query, and a missing page. */
export function parseMetricData(data: SimulatedMetricData): LoadedSeries[] {
  const { queries, response, delaySeconds } = parseInput(dataSubject, dataSchema, data);
  const pages = Array.isArray(response) ? response : [response];
  if (pages.at(-1)?.NextToken)
    throw invalidInput(dataSubject, {
      field: 'response',
      expected: 'every page of the response',
      actual: 'a last page with a NextToken',
    });
  const results = pages.flatMap(({ MetricDataResults }) => MetricDataResults);
  const unknown = results.find(({ Id }) => queries.every((query) => query.Id !== Id));
  if (unknown !== undefined)
    throw invalidInput(dataSubject, {
      field: 'queries',
      expected: 'the queries of the response',
      actual: `none with the Id ${unknown.Id}`,
    });
  return queries.flatMap(({ Id, MetricStat }): LoadedSeries[] => {
    if (MetricStat === undefined) return [];
    const { Metric, Period: periodSeconds, Stat: stat } = MetricStat;
    const points = results
      .filter((it) => it.Id === Id)
      .flatMap(({ Timestamps, Values }) =>
        Timestamps.map((at, index) => pointAt(at, Values[index] ?? 0, { periodSeconds, delaySeconds })),
      );
    const { Namespace: namespace, MetricName: metricName, Dimensions } = Metric;
    const dimensions = Dimensions.map(({ Name, Value }) => [Name, Value] as const);
    return [{ namespace, metricName, dimensions, stat, periodSeconds, points }];
  });
}

function pointAt(
  at: number,
  value: number,
  { periodSeconds, delaySeconds }: { readonly periodSeconds: number; readonly delaySeconds: number },
) {
  return { at, value, visibleFrom: at + (periodSeconds + delaySeconds) * 1000 };
}
