import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  type CheckContext,
  type DatadogMetricOptions,
  datadogMetric,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { loopbackServer } from '../../../support/loopback-server.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
});

type Points = Readonly<Record<number, number | null>>;

function makeCheck(options: Partial<DatadogMetricOptions> = {}) {
  return datadogMetric({
    name: 'errors',
    query: 'sum:trace.http.request.errors{service:orders}.as_count()',
    max: 5,
    windowSeconds: 300,
    apiKey: 'the-api-key',
    appKey: 'the-app-key',
    ...options,
  });
}

const evaluate = (options: Partial<DatadogMetricOptions> = {}, context: Partial<CheckContext> = {}) =>
  makeCheck(options).evaluate(checkContext(cloud, context));

const body = (...series: Points[]) =>
  JSON.stringify({
    status: 'ok',
    series: series.map((points) => ({
      interval: 20,
      pointlist: Object.entries(points).map(([seconds, value]) => [noon + Number(seconds) * 1000, value]),
    })),
  });

const responding = (text: string, status = 200) => ({ fetch: async () => new Response(text, { status }) });

describe('Function: datadogMetric', () => {
  test('queries the API with both keys, for the window', async () => {
    let asked: { url: string | undefined; keys: unknown[] } | undefined;
    const address = await loopbackServer((request, response) => {
      const { 'dd-api-key': api, 'dd-application-key': app } = request.headers;
      asked = { url: request.url, keys: [api, app] };
      response.end(body({ [-60]: 3 }));
    });

    expect(await evaluate({ address, appKey: async () => 'a-rotated-key' })).toEqual({
      outcome: 'pass',
      value: 3,
      detail: '3 is at most 5, the only data point (2026-01-01T11:55:00Z to 2026-01-01T12:00:00Z)',
    });
    expect(asked?.keys).toEqual(['the-api-key', 'a-rotated-key']);
    const url = new URL(asked?.url ?? '', address);
    expect(url.pathname).toBe('/api/v1/query');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      from: String(noon / 1000 - 300),
      to: String(noon / 1000),
      query: 'sum:trace.http.request.errors{service:orders}.as_count()',
    });
  });

  test.each([
    [{}, 'https://api.datadoghq.com/api/v1/query'],
    [{ site: 'us5.datadoghq.com' }, 'https://api.us5.datadoghq.com/api/v1/query'],
    [{ address: 'https://proxy.example/datadog' }, 'https://proxy.example/datadog/api/v1/query'],
    [{ address: ' https://proxy.example ' }, 'https://proxy.example/api/v1/query'],
    [{ address: 'https://proxy.example/datadog/\n' }, 'https://proxy.example/datadog/api/v1/query'],
  ])('sends requests to the address of %o', async (options, address) => {
    let asked = '';
    const fetch = async (url: unknown) => {
      asked = String(url).replace(/\?.*/, '');
      return new Response(body());
    };

    await evaluate({ ...options, fetch });

    expect(asked).toBe(address);
  });

  test('judges every point of every series', async () => {
    expect(await evaluate(responding(body({ [-60]: 3 }, { [-60]: 1, [-40]: 6 })))).toMatchObject({
      outcome: 'fail',
      value: 6,
      detail: expect.stringContaining('6 is above the maximum of 5, the highest of 3 data points'),
    });
  });

  test('leaves out gaps, an incomplete interval, and points from before the present weights', async () => {
    const answer = responding(body({ [-120]: 99, [-60]: null, [-40]: 2, [-19]: 99 }));

    expect(await evaluate(answer, { weightsSince: noon - 110_000 })).toMatchObject({
      outcome: 'pass',
      value: 2,
    });
    expect(await evaluate(answer, { weightsSince: noon - 30_000 })).toMatchObject({
      outcome: 'inconclusive',
    });
  });

  test.each(['pass', 'fail'] as const)(
    'is inconclusive until an interval is over: with noData %s',
    async (noData) => {
      const options = { ...responding(body({ [-20]: 99, [0]: 99 })), noData };

      expect(await evaluate(options, { weightsSince: noon - 19_000 })).toEqual({
        outcome: 'inconclusive',
        detail: expect.stringContaining('no whole interval has passed yet'),
      });
      // The response still has the interval in which the weights changed; the later ones have no data.
      expect(await evaluate(options, { weightsSince: noon - 20_001 })).toMatchObject({ outcome: 'fail' });
      const sparse = { ...responding(body({ [-60]: 99 })), noData };
      expect(await evaluate(sparse, { weightsSince: noon - 41_000 })).toMatchObject({ outcome: noData });
    },
  );

  test('is inconclusive, without a call, when the weights have only just been verified', async () => {
    const fetch = () => {
      throw new Error('called');
    };

    expect(await evaluate({ fetch }, { weightsSince: noon })).toMatchObject({ outcome: 'inconclusive' });
  });

  test.each([
    [{}, 'inconclusive'],
    [{ noData: 'fail' }, 'fail'],
    [{ noData: 'pass' }, 'pass'],
  ] as const)('returns without data and with %o: %s', async (options, outcome) => {
    expect(await evaluate({ ...responding(body()), ...options })).toMatchObject({ outcome });
    expect(await evaluate({ ...responding(body({ [-60]: null })), ...options })).toMatchObject({ outcome });
  });

  test('is inconclusive with too few points', async () => {
    expect(await evaluate({ ...responding(body({ [-60]: 1 })), minimumSamples: 2 })).toMatchObject({
      outcome: 'inconclusive',
    });
  });

  test.each([
    [403, '{}', 'status 403: the keys were rejected'],
    [429, '{}', 'status 429: too many requests'],
    [500, 'oops', 'status 500'],
    [302, '', 'status 302'],
    [200, '<html>', 'a response that is not JSON'],
    [200, '{"status":"error","error":"bad query"}', 'status: expected "ok", got "error"'],
    [200, '{"status":"ok"}', 'series'],
    [200, '{"status":"ok","series":[{"pointlist":[["now",1]]}]}', 'pointlist'],
  ])('throws for %d %s, whatever noData is', async (status, text, seen) => {
    await expect(evaluate({ ...responding(text, status), noData: 'pass' })).rejects.toMatchObject({
      name: 'UnexpectedResponseError',
      resource: 'api.datadoghq.com',
      message: expect.stringContaining(seen),
    });
  });

  test('throws when the response takes too long', async () => {
    const address = await loopbackServer(() => {});

    await expect(evaluate({ address, timeoutSeconds: 0.05 })).rejects.toThrowError(
      'no response within 0.05 s',
    );
  });

  test('does not wait for ever for a key', async () => {
    const apiKey = () => new Promise<string>(() => {});

    await expect(evaluate({ apiKey, timeoutSeconds: 0.01 })).rejects.toThrowError(
      'no keys for api.datadoghq.com within 0.01 s',
    );
  });

  test('throws OperationAbortedError when the shift is aborted', async () => {
    const controller = new AbortController();
    const address = await loopbackServer(() => controller.abort('enough'));

    await expect(evaluate({ address }, { signal: controller.signal })).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
  });

  describe('keys', () => {
    /** Returns everything that an error shows, its causes included. */
    const everythingOf = (error: unknown): string => {
      const seen: string[] = [];
      for (let it = error; it instanceof Error; it = it.cause)
        seen.push(it.message, it.stack ?? '', JSON.stringify(it));
      return seen.join('\n');
    };

    test.each([
      [
        'in a response of the server',
        responding('{"status":"error","error":"no such key the-api-key"}', 403),
      ],
      [
        'named by fetch',
        {
          fetch: async () => {
            throw new TypeError('fetch failed', { cause: new Error('bad header the-api-key, the-app-key') });
          },
        },
      ],
      // fetch rejects a header with a line break at its end, and quotes the whole value.
      [
        'with a line break, which a header cannot have',
        { apiKey: 'the-api-key\nx', appKey: 'the-app-key\ny' },
      ],
    ])('never shows the keys: %s', async (_case, options) => {
      const error = await evaluate(options).catch((it: unknown) => it);

      expect(error).toBeInstanceOf(Error);
      expect(everythingOf(error)).not.toMatch(/the-(api|app)-key/);
    });

    test('does not store the keys in the check', () => {
      const check = makeCheck();

      expect(JSON.stringify(check)).toBe('{"name":"errors","dryRun":false}');
    });
  });

  test.each<[string, Partial<DatadogMetricOptions>, string]>([
    ['no bound', { max: undefined }, 'a min, a max'],
    ['no query', { query: '' }, 'query'],
    ['no key', { apiKey: '' }, 'apiKey'],
    ['a site that is an address', { site: 'https://datadoghq.eu' }, 'a site such as'],
    ['a site that is no host', { site: '1.2.3.4.5' }, 'a site such as'],
    ['an invalid address', { address: 'datadog' }, 'an http or https URL'],
    ['an address with a query', { address: 'https://proxy.example/?key=1' }, 'a URL without a query'],
    ['an address with an empty query', { address: 'https://proxy.example?' }, 'a URL without a query'],
    ['an address with a fragment', { address: 'https://proxy.example#a' }, 'a URL without a query'],
    ['an address without its protocol', { address: 'proxy.example:8443' }, 'an http or https URL'],
  ])('throws InvalidInputError for %s', (_case, options, problem) => {
    expect(() => makeCheck(options)).toThrowError(problem);
  });
});
