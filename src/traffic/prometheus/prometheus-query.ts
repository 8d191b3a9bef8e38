import * as v from 'valibot';
import { describeValue } from '../../core/describe-value.js';
import { AccessDeniedError, OperationAbortedError, UnexpectedResponseError } from '../../core/errors.js';
import { functionOf, nonEmptyString, seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { incomingOf, requireMetricContext } from '../checks/check-context.js';
import {
  apiAddress,
  areBounds,
  type BoundOptions,
  boundEntries,
  type CheckOptions,
  checkEntries,
  describeNumber,
  describeTime,
  inconclusive,
  ofStack,
  type PerStack,
  perStack,
  requireNoQuery,
  timeoutSeconds,
} from '../checks/check-options.js';
import type { SecretSource } from '../checks/datadog-metric.js';
import { hideSecrets } from '../checks/hide-secrets.js';
import { describeFailure, request, withinTime } from '../checks/http-request.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import {
  type PrometheusResult,
  type PrometheusSample,
  parsePrometheusResponse,
} from './parse-prometheus-response.js';
import { prometheusPermissions } from './permissions.js';
import { type SigV4Options, signRequest } from './sign-request.js';

/** Options of {@link prometheusQuery}. */
export interface PrometheusQueryOptions extends CheckOptions, BoundOptions {
  /**
   * Address of the HTTP API, without `/api/v1/query`, such as `https://prometheus.example.com`, or
   * `https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1234`. It has no user, password or query.
   */
  readonly address: string;
  /** PromQL query of an instant, or that of each stack. Its result is a scalar, or one value for each series. */
  readonly query: PerStack<string>;
  /**
   * Seconds that the query looks back, such as 60 for `rate(…[1m])`, and the scrape interval. The check is inconclusive until the
   * present weights are as old.
   */
  readonly windowSeconds: number;
  /**
   * Outcome of an empty result, or one of NaN alone. No data is never a pass: write the query so that it returns 0 without errors,
   * such as with `or vector(0)`.
   * @default 'inconclusive'
   */
  readonly noData?: 'inconclusive' | 'fail' | undefined;
  /**
   * Value of the header `Authorization`, such as `Bearer …`; never shown.
   * @default none
   */
  readonly authorization?: SecretSource | undefined;
  /**
   * Further headers, such as that of a tenant; never shown.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Signs the queries, for Amazon Managed Service for Prometheus.
   * @default no signature
   */
  readonly sigV4?: SigV4Options | undefined;
  /**
   * Seconds for the response, and for the credentials: at most 900. A response is read up to 1 MiB; a longer one is an error.
   * @default 10
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * The function that sends requests, such as through a proxy.
   * @default the global `fetch`
   */
  readonly fetch?: typeof fetch | undefined;
}

const subject = 'prometheusQuery options';

const secret = v.union([nonEmptyString, functionOf<() => Promise<string>>()]);

const credentials = v.custom<NonNullable<SigV4Options['credentials']>>(
  (value) =>
    typeof value === 'function' ||
    v.is(v.object({ accessKeyId: nonEmptyString, secretAccessKey: nonEmptyString }), value),
  'credentials, or a function that returns them',
);

const headersSchema = v.pipe(
  v.record(v.string(), v.string()),
  v.check((value) => canSend(value), 'headers that can be sent'),
);

const sigV4Schema = v.pipe(
  strictObject({
    region: nonEmptyString,
    credentials: v.optional(credentials),
    profile: v.optional(nonEmptyString),
  }),
  v.forward(
    v.check(
      (given) => given.credentials === undefined || given.profile === undefined,
      'nothing with credentials',
    ),
    ['profile'],
  ),
);

