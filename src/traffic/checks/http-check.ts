import * as v from 'valibot';
import { OperationAbortedError } from '../../core/errors.js';
import { nonEmptyString, positiveCount, seconds } from '../../core/schemas.js';
import { sleep } from '../../core/sleep.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext, CheckResult } from '../types.js';
import {
  type CheckOptions,
  namedCheckFields,
  ofStack,
  type PerStack,
  perStack,
  someSeconds,
  webAddress,
} from './check-options.js';
import { type CheckAnswer, describeFailure, request } from './http-request.js';

/** How {@link httpCheck} is made. */
export interface HttpCheckOptions extends Omit<CheckOptions, 'name'> {
  /**
   * Unique among the checks of a shift.
   * @default the URL without its query
   */
  readonly name?: string | undefined;
  /** The address; or that of each stack, of which the incoming one's is asked. */
  readonly url: PerStack<string>;
  /**
   * The healthy status, or several of them. Redirections are not followed.
   * @default 200 to 299
   */
  readonly expectedStatus?: number | readonly number[] | undefined;
  /** What the body has to contain, match, or satisfy; a function that throws makes the check throw. */
  readonly body?: string | RegExp | ((body: string) => boolean) | undefined;
  /**
   * The method of the request.
   * @default 'GET'
   */
  readonly method?: string | undefined;
  /** Sent along; never shown. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * The time for one answer, its body included.
   * @default 5
   */
  readonly timeoutSeconds?: number | undefined;
  /**
   * How often it is tried in all before it fails.
   * @default 1
   */
  readonly attempts?: number | undefined;
  /**
   * Seconds between two attempts.
   * @default 1
   */
  readonly retryDelaySeconds?: number | undefined;
  /**
   * How requests are sent, such as through a proxy.
   * @default the global `fetch`
   */
  readonly fetch?: typeof fetch | undefined;
}

const statusSchema = v.pipe(
  v.number(),
  v.check((status) => Number.isInteger(status) && status >= 100 && status <= 599, 'a status, 100 to 599'),
);

const optionsSchema = v.object({
  ...namedCheckFields,
  url: perStack(webAddress),
  expectedStatus: v.optional(
    v.union([
      statusSchema,
      v.pipe(
        v.array(statusSchema),
        v.check((list) => list.length > 0, 'a status'),
      ),
    ]),
  ),
  body: v.optional(v.union([nonEmptyString, v.instance(RegExp), v.function()])),
  method: v.optional(nonEmptyString, 'GET'),
  headers: v.optional(v.record(v.string(), v.string()), {}),
  timeoutSeconds: v.optional(someSeconds, 5),
  attempts: v.optional(positiveCount, 1),
  retryDelaySeconds: v.optional(seconds, 1),
});

/**
 * An address that has to answer with the right status, and the right body where one is wanted. No answer is a failure too:
 * an address that cannot be reached from here is not healthy.
 *
 * @throws InvalidInputError when an option is missing or malformed.
 */
export function httpCheck(options: HttpCheckOptions): Check {
  const settings = parseInput('httpCheck options', optionsSchema, options);
  const { attempts, retryDelaySeconds, dryRun } = settings;
  const attempt = (url: string, { signal }: CheckContext): Promise<CheckResult> =>
    ask(url, { ...options, ...settings, body: options.body, signal });
  return {
    name: settings.name ?? nameOf(settings.url),
    dryRun,
    async evaluate(context) {
      const url = ofStack(settings.url, context.incoming);
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

type Settings = Pick<HttpCheckOptions, 'expectedStatus' | 'body' | 'fetch'> & {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal | undefined;
};

async function ask(url: string, settings: Settings): Promise<CheckResult> {
  const resource = shown(url);
  const startedAt = performance.now();
  let answer: CheckAnswer;
  try {
    answer = await request({ ...settings, url, resource, fetch: settings.fetch ?? fetch });
  } catch (error) {
    if (error instanceof OperationAbortedError) throw error;
    return fail(`${resource} gave no answer: ${withoutSecrets(describeFailure(error), url, settings)}`);
  }
  const { status, body } = answer;
  if (!isExpected(status, settings.expectedStatus)) {
    return fail(
      `${resource} answered ${status}, expected ${describeStatus(settings.expectedStatus)}`,
      status,
    );
  }
  if (!matches(body, settings.body)) {
    return fail(`${resource} answered ${status}, but the body is not as expected`, status);
  }
  const milliseconds = Math.round(performance.now() - startedAt);
  return { outcome: 'pass', detail: `${resource} answered ${status} in ${milliseconds} ms`, value: status };
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

function matches(text: string, body: HttpCheckOptions['body']): boolean {
  if (body === undefined) return true;
  if (typeof body === 'string') return text.includes(body);
  // A pattern with the flag g or y would remember where it stood.
  return body instanceof RegExp
    ? new RegExp(body.source, body.flags.replace(/[gy]/g, '')).test(text)
    : body(text);
}

/** The query may be a signature, and the user a password. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** What `fetch` says may quote the address and the headers. */
function withoutSecrets(text: string, url: string, { headers }: Pick<Settings, 'headers'>): string {
  const { href, search } = new URL(url);
  const withoutAddress = text.replaceAll(url, shown(url)).replaceAll(href, shown(url));
  return [search.slice(1), ...Object.values(headers).flatMap((it) => [it, it.trim()])]
    .filter(Boolean)
    .reduce((it, secret) => it.replaceAll(secret, '***'), withoutAddress);
}

function nameOf(url: PerStack<string>): string {
  const [blue, green] = [shown(ofStack(url, 'blue')), shown(ofStack(url, 'green'))];
  return blue === green ? blue : `${blue} or ${green}`;
}
