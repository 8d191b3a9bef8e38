import type { Dimension, Metric, MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { nonEmptyString, positiveCount, strictObject } from '../../core/schemas.js';
import { ofStack, type PerStack } from './check-options.js';

/** Entries for every key of an SDK type: a key that a newer model adds is a compile error here. */
type EntriesOf<Type> = Readonly<Record<keyof Type, v.GenericSchema>>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html */
const period = v.pipe(
  positiveCount,
  v.check(
    (value) => value % 60 === 0 || [1, 5, 10, 20, 30].includes(value),
    'a Period of 1, 5, 10, 20, 30 or a multiple of 60 seconds',
  ),
);

const dimension = strictObject({
  Name: v.optional(v.string()),
  Value: v.optional(v.string()),
} satisfies EntriesOf<Dimension>);

const metric = strictObject({
  Namespace: v.optional(v.string()),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.array(dimension)),
} satisfies EntriesOf<Metric>);

const metricStat = strictObject({
  Metric: metric,
  Period: period,
  Stat: nonEmptyString,
  Unit: v.optional(v.string()),
} satisfies EntriesOf<MetricStat>);

const query = strictObject({
  Id: nonEmptyString,
  MetricStat: v.optional(metricStat),
  Expression: v.optional(v.string()),
  Label: v.optional(v.string()),
  ReturnData: v.optional(v.boolean()),
  Period: v.optional(period),
  AccountId: v.optional(v.string()),
} satisfies EntriesOf<MetricDataQuery>);

/** CloudWatch queries of which exactly one returns data. They are copied, so that a later change of the original has no effect. */
export const queriesSchema = v.pipe(
  v.array(query),
  v.check(
    (queries) => queries.filter(returnsData).length === 1,
    'queries of which exactly one returns data (ReturnData: false on the others)',
  ),
  v.check((queries) => periodOf(queries) > 0, 'queries with a Period'),
  v.transform((queries) => queries as MetricDataQuery[]),
);

/** True when the values of a query are in the response, not only in the expressions of other queries. */
export function returnsData({ ReturnData }: { readonly ReturnData?: boolean | undefined }): boolean {
  return ReturnData ?? true;
}

/** Fields of a query that hold its period. */
interface PeriodicQuery {
  readonly Period?: number | undefined;
  readonly MetricStat?: { readonly Period?: number | undefined } | undefined;
}

/** Returns the longest period of the queries, which is the period of an expression over all of them. */
export function periodOf(queries: readonly PeriodicQuery[]): number {
  const periods = queries.flatMap(({ Period, MetricStat }) => [Period, MetricStat?.Period]);
  return Math.max(0, ...periods.filter((it) => it !== undefined));
}

/** Returns the longest period of the queries of either stack. */
export function maxPeriodOf(queries: PerStack<readonly MetricDataQuery[]>): number {
  return Math.max(...bothOf(queries).map(periodOf));
}

/** True when the queries return one series: a metric, not an expression, which can search for several. */
export function isOneSeries(queries: PerStack<readonly MetricDataQuery[]>): boolean {
  return bothOf(queries).every((own) =>
    own.filter(returnsData).every(({ MetricStat }) => MetricStat !== undefined),
  );
}

export function namespacesOf(queries: PerStack<readonly MetricDataQuery[]>): string[] {
  return bothOf(queries).flatMap((own) => own.map(({ MetricStat }) => MetricStat?.Metric?.Namespace ?? ''));
}

function bothOf(queries: PerStack<readonly MetricDataQuery[]>): (readonly MetricDataQuery[])[] {
  return [ofStack(queries, 'blue'), ofStack(queries, 'green')];
}
