import * as v from 'valibot';
import { describeValue } from '../../core/describe-value.js';
import { OperationAbortedError, UnexpectedResponseError } from '../../core/errors.js';
import { fromJson } from '../../core/from-json.js';
import { functionOf, nonEmptyString, someSeconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import { requireMetricContext } from './check-context.js';
import {
  apiAddress,
  areBounds,
  type BoundOptions,
  boundEntries,
  type CheckOptions,
  checkEntries,
  describeTime,
  inconclusive,
  missingDataEntries,
  type NoDataOutcome,
  requireNoQuery,
  timeoutSeconds,
} from './check-options.js';
import { hideSecrets } from './hide-secrets.js';
import { describeFailure, request, withinTime } from './http-request.js';
import { judgePoints, type MetricPoint } from './judge-metric.js';

/** A key, or a function that returns it at each evaluation, so that a rotated key takes effect. */
export type SecretSource = string | (() => Promise<string>);

/** Options of {@link datadogMetric}. */
export interface DatadogMetricOptions extends CheckOptions, BoundOptions {
  /** Datadog's own query, such as `avg:trace.http.request.errors{service:orders}.as_rate()`. */
  readonly query: string;
  /** Seconds back from now that the judged data points may lie. */
  readonly windowSeconds: number;
  /** The API key; never shown. */
  readonly apiKey: SecretSource;
  /** The application key, with the permission `timeseries_query`; never shown. */
  readonly appKey: SecretSource;
  /**
   * The Datadog site.
   * @default 'datadoghq.com'
   */
  readonly site?: string | undefined;
  /**
   * The address of the API where it is not that of a site, such as that of a proxy. It has no user, password or query.
   * @default https://api.SITE
   */
  readonly address?: string | undefined;
  /**
   * Data points that the window needs for a `pass`. Fewer are `inconclusive`, unless one is out of bounds.
   * @default 1
   */
  readonly minimumSamples?: number | undefined;
  /**
   * Outcome of a response without data points. While no whole interval has passed under the present weights, the check is always
   * `inconclusive`.
   * @default 'inconclusive'
   */
  readonly noData?: NoDataOutcome | undefined;
  /**
   * Seconds for Datadog's response, and for the keys: at most 900. A response is read up to 1 MiB; a longer one is an error.
   * @default 10
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * The function that sends requests, such as through a proxy.
   * @default the global `fetch`
   */
  readonly fetch?: typeof fetch | undefined;
}

const secret = v.union([nonEmptyString, functionOf<() => Promise<string>>()]);

const optionsSchema = v.pipe(
  strictObject({
    ...checkEntries,
    query: nonEmptyString,
    ...boundEntries,
    windowSeconds: someSeconds,
    apiKey: secret,
    appKey: secret,
    site: v.optional(
      v.pipe(
        v.string(),
        v.check(
          (site) => /^[a-z0-9.-]+$/.test(site) && URL.canParse(`https://api.${site}`),
          'a site such as datadoghq.eu',
        ),
      ),
      'datadoghq.com',
    ),
    address: v.optional(apiAddress),
    ...missingDataEntries,
    timeoutSeconds: v.optional(timeoutSeconds, 10),
    fetch: v.optional(functionOf<typeof fetch>()),
  }),
  v.forward(
    v.check((bounds) => areBounds(bounds), 'a min, a max, or both with min below max'),
    ['max'],
  ),
);

const responseSchema = v.object({
  status: v.literal('ok'),
  series: v.array(
    v.object({
      interval: v.optional(v.nullable(v.number())),
      pointlist: v.array(v.tuple([v.number(), v.nullable(v.number())])),
    }),
  ),
});

const subject = "Datadog's query API";

type Settings = v.InferOutput<typeof optionsSchema> & { readonly address: string };

/**
 * Checks a Datadog metric against a lower bound, an upper bound or both. Every data point of the window, of every series that the
 * query returns, must be within the bounds. Points from before the present weights, and an incomplete interval, are not judged.
 *
 * A response other than 200, or one that cannot be parsed, throws. No error, event or log line contains the keys.
 *
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function datadogMetric(options: DatadogMetricOptions): Check {
  const parsed = parseInput('datadogMetric options', optionsSchema, options);
  if (parsed.address !== undefined) requireNoQuery('datadogMetric options', parsed.address);
  const address = parsed.address ?? `https://api.${parsed.site}`;
  const settings: Settings = { ...parsed, address };
  return {
    name: parsed.name,
    dryRun: parsed.dryRun,
    evaluate: (context) => evaluate(settings, context),
  };
}

async function evaluate(settings: Settings, context: CheckContext): Promise<CheckResult> {
  requireMetricContext(context);
  const { now, weightsSince, signal } = context;
  const start = Math.max(now - settings.windowSeconds * 1000, weightsSince);
  if (start >= now) return inconclusive('the weights have only just been verified');
  const { series: allSeries } = await query(settings, { start, end: now, signal });
  const points = allSeries.flatMap((series) => pointsOf(series, { start, end: now }));
  const window = `${describeTime(start)} to ${describeTime(now)}`;
  // Without a whole interval there is no point to judge yet, which is not the same as no data.
  if (points.length === 0 && !allSeries.every((series) => hasWholeInterval(series, { start, end: now })))
    return inconclusive(`no whole interval has passed yet (${window})`);
  return judgePoints(points, { ...settings, window });
}

async function query(
  settings: Settings,
  { start, end, signal }: { start: number; end: number; signal: AbortSignal | undefined },
): Promise<v.InferOutput<typeof responseSchema>> {
  const { address, timeoutSeconds } = settings;
  const resource = new URL(address).host;
  const keys = await withinTime({ what: `keys for ${resource}`, timeoutSeconds, signal, resource }, () =>
    Promise.all([reveal('apiKey', settings.apiKey), reveal('appKey', settings.appKey)]),
  );
  const [apiKey, appKey] = keys;
  const url = new URL('api/v1/query', address.endsWith('/') ? address : `${address}/`);
  url.search = new URLSearchParams({
    from: String(Math.floor(start / 1000)),
    to: String(Math.ceil(end / 1000)),
    query: settings.query,
  }).toString();
  try {
    const { status, body } = await request({
      fetch: settings.fetch ?? fetch,
      url: url.href,
      headers: { 'DD-API-KEY': apiKey, 'DD-APPLICATION-KEY': appKey, accept: 'application/json' },
      timeoutSeconds,
      signal,
      resource,
    });
    return parseResponse(status, body, resource);
  } catch (error) {
    if (error instanceof OperationAbortedError) throw error;
    // Without a cause, because it contains the keys when `fetch` rejects them as headers.
    throw new UnexpectedResponseError({
      action: subject,
      resource,
      field: 'data points',
      actual: hideSecrets(describeFailure(error), keys),
    });
  }
}

function parseResponse(status: number, body: string, resource: string): v.InferOutput<typeof responseSchema> {
  if (status !== 200) throw new Error(`status ${status}${hint(status)}`);
  const json = fromJson(body);
  if (json === undefined) throw new Error('a response that is not JSON');
  return parseInput(`Response of ${resource}`, responseSchema, json);
}

function hint(status: number): string {
  if (status === 401 || status === 403)
    return ': the keys were rejected, or lack the permission timeseries_query';
  return status === 429 ? ': too many requests' : '';
}

/** Returns the points whose interval began under the present weights and is over. */
function pointsOf(
  { interval, pointlist }: v.InferOutput<typeof responseSchema>['series'][number],
  { start, end }: { start: number; end: number },
): MetricPoint[] {
  return pointlist.flatMap(([at, value]) =>
    value !== null && at >= start && at + (interval ?? 0) * 1000 <= end ? [{ at, value }] : [],
  );
}

/** True when an interval began within the time and is over: Datadog's intervals begin at multiples of their length. */
function hasWholeInterval(
  { interval }: v.InferOutput<typeof responseSchema>['series'][number],
  { start, end }: { start: number; end: number },
): boolean {
  const length = (interval ?? 0) * 1000;
  return length === 0 || Math.ceil(start / length) * length + length <= end;
}

async function reveal(field: 'apiKey' | 'appKey', source: SecretSource): Promise<string> {
  if (typeof source === 'string') return source;
  const key: unknown = await source();
  if (typeof key === 'string' && key !== '') return key;
  throw new UnexpectedResponseError({
    action: `the function ${field}`,
    resource: subject,
    field: 'a key',
    actual: describeValue(key),
  });
}