const optionsSchema = v.pipe(
  strictObject({
    ...checkEntries,
    ...boundEntries,
    address: apiAddress,
    query: perStack(nonEmptyString),
    windowSeconds: seconds,
    noData: v.optional(v.picklist(['inconclusive', 'fail']), 'inconclusive'),
    authorization: v.optional(secret),
    headers: v.optional(headersSchema, {}),
    sigV4: v.optional(sigV4Schema),
    timeoutSeconds: v.optional(timeoutSeconds, 10),
    fetch: v.optional(functionOf<typeof fetch>()),
  }),
  v.forward(
    v.check((bounds) => areBounds(bounds), 'a min, a max, or both with min below max'),
    ['max'],
  ),
  v.forward(
    v.check(
      ({ authorization, sigV4 }) => authorization === undefined || sigV4 === undefined,
      'nothing with sigV4, which sets the same header',
    ),
    ['authorization'],
  ),
  v.forward(
    v.check(({ authorization, sigV4, headers }) => {
      const isSet = authorization !== undefined || sigV4 !== undefined;
      return !isSet || Object.keys(headers).every((name) => name.toLowerCase() !== 'authorization');
    }, 'no header Authorization beside authorization or sigV4'),
    ['headers'],
  ),
);

type Settings = v.InferOutput<typeof optionsSchema>;

/**
 * Checks the result of a PromQL query against a lower bound, an upper bound or both: at any Prometheus HTTP API, such as Prometheus,
 * Mimir, Thanos or Amazon Managed Service for Prometheus. Every series of the result must be within the bounds. NaN, an empty result
 * and a result with warnings, which can be partial, are never a pass.
 *
 * A response other than 200, or one that cannot be parsed, throws. No error, event or log line contains the headers or credentials.
 *
 * @remarks IAM: with `sigV4` aps:QueryMetrics
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function prometheusQuery(options: PrometheusQueryOptions): Check {
  const settings = parseInput(subject, optionsSchema, options);
  requireNoQuery(subject, settings.address);
  return {
    name: settings.name,
    dryRun: settings.dryRun,
    ...(settings.sigV4 !== undefined && { permissions: prometheusPermissions.prometheusQuery }),
    evaluate: (context) => evaluate(settings, context),
  };
}

async function evaluate(settings: Settings, context: CheckContext): Promise<CheckResult> {
  requireMetricContext(context);
  const { now, weightsSince } = context;
  const readyAt = weightsSince + settings.windowSeconds * 1000;
  if (now < readyAt)
    return inconclusive(
      `the query would look back to before the present weights until ${describeTime(readyAt)}`,
    );
  return judge(await ask(settings, context), settings);
}

function judge({ samples, warnings }: PrometheusResult, settings: Settings): CheckResult {
  const { min = -Infinity, max = Infinity, noData } = settings;
  if (warnings.length > 0) return inconclusive(`the result can be partial: ${warnings.join('; ')}`);
  const empty = samples.filter(({ value }) => Number.isNaN(value));
  const numbers = samples.filter(({ value }) => !Number.isNaN(value));
  const outside = numbers.filter(({ value }) => value < min || value > max);
  if (outside.length > 0) return { outcome: 'fail', ...describeSamples(outside, samples.length, settings) };
  if (numbers.length === 0) {
    const what = samples.length === 0 ? 'the result is empty' : 'the result is NaN';
    return {
      outcome: noData,
      detail: `no data: ${what}${noData === 'fail' ? ', which counts as fail here' : ''}`,
    };
  }
  if (empty.length > 0)
    return inconclusive(`${empty.length} of ${samples.length} series are NaN: ${labelsIn(empty)}`);
  const endless = numbers.filter(({ value }) => !Number.isFinite(value));
  if (endless.length > 0)
    return inconclusive(`${endless.length} of ${samples.length} series are infinite: ${labelsIn(endless)}`);
  return { outcome: 'pass', ...describeSamples(numbers, samples.length, settings) };
}

/** Describes the value that is furthest on the side of the bound. */
function describeSamples(
  samples: readonly PrometheusSample[],
  total: number,
  { min, max }: BoundOptions,
): Pick<CheckResult, 'detail' | 'value'> {
  const values = samples.map(({ value }) => value);
  const isAboutMinimum = max === undefined || values.every((value) => value < (min ?? -Infinity));
  const value = isAboutMinimum ? Math.min(...values) : Math.max(...values);
  const labels = samples.find((it) => it.value === value)?.labels ?? '';
  const bound = [min !== undefined && `min ${min}`, max !== undefined && `max ${max}`]
    .filter(Boolean)
    .join(', ');
  const which = total === 1 ? '' : `, the ${isAboutMinimum ? 'lowest' : 'highest'} of ${total} series`;
  const detail = `${describeNumber(value)} (${bound})${which}${labels && ` ${labels}`}`;
  return { detail, ...(Number.isFinite(value) && { value }) };
}

