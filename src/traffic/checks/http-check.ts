import * as v from 'valibot';
import { describeValue } from '../../core/describe-value.js';
import { OperationAbortedError, UnexpectedResponseError } from '../../core/errors.js';
import { functionOf, nonEmptyString, secondsFrom, strictObject, wholeFrom } from '../../core/schemas.js';
import { sleep } from '../../core/sleep.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import { incomingOf } from './check-context.js';
import {
  type CheckOptions,
  namedCheckEntries,
  ofStack,
  type PerStack,
  perStack,
  timeoutSeconds,
  webAddress,
} from './check-options.js';
import { hideSecrets } from './hide-secrets.js';
import { type CheckResponse, describeFailure, request } from './http-request.js';

/** Options of {@link httpCheck}. */
export interface HttpCheckOptions extends Omit<CheckOptions, 'name'> {
  /**
   * Unique among the checks of a shift.
   * @default the URL without its query
   */
  readonly name?: string | undefined;
  /**
   * URL, or that of each stack. The check requests the one of the incoming stack. A user and a password are not allowed in it:
   * send them as a header.
   */
  readonly url: PerStack<string>;
  /**
   * One or several healthy statuses. Redirections are not followed.
   * @default 200 to 299
   */
  readonly expectedStatus?: number | readonly number[] | undefined;
  /**
   * Text that the body must contain, pattern that it must match, or function that returns true for a healthy body. An error of
   * the function is an error of the check. The body is read up to 1 MiB; a longer one fails.
   */
  readonly body?: string | RegExp | ((body: string) => boolean) | undefined;
  /**
   * Method of the request.
   * @default 'GET'
   */
  readonly method?: string | undefined;
  /** Headers of the request; never shown. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Seconds for one response, its body included: at most 900.
   * @default 5
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * Maximum number of attempts before the check fails: at most 100.
   * @default 1
   */
  readonly attempts?: number | undefined;
  /**
   * Seconds between two attempts: at most 3600.
   * @default 1
   */
  readonly retryDelaySeconds?: number | undefined;
  /**
   * The function that sends requests, such as through a proxy.
   * @default the global `fetch`
   */
  readonly fetch?: typeof fetch | undefined;
}

const statusSchema = wholeFrom(100, 599, 'a status, 100 to 599');

/** https://fetch.spec.whatwg.org/#methods: `fetch` rejects these. */
const forbiddenMethods = /^(CONNECT|TRACE|TRACK)$/i;

