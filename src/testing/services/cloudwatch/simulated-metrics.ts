import type {
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  MetricDataQuery,
  MetricDataResult,
  StatusCode,
} from '@aws-sdk/client-cloudwatch';
import { awsError, type OperationOutput, pageOf, required } from '../../cloud/environment.js';
import { LoadedMetrics } from './loaded-metrics.js';
import { retentionOf, roundedStart } from './metric-retention.js';
import type { LoadedSeries } from './metric-series.js';
import { evaluateMath, type MetricSeriesValues } from './simulated-metric-math.js';
import { statisticOf, type WeightedValue } from './simulated-statistics.js';

const maxQueries = 500;
const maxDataPoints = 100_800;

/** A value of a metric at one time. */
export interface SimulatedDataPoint extends WeightedValue {
  readonly namespace: string;
  readonly metricName: string;
  /** A query has to name exactly these dimensions. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** The time in milliseconds since 1970. */
  readonly at: number;
  /** The time from which CloudWatch shows the value; not before its own time. */
  readonly visibleFrom: number;
}

/** The time range of a read, and the time of the read, in milliseconds since 1970. The end is exclusive. */
export interface MetricRange {
  readonly begin: number;
  readonly end: number;
  readonly now: number;
}

/** One value in the result of a query. */
interface Aggregate {
  readonly id: string;
  readonly label: string;
  readonly at: number;
  readonly value: number;
}

/** The metric data of the simulated CloudWatch. */
export class SimulatedMetrics {
  readonly #points = new Map<string, SimulatedDataPoint[]>();
  readonly #loaded = new LoadedMetrics();
  readonly #statusCodes = new Map<string, StatusCode>();
  #dataPointsPerPage = maxDataPoints;

  add(point: SimulatedDataPoint): void {
    const key = keyOf(point.namespace, point.metricName, Object.entries(point.dimensions));
    const points = this.#points.get(key);
    if (points === undefined) this.#points.set(key, [point]);
    else points.push(point);
  }

  /** Adds statistics of the past. Single points replace them in their period. */
  load(series: LoadedSeries): void {
    this.#loaded.add(keyOf(series.namespace, series.metricName, series.dimensions), series);
  }

  limitPages(dataPoints: number): void {
    this.#dataPointsPerPage = dataPoints;
  }

  setStatusCode(metricName: string, statusCode: StatusCode): void {
    this.#statusCodes.set(metricName, statusCode);
  }

