import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { type CheckContext, type HttpCheckOptions, httpCheck } from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';
import { loopbackServer } from '../../../support/loopback-server.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const evaluate = (options: HttpCheckOptions, context: Partial<CheckContext> = {}) =>
  httpCheck(options).evaluate(checkContext(cloud, context));

const answering = (status: number, body = '') =>
  loopbackServer((_request, response) => response.writeHead(status).end(body));

describe('Function: httpCheck', () => {
  test('passes on a 2xx response', async () => {
    const url = await answering(204);

    expect(await evaluate({ url: `${url}/health` })).toEqual({
      outcome: 'pass',
      value: 204,
      detail: expect.stringMatching(`^${url}/health returned 204 in \\d+ ms$`),
    });
  });

  test('fails on any other status', async () => {
    const url = await answering(503);

    expect(await evaluate({ url })).toEqual({
      outcome: 'fail',
      value: 503,
      detail: `${url}/ returned 503, expected 200 to 299`,
    });
  });

  test('does not follow a redirection to a page that is always healthy', async () => {
    const well = await answering(200);
    const url = await loopbackServer((_request, response) =>
      response.writeHead(302, { location: well }).end(),
    );

    expect(await evaluate({ url })).toMatchObject({ outcome: 'fail', value: 302 });
    expect(await evaluate({ url, expectedStatus: 302 })).toMatchObject({ outcome: 'pass' });
  });

  test('accepts one of several expected statuses', async () => {
    const url = await answering(401);

    expect(await evaluate({ url, expectedStatus: [200, 401] })).toMatchObject({ outcome: 'pass' });
    expect(await evaluate({ url, expectedStatus: [200, 403] })).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining('expected 200 or 403'),
    });
  });

  test.each<[string, HttpCheckOptions['body'], string]>([
    ['a contained text', '"ready"', 'pass'],
    ['a missing text', '"up"', 'fail'],
    ['a matching pattern', /READY/gi, 'pass'],
    ['a pattern without a match', /^ready/, 'fail'],
    ['a function that returns true', (body) => JSON.parse(body).state === 'ready', 'pass'],
    ['a function that returns false', (body) => body === '', 'fail'],
  ])('compares the body with %s', async (_case, body, outcome) => {
    const url = await answering(200, '{"state":"ready"}');
    const check = httpCheck({ url, body });

    // A second evaluation has the same result, also with a stateful pattern.
    expect(await check.evaluate(checkContext(cloud))).toMatchObject({ outcome });
    expect(await check.evaluate(checkContext(cloud))).toMatchObject({ outcome });
  });

  test('throws the error of the body function', async () => {
    const url = await answering(200, 'no JSON');

    await expect(evaluate({ url, body: (text) => JSON.parse(text).isReady })).rejects.toThrowError('JSON');
  });

  test('sends the method and the headers', async () => {
    const url = await loopbackServer((request, response) =>
      response.writeHead(request.method === 'HEAD' && request.headers['x-key'] === 'a' ? 200 : 400).end(),
    );

    expect(await evaluate({ url, method: 'HEAD', headers: { 'x-key': 'a' } })).toMatchObject({
      outcome: 'pass',
    });
  });

  test('fails when the connection is refused', async () => {
    const failing = async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    };

    expect(await evaluate({ url: 'http://green.example/health', fetch: failing })).toEqual({
      outcome: 'fail',
      detail: 'http://green.example/health did not respond: fetch failed (connect ECONNREFUSED)',
    });
  });

  test.each([
    ['a response', () => {}],
    [
      'its body',
      (_request: unknown, response: { write: (text: string) => unknown }) => response.write('half'),
    ],
  ])('fails when %s takes too long', async (_case, listener) => {
    const url = await loopbackServer(listener as () => void);

    expect(await evaluate({ url, timeoutSeconds: 0.05 })).toEqual({
      outcome: 'fail',
      detail: `${url}/ did not respond: no response within 0.05 s`,
    });
  });

  test('retries before it fails', async () => {
    let requests = 0;
    const url = await loopbackServer((_request, response) =>
      response.writeHead(++requests < 3 ? 500 : 200).end(),
    );
    const startedAt = cloud.clock.now();

    expect(await evaluate({ url, attempts: 3, retryDelaySeconds: 10 })).toMatchObject({ outcome: 'pass' });
    expect([requests, cloud.clock.now() - startedAt]).toEqual([3, 20_000]);
  });

  test('names the number of attempts', async () => {
    const url = await answering(500);

    expect(await evaluate({ url, attempts: 2 })).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining('expected 200 to 299, the last of 2 attempts'),
    });
  });

  test('throws OperationAbortedError when the shift is aborted', async () => {
    const controller = new AbortController();
    const url = await loopbackServer(() => controller.abort('enough'));

    await expect(evaluate({ url }, { signal: controller.signal })).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
    await expect(evaluate({ url }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
  });

  test('requests the URL of the incoming stack', async () => {
    const [blue, green] = [await answering(500), await answering(200)];

    expect(await evaluate({ url: { blue, green } })).toMatchObject({ outcome: 'pass' });
    expect(await evaluate({ url: { blue, green } }, { incoming: 'blue' })).toMatchObject({ outcome: 'fail' });
    expect(httpCheck({ url: { blue, green } }).name).toBe(`${blue}/ or ${green}/`);
  });

  test('shows no header and no query that an error of `fetch` quotes', async () => {
    const url = 'http://shop.example/health?X-Amz-Signature=abc';
    const check = httpCheck({
      url,
      headers: { authorization: 'Bearer the-token' },
      fetch: () => Promise.reject(new Error('authorization: Bearer the-token ?X-Amz-Signature=abc')),
    });

    const { detail } = await check.evaluate(checkContext(cloud));

    expect(detail).toBe('http://shop.example/health did not respond: authorization: *** ?***');
  });

  test('does not wait for a `fetch` that ignores its signal', async () => {
    const check = httpCheck({
      url: 'http://shop.example/',
      timeoutSeconds: 0.01,
      fetch: () => new Promise(() => {}),
    });

    expect(await check.evaluate(checkContext(cloud))).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining('no response within 0.01 s'),
    });
  });

  test('does not show the query of a URL', async () => {
    const url = 'https://green.example/health?signature=secret';
    const leaking = async () => {
      throw new TypeError(`Request cannot be constructed from ${url}`);
    };
    const check = httpCheck({ url, fetch: leaking });
    const { detail } = await check.evaluate(checkContext(cloud));

    expect(check.name).toBe('https://green.example/health');
    expect(detail).toContain('https://green.example/health');
    expect(detail).not.toMatch(/secret/);
  });

  test.each([
    'http://user:hunter2@green.example/',
    'http://:hunter2@green.example/',
    'http://hunter2@green.example/',
    'https://user:hunter2@green.example/health?signature=secret',
  ])('throws InvalidInputError without the credentials for %s', (url) => {
    for (const given of [url, { blue: 'http://blue.example', green: url }]) {
      const attempt = () => httpCheck({ url: given });

      expect(attempt).toThrowError(InvalidInputError);
      expect(attempt).toThrowError('expected a URL without user and password (send them as a header)');
      expect(attempt).not.toThrowError(/hunter2/);
    }
  });

  describe('bodies', () => {
    /** Creates a `fetch` with an endless body, and counts the bytes that were read. */
    function endless(chunk: Uint8Array<ArrayBuffer>) {
      let [sent, chunks] = [0, 0];
      let isCancelled = false;
      const body = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            sent += chunk.length;
            chunks += 1;
            controller.enqueue(chunk);
          },
          cancel: () => {
            isCancelled = true;
          },
        },
        { highWaterMark: 0 },
      );
      return { fetch: async () => new Response(body), seen: () => ({ sent, chunks, isCancelled }) };
    }

    test('fails on an endless body, and cancels it', async () => {
      const { fetch, seen } = endless(new Uint8Array(1_000_000).fill(97));

      expect(await evaluate({ url: 'http://green.example/', fetch })).toEqual({
        outcome: 'fail',
        detail:
          'http://green.example/ did not respond: a body longer than 1 MiB, which is not read to its end',
      });
      expect(seen()).toEqual({ sent: 2_000_000, chunks: 2, isCancelled: true });
    });

    test('fails on endless empty chunks', async () => {
      const { fetch, seen } = endless(new Uint8Array());

      expect(await evaluate({ url: 'http://green.example/', fetch })).toMatchObject({ outcome: 'fail' });
      expect(seen().isCancelled).toBe(true);
    }, 30_000);

    test('fails on a server that sends endlessly', async () => {
      let sent = 0;
      const url = await loopbackServer((_request, response) => {
        const chunk = Buffer.alloc(65_536, 97);
        const send = () => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        };
        response.on('drain', send);
        send();
      });

      expect(await evaluate({ url })).toMatchObject({
        outcome: 'fail',
        detail: expect.stringContaining('a body longer than 1 MiB'),
      });
      expect(sent).toBeLessThan(50 * 1_048_576);
    });

    test.each([
      [1_048_576, 'pass'],
      [1_048_577, 'fail'],
    ])('judges a body of %d bytes: %s', async (size, outcome) => {
      const url = await answering(200, 'a'.repeat(size));
      const withoutStream = { status: 200, text: async () => 'a'.repeat(size) } as unknown as Response;

      expect(await evaluate({ url, body: /a$/ })).toMatchObject({ outcome });
      expect(await evaluate({ url, fetch: async () => withoutStream })).toMatchObject({ outcome });
    });

    test('joins a character that is split across two chunks', async () => {
      const bytes = new TextEncoder().encode('\u{FEFF}grün 🟢');
      const body = new ReadableStream({
        start: (controller) => {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
          controller.close();
        },
      });

      expect(
        await evaluate({
          url: 'http://green.example/',
          body: /^grün 🟢$/u,
          fetch: async () => new Response(body),
        }),
      ).toMatchObject({ outcome: 'pass' });
    });
  });

  test.each([
    ['nothing', undefined],
    ['no status', {}],
    ['an invalid status', { status: '200', text: async () => '' }],
  ])('fails when fetch returns %s', async (_case, response) => {
    const fetch = async () => response as unknown as Response;

    expect(await evaluate({ url: 'http://green.example/', fetch })).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining('did not respond'),
    });
  });

  test.each([
    null,
    undefined,
    'no',
    Object.create(null),
    Object.freeze(new Error('no')),
    {
      toString: () => {
        throw new Error('no');
      },
    },
  ])('fails when fetch throws %o', async (thrown) => {
    const fetch = () => Promise.reject(thrown);

    expect(await evaluate({ url: 'http://green.example/', fetch })).toMatchObject({ outcome: 'fail' });
  });

  test.each([
    ['a promise', async () => false],
    ['a text', () => 'no'],
    ['nothing', () => {}],
  ])('throws UnexpectedResponseError when the body function returns %s', async (_case, body) => {
    const url = await answering(200);

    await expect(evaluate({ url, body: body as never })).rejects.toMatchObject({
      name: 'UnexpectedResponseError',
      expected: expect.stringContaining('true or false'),
    });
  });

  test.each<[string, Partial<HttpCheckOptions>]>([
    ['an invalid address', { url: 'green' }],
    ['a file', { url: 'file:///etc/hosts' }],
    ['an invalid status', { expectedStatus: 99 }],
    ['no status', { expectedStatus: [] }],
    ['no attempt', { attempts: 0 }],
    ['no time', { timeoutSeconds: 0 }],
    ['a time longer than any timer', { timeoutSeconds: 2_592_000 }],
    ['too many attempts', { attempts: 1e9 }],
    ['a delay that is too long', { retryDelaySeconds: 1e306 }],
    ['a method that fetch rejects', { method: 'CONNECT' }],
    ['an invalid method', { method: 'GET /' }],
    ['a header that cannot be sent', { headers: { 'x-key': 'a\nb' } }],
    ['a header with an invalid name', { headers: { 'x key': 'a' } }],
  ])('throws InvalidInputError for %s', (_case, options) => {
    expect(() => httpCheck({ url: 'http://green.example', ...options })).toThrowError(
      'Invalid httpCheck options',
    );
  });
});