function labelsIn(samples: readonly PrometheusSample[]): string {
  const shown = samples.slice(0, 3).map(({ labels }) => labels || 'without labels');
  return `${shown.join(', ')}${samples.length > shown.length ? ', …' : ''}`;
}

async function ask(settings: Settings, context: CheckContext): Promise<PrometheusResult> {
  const { timeoutSeconds: limit, address, sigV4 } = settings;
  const { signal, now } = context;
  const url = urlOf(address, ofStack<string>(settings.query, incomingOf(context)), now);
  const resource = url.host;
  const times = { timeoutSeconds: limit, signal, resource };
  let secrets: readonly string[] = Object.values(settings.headers);
  try {
    const own = await withinTime({ what: `credentials for ${resource}`, ...times }, () =>
      headersFor(url, settings),
    );
    secrets = [...secrets, ...own.secrets];
    const { status, body } = await request({
      ...times,
      fetch: settings.fetch ?? fetch,
      url: url.href,
      headers: { accept: 'application/json', ...settings.headers, ...own.headers },
    });
    if (sigV4 !== undefined && status === 403)
      throw new AccessDeniedError({ action: 'aps:QueryMetrics', resource, cause: new Error('status 403') });
    return withoutSecrets(parsePrometheusResponse(status, body, resource), secrets);
  } catch (error) {
    if (error instanceof OperationAbortedError || error instanceof AccessDeniedError) throw error;
    // Without a cause, because it can contain headers that `fetch` rejects.
    throw new UnexpectedResponseError({
      action: 'the Prometheus query API',
      resource,
      field: 'data.result',
      actual: hideSecrets(describeFailure(error), secrets),
    });
  }
}

/** Servers quote headers: a warning can name the tenant, and so can a label. */
function withoutSecrets(
  { samples, warnings }: PrometheusResult,
  secrets: readonly string[],
): PrometheusResult {
  return {
    samples: samples.map(({ labels, value }) => ({ labels: hideSecrets(labels, secrets), value })),
    warnings: warnings.map((it) => hideSecrets(it, secrets)),
  };
}

/** A signature covers the exact text of the query, in which a space is `%20`. */
function urlOf(address: string, query: string, now: number): URL {
  const base = address.replace(/\/+$/, '').replace(/\/api\/v1\/query$/, '');
  const url = new URL(`${base}/api/v1/query`);
  url.search = `query=${encode(query)}&time=${now / 1000}`;
  return url;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

async function headersFor(
  url: URL,
  { authorization, sigV4 }: Settings,
): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly secrets: readonly string[] }> {
  // A signature is valid for five minutes of the machine's time.
  if (sigV4 !== undefined) return signRequest(url, sigV4, new Date());
  if (authorization === undefined) return { headers: {}, secrets: [] };
  const value = await reveal(authorization);
  return { headers: { authorization: value }, secrets: [value, ...value.split(/\s+/).slice(1)] };
}

async function reveal(source: SecretSource): Promise<string> {
  if (typeof source === 'string') return source;
  const value: unknown = await source();
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`the function authorization returned ${describeValue(value)}`);
}

function canSend(headers: Readonly<Record<string, string>>): boolean {
  try {
    new Headers(headers);
    return true;
  } catch {
    return false;
  }
}