  /** Runs GetMetricData at a time. */
  read(input: GetMetricDataCommandInput, now: number): OperationOutput<GetMetricDataCommandOutput> {
    const queries = checked(input);
    // The end is exclusive.
    const begin = required(input.StartTime, 'StartTime').getTime();
    const range = { begin, end: required(input.EndTime, 'EndTime').getTime(), now };
    const returned = queries.filter(({ ReturnData }) => ReturnData ?? true);
    const answers = returned.map((query) => ({ query, series: this.evaluate(query, queries, range) }));
    const direction = input.ScanBy === 'TimestampAscending' ? 1 : -1;
    const found = answers
      .flatMap(({ query, series }) => series.flatMap((it) => aggregatesOf(query, it)))
      .sort((a, b) => direction * (a.at - b.at));
    const { items, nextToken } = pageOf(found, {
      token: input.NextToken,
      size: Math.min(input.MaxDatapoints ?? maxDataPoints, this.#dataPointsPerPage),
      maxSize: maxDataPoints,
    });
    const last = items.at(-1);
    const unread = last === undefined ? [] : found.slice(found.indexOf(last) + 1);
    return {
      MetricDataResults: answers.flatMap(({ query, series }) =>
        series.map(({ label }) => this.#result(query, { label, queries, page: items, unread })),
      ),
      NextToken: nextToken,
    };
  }

  /** Returns the series of one query. An expression may return several. A failed query has no values. */
  evaluate(
    query: MetricDataQuery,
    queries: readonly MetricDataQuery[],
    range: MetricRange,
  ): readonly MetricSeriesValues[] {
    const label = labelOf(query);
    if (this.#statusOf(query, queries) !== undefined) return [{ label, values: new Map() }];
    if (query.Expression === undefined) return [{ label, values: this.#aggregate(query, range) }];
    const results = evaluateMath(query.Expression, {
      valueOf: (id) => this.#referenced(id, query, queries, range),
      metrics: (text) => this.#metrics(text, queries, range),
      periods: periodsIn(
        { ...range, begin: roundedStart(range.begin, { now: range.now, periodSeconds: 60 }) },
        1000 * maxPeriod(queries),
      ),
    });
    return results.map((it) => ({ ...it, label: results.length > 1 ? `${label} ${it.label}` : label }));
  }

  #referenced(
    id: string,
    from: MetricDataQuery,
    queries: readonly MetricDataQuery[],
    range: MetricRange,
  ): MetricSeriesValues | readonly MetricSeriesValues[] {
    const query = queries.find(({ Id }) => Id === id);
    if (query === undefined)
      throw validationError(`The expression ${from.Expression} refers to no query ${id}`);
    // Excludes the expression itself: a circular reference cannot be evaluated.
    const others = queries.filter((it) => it !== from);
    const [first, ...more] = this.evaluate(query, others, range);
    return first !== undefined && more.length === 0 ? first : [...(first ? [first] : []), ...more];
  }

  #metrics(text: string, queries: readonly MetricDataQuery[], range: MetricRange): MetricSeriesValues[] {
    return queries
      .filter(({ Id = '', MetricStat }) => MetricStat !== undefined && Id.includes(text))
      .flatMap((query) => this.evaluate(query, queries, range));
  }

  #result(
    query: MetricDataQuery,
    {
      label,
      queries,
      page,
      unread,
    }: { label: string; queries: MetricDataQuery[]; page: Aggregate[]; unread: Aggregate[] },
  ): MetricDataResult {
    const isOwn = (it: Aggregate) => it.id === query.Id && it.label === label;
    const own = page.filter(isOwn);
    return {
      Id: query.Id,
      Label: label,
      Timestamps: own.map(({ at }) => new Date(at)),
      Values: own.map(({ value }) => value),
      StatusCode: this.#statusOf(query, queries) ?? (unread.some(isOwn) ? 'PartialData' : 'Complete'),
    };
  }

  /** Returns the status that was set for the metric, or for a metric of the expression. */
  #statusOf(query: MetricDataQuery, queries: readonly MetricDataQuery[]): StatusCode | undefined {
    if (query.Expression === undefined) return this.#statusCodes.get(metricOf(query).MetricName);
    const names: string[] = query.Expression.match(/[A-Za-z_]\w*/g) ?? [];
    const referenced = queries.filter(
      (it) => it !== query && (names.includes(it.Id ?? '') || (names.includes('METRICS') && it.MetricStat)),
    );
    const others = queries.filter((it) => it !== query);
    return referenced.map((it) => this.#statusOf(it, others)).find((it) => it !== undefined);
  }

  /** Returns one value for each period that begins in the range and has data. */
  #aggregate(query: MetricDataQuery, { begin, end, now }: MetricRange): Map<number, number> {
    const { Namespace, MetricName, Dimensions } = metricOf(query);
    const periodSeconds = checkedPeriod(required(query.MetricStat?.Period, 'Period'));
    const period = 1000 * periodSeconds;
    const stat = required(query.MetricStat?.Stat, 'Stat');
    const aggregate = statisticOf(stat);
    const key = keyOf(Namespace, MetricName, Dimensions);
    // Points older than the retention of the period are gone.
    const first = Math.max(roundedStart(begin, { now, periodSeconds }), now - retentionOf(periodSeconds));
    const read = { stat, periodSeconds, begin: first, end, now };
    const pointsByPeriod = new Map<number, SimulatedDataPoint[]>();
    for (const point of this.#points.get(key) ?? []) {
      const at = startOfPeriod(point.at, period);
      if (point.visibleFrom > now || at < first || at >= end) continue;
      const others = pointsByPeriod.get(at);
      if (others === undefined) pointsByPeriod.set(at, [point]);
      else others.push(point);
    }
    const loaded = this.#loaded.read(key, MetricName, read);
    const added = [...pointsByPeriod].map(([at, points]) => [at, aggregate(points)] as const);
    return new Map([...loaded, ...added]);
  }
}

function aggregatesOf({ Id }: MetricDataQuery, { label, values }: MetricSeriesValues): Aggregate[] {
  const id = required(Id, 'Id');
  return [...values].map(([at, value]) => ({ id, label, at, value }));
}

/** Validates the queries of a request as AWS does. */
function checked(input: GetMetricDataCommandInput): MetricDataQuery[] {
  const queries = required(input.MetricDataQueries, 'MetricDataQueries');
  if (queries.length > maxQueries) throw validationError(`At most ${maxQueries} queries are allowed`);
  const ids = queries.map(({ Id }) => required(Id, 'Id'));
  const wrongId = ids.find((id) => !/^[a-z][a-zA-Z0-9_]*$/.test(id));
  if (wrongId !== undefined) throw validationError(`The Id ${wrongId} is invalid`);
  if (new Set(ids).size < ids.length) throw validationError('The Ids of the queries have to be unique');
  if (queries.some(({ Expression, MetricStat }) => (Expression === undefined) === (MetricStat === undefined)))
    throw validationError('A query has either an Expression or a MetricStat');
  if (required(input.StartTime, 'StartTime') >= required(input.EndTime, 'EndTime'))
    throw validationError('StartTime has to be before EndTime');
  return queries;
}

function metricOf({ MetricStat }: MetricDataQuery) {
  const { Namespace, MetricName, Dimensions = [] } = required(MetricStat?.Metric, 'Metric');
  return {
    Namespace: required(Namespace, 'Namespace'),
    MetricName: required(MetricName, 'MetricName'),
    Dimensions: Dimensions.map(({ Name = '', Value = '' }) => [Name, Value] as const),
  };
}

function labelOf(query: MetricDataQuery): string {
  return query.Label ?? query.MetricStat?.Metric?.MetricName ?? required(query.Id, 'Id');
}

/** Identifies a metric, whatever the order of its dimensions. */
function keyOf(
  namespace: string,
  metricName: string,
  dimensions: readonly (readonly [string, string])[],
): string {
  const sorted = dimensions.map((dimension) => JSON.stringify(dimension)).sort();
  return JSON.stringify([namespace, metricName, sorted]);
}

function maxPeriod(queries: readonly MetricDataQuery[]): number {
  return Math.max(1, ...queries.map(({ Period, MetricStat }) => MetricStat?.Period ?? Period ?? 1));
}

/** Returns the start of every period that begins in the range and not in the future. */
function periodsIn({ begin, end, now }: MetricRange, period: number): number[] {
  const first = Math.ceil(begin / period) * period;
  const last = Math.min(end - 1, now);
  return Array.from(
    { length: Math.max(0, Math.floor((last - first) / period) + 1) },
    (_, index) => first + index * period,
  );
}

function checkedPeriod(seconds: number): number {
  if ([1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0)) return seconds;
  throw validationError(`The Period ${seconds} is invalid`);
}

function startOfPeriod(at: number, period: number): number {
  return at - (at % period);
}

function validationError(message: string): Error {
  return awsError('ValidationError', message);
}
