import type {
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  MetricDataQuery,
  MetricDataResult,
  StatusCode,
} from '@aws-sdk/client-cloudwatch';
import { type Answer, awsError, pageOf, required } from './environment.js';

const mostQueries = 500;
const mostDataPoints = 100_800;

/** A value of a metric at one time, as a service or a program has put it. */
export interface SimulatedDataPoint {
  readonly namespace: string;
  readonly metricName: string;
  /** Every dimension counts: a query has to name the very same ones. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** The time in milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/** One value of a query's answer. */
interface Aggregate {
  readonly id: string;
  readonly at: number;
  readonly value: number;
}

const statistics: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Average: (values) => sum(values) / values.length,
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
  SampleCount: (values) => values.length,
  Sum: sum,
};

/** The metric data of the simulated CloudWatch: points are put in, and read period by period. */
export class SimulatedMetrics {
  readonly #points: SimulatedDataPoint[] = [];
  readonly #statusCodes = new Map<string, StatusCode>();
  #dataPointsPerPage = mostDataPoints;

  add(point: SimulatedDataPoint): void {
    this.#points.push(point);
  }

  limitPages(dataPoints: number): void {
    this.#dataPointsPerPage = dataPoints;
  }

  setStatusCode(metricName: string, statusCode: StatusCode): void {
    this.#statusCodes.set(metricName, statusCode);
  }

  /** Answers GetMetricData as of now. */
  read(input: GetMetricDataCommandInput, now: number): Answer<GetMetricDataCommandOutput> {
    const queries = checked(input).filter(({ ReturnData }) => ReturnData ?? true);
    const direction = input.ScanBy === 'TimestampAscending' ? 1 : -1;
    const found = queries
      .flatMap((query) => this.#aggregate(query, input, now))
      .sort((a, b) => direction * (a.at - b.at));
    const { items, nextToken } = pageOf(found, {
      token: input.NextToken,
      size: Math.min(input.MaxDatapoints ?? mostDataPoints, this.#dataPointsPerPage),
      most: mostDataPoints,
    });
    const last = items.at(-1);
    const unread = last === undefined ? [] : found.slice(found.indexOf(last) + 1);
    return {
      MetricDataResults: queries.map((query) => this.#result(query, items, unread)),
      NextToken: nextToken,
    };
  }

  #result(query: MetricDataQuery, page: Aggregate[], unread: Aggregate[]): MetricDataResult {
    const own = page.filter(({ id }) => id === query.Id);
    const isPartial = unread.some(({ id }) => id === query.Id);
    const { MetricName } = metricOf(query);
    return {
      Id: query.Id,
      Label: query.Label ?? MetricName,
      Timestamps: own.map(({ at }) => new Date(at)),
      Values: own.map(({ value }) => value),
      StatusCode: this.#statusCodes.get(MetricName) ?? (isPartial ? 'PartialData' : 'Complete'),
    };
  }

  /** One value for each period that begins in the window and has data; a query that fails has none. */
  #aggregate(query: MetricDataQuery, input: GetMetricDataCommandInput, now: number): Aggregate[] {
    const id = required(query.Id, 'Id');
    const metric = metricOf(query);
    if (this.#statusCodes.has(metric.MetricName)) return [];
    const period = 1000 * checkedPeriod(required(query.MetricStat?.Period, 'Period'));
    const aggregate = statisticOf(required(query.MetricStat?.Stat, 'Stat'));
    // A start within the last 15 days is rounded down to the minute; the end is exclusive.
    const begin = startOfPeriod(required(input.StartTime, 'StartTime').getTime(), 60_000);
    const end = required(input.EndTime, 'EndTime').getTime();

    const valuesByPeriod = new Map<number, number[]>();
    for (const point of this.#points) {
      const at = startOfPeriod(point.at, period);
      if (point.at > now || at < begin || at >= end || !belongsTo(point, metric)) continue;
      valuesByPeriod.set(at, [...(valuesByPeriod.get(at) ?? []), point.value]);
    }
    return [...valuesByPeriod].map(([at, values]) => ({ id, at, value: aggregate(values) }));
  }
}

/** The queries of a request that AWS would accept. */
function checked(input: GetMetricDataCommandInput): MetricDataQuery[] {
  const queries = required(input.MetricDataQueries, 'MetricDataQueries');
  if (queries.length > mostQueries) throw validationError(`At most ${mostQueries} queries are allowed`);
  const ids = queries.map(({ Id }) => required(Id, 'Id'));
  const wrongId = ids.find((id) => !/^[a-z][a-zA-Z0-9_]*$/.test(id));
  if (wrongId !== undefined) throw validationError(`The Id ${wrongId} is invalid`);
  if (new Set(ids).size < ids.length) throw validationError('The Ids of the queries have to be unique');
  if (required(input.StartTime, 'StartTime') >= required(input.EndTime, 'EndTime'))
    throw validationError('StartTime has to be before EndTime');
  return queries;
}

function metricOf({ MetricStat }: MetricDataQuery) {
  if (MetricStat === undefined) throw new TypeError('SimulatedCloud does not evaluate metric expressions');
  const { Namespace, MetricName, Dimensions = [] } = required(MetricStat.Metric, 'Metric');
  return {
    Namespace: required(Namespace, 'Namespace'),
    MetricName: required(MetricName, 'MetricName'),
    Dimensions: new Map(Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
}

function belongsTo(point: SimulatedDataPoint, metric: ReturnType<typeof metricOf>): boolean {
  const dimensions = Object.entries(point.dimensions);
  return (
    point.namespace === metric.Namespace &&
    point.metricName === metric.MetricName &&
    dimensions.length === metric.Dimensions.size &&
    dimensions.every(([name, value]) => metric.Dimensions.get(name) === value)
  );
}

function checkedPeriod(seconds: number): number {
  if ([1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0)) return seconds;
  throw validationError(`The Period ${seconds} is invalid`);
}

function statisticOf(name: string) {
  const statistic = statistics[name];
  if (statistic === undefined) throw new TypeError(`SimulatedCloud does not compute the statistic ${name}`);
  return statistic;
}

function startOfPeriod(at: number, period: number): number {
  return at - (at % period);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function validationError(message: string): Error {
  return awsError('ValidationError', message);
}