const method = v.pipe(
  nonEmptyString,
  v.check(
    (value) => /^[!#$%&'*+.^`|~\w-]+$/.test(value) && !forbiddenMethods.test(value),
    'a method that fetch can send, such as GET',
  ),
);

const headers = v.pipe(
  v.record(v.string(), v.string()),
  v.check((value) => canSend(value), 'headers that can be sent'),
);

const optionsSchema = strictObject({
  ...namedCheckEntries,
  url: perStack(webAddress),
  expectedStatus: v.optional(
    v.lazy((value) =>
      Array.isArray(value)
        ? v.pipe(
            v.array(statusSchema),
            v.check((list) => list.length > 0, 'a status'),
          )
        : statusSchema,
    ),
  ),
  body: v.optional(v.union([nonEmptyString, v.instance(RegExp), functionOf<(body: string) => boolean>()])),
  method: v.optional(method, 'GET'),
  headers: v.optional(headers, {}),
  timeoutSeconds: v.optional(timeoutSeconds, 5),
  attempts: v.optional(wholeFrom(1, 100, 'a whole number, 1 to 100'), 1),
  retryDelaySeconds: v.optional(secondsFrom(0, 3600), 1),
  fetch: v.optional(functionOf<typeof fetch>()),
});

/**
 * Checks that a URL responds with a healthy status, and optionally a healthy body. No response is a failure too, because a URL
 * that cannot be reached is not healthy.
 *
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function httpCheck(options: HttpCheckOptions): Check {
  const parsed = parseInput('httpCheck options', optionsSchema, options);
  const { attempts, retryDelaySeconds, dryRun } = parsed;
  const isHealthyBody = bodyTest(parsed.body, nameOf(parsed.url));
  const attempt = (url: string, { signal }: CheckContext): Promise<CheckResult> =>
    requestOnce(url, { ...parsed, isHealthyBody, signal });
  return {
    name: parsed.name ?? nameOf(parsed.url),
    dryRun,
    async evaluate(context) {
      const url = ofStack(parsed.url, incomingOf(context));
      let result = await attempt(url, context);
      for (let tries = 1; tries < attempts && result.outcome !== 'pass'; tries += 1) {
        const { clock, signal } = context;
        await sleep(clock, retryDelaySeconds * 1000, { signal, resource: shown(url) });
        result = await attempt(url, context);
      }
      return result.outcome === 'pass' || attempts === 1
        ? result
        : { ...result, detail: `${result.detail}, the last of ${attempts} attempts` };
    },
  };
}

type Settings = Pick<HttpCheckOptions, 'expectedStatus' | 'fetch'> & {
  readonly isHealthyBody: (body: string) => boolean;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal | undefined;
};

async function requestOnce(url: string, settings: Settings): Promise<CheckResult> {
  const resource = shown(url);
  const startedAt = performance.now();
  let response: CheckResponse;
  try {
    response = await request({ ...settings, url, resource, fetch: settings.fetch ?? fetch });
  } catch (error) {
    if (error instanceof OperationAbortedError) throw error;
    return fail(`${resource} did not respond: ${withoutSecrets(describeFailure(error), url, settings)}`);
  }
  const { status, body } = response;
  if (!isExpected(status, settings.expectedStatus)) {
    return fail(
      `${resource} returned ${status}, expected ${describeStatus(settings.expectedStatus)}`,
      status,
    );
  }
  if (!settings.isHealthyBody(body)) {
    return fail(`${resource} returned ${status}, but the body is not as expected`, status);
  }
  const milliseconds = Math.round(performance.now() - startedAt);
  return { outcome: 'pass', detail: `${resource} returned ${status} in ${milliseconds} ms`, value: status };
}

function fail(detail: string, value?: number): CheckResult {
  return { outcome: 'fail', detail, ...(value !== undefined && { value }) };
}

function isExpected(status: number, expected: HttpCheckOptions['expectedStatus']): boolean {
  if (expected === undefined) return status >= 200 && status <= 299;
  return [expected].flat().includes(status);
}

function describeStatus(expected: HttpCheckOptions['expectedStatus']): string {
  return expected === undefined ? '200 to 299' : [expected].flat().join(' or ');
}

/** Creates the test of a body. It copies the pattern without the flags g and y, because those store a position between tests. */
function bodyTest(body: HttpCheckOptions['body'], resource: string): (text: string) => boolean {
  if (body === undefined) return () => true;
  if (typeof body === 'string') return (text) => text.includes(body);
  if (body instanceof RegExp) {
    const pattern = new RegExp(body.source, body.flags.replace(/[gy]/g, ''));
    return (text) => pattern.test(text);
  }
  return (text) => {
    const isHealthy: unknown = body(text);
    if (typeof isHealthy === 'boolean') return isHealthy;
    // A promise would count as true for any body.
    throw new UnexpectedResponseError({
      action: "the check's body function",
      resource,
      field: 'true or false',
      actual: describeValue(isHealthy),
    });
  };
}

function canSend(headers: Readonly<Record<string, string>>): boolean {
  try {
    new Headers(headers);
    return true;
  } catch {
    return false;
  }
}

/** Returns the URL without its query, which can be a signature. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** Removes the query and the headers from a message, because `fetch` can quote them. */
function withoutSecrets(text: string, url: string, { headers }: Pick<Settings, 'headers'>): string {
  const { href, search } = new URL(url);
  const withoutAddress = text.replaceAll(url, shown(url)).replaceAll(href, shown(url));
  return hideSecrets(withoutAddress, [search.slice(1), ...Object.values(headers)]);
}

function nameOf(url: PerStack<string>): string {
  const [blue, green] = [shown(ofStack(url, 'blue')), shown(ofStack(url, 'green'))];
  return blue === green ? blue : `${blue} or ${green}`;
}
