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
  test('passes on an answer with a 2xx', async () => {
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

  test('does not follow a redirection to a page that is always well', async () => {
    const well = await answering(200);
    const url = await loopbackServer((_request, response) =>
      response.writeHead(302, { location: well }).end(),
    );

    expect(await evaluate({ url })).toMatchObject({ outcome: 'fail', value: 302 });
    expect(await evaluate({ url, expectedStatus: 302 })).toMatchObject({ outcome: 'pass' });
  });

  test('takes one of several expected statuses', async () => {
    const url = await answering(401);

    expect(await evaluate({ url, expectedStatus: [200, 401] })).toMatchObject({ outcome: 'pass' });
    expect(await evaluate({ url, expectedStatus: [200, 403] })).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining('expected 200 or 403'),
    });
  });

  test.each<[string, HttpCheckOptions['body'], string]>([
    ['a text that it contains', '"ready"', 'pass'],
    ['a text that it lacks', '"up"', 'fail'],
    ['a pattern that it matches', /READY/gi, 'pass'],
    ['a pattern that it does not match', /^ready/, 'fail'],
    ['a function that is content', (body) => JSON.parse(body).state === 'ready', 'pass'],
    ['a function that is not', (body) => body === '', 'fail'],
  ])('holds the body against %s', async (_case, body, outcome) => {
    const url = await answering(200, '{"state":"ready"}');
    const check = httpCheck({ url, body });

    // A second evaluation comes to the same, also with a pattern that has a memory.
    expect(await check.evaluate(checkContext(cloud))).toMatchObject({ outcome });
    expect(await check.evaluate(checkContext(cloud))).toMatchObject({ outcome });
  });

  test('throws when the function for the body does: it may be wrong itself', async () => {
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

  test('fails when nobody listens', async () => {
    const failing = async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    };

    expect(await evaluate({ url: 'http://green.example/health', fetch: failing })).toEqual({
      outcome: 'fail',
      detail: 'http://green.example/health did not respond: fetch failed (connect ECONNREFUSED)',
    });
  });

  test.each([
    ['an answer', () => {}],
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

  test('tries again before it fails', async () => {
    let requests = 0;
    const url = await loopbackServer((_request, response) =>
      response.writeHead(++requests < 3 ? 500 : 200).end(),
    );
    const startedAt = cloud.clock.now();

    expect(await evaluate({ url, attempts: 3, retryDelaySeconds: 10 })).toMatchObject({ outcome: 'pass' });
    expect([requests, cloud.clock.now() - startedAt]).toEqual([3, 20_000]);
  });

  test('tells that it has tried several times', async () => {
    const url = await answering(500);

    expect(await evaluate({ url, attempts: 2 })).toMatchObject({
      outcome: 'fail',
      detail: expect.stringContaining('expected 200 to 299, the last of 2 attempts'),
    });
  });

  test('ends with the shift', async () => {
    const controller = new AbortController();
    const url = await loopbackServer(() => controller.abort('enough'));

    await expect(evaluate({ url }, { signal: controller.signal })).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
    await expect(evaluate({ url }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
  });

  test('asks the address of the incoming stack', async () => {
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

  test('does not wait for a `fetch` that heeds no signal', async () => {
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

  test('shows no query of an address', async () => {
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

  describe('reads a body up to 1 MiB', () => {
    /** A `fetch` whose body goes on for ever, and the bytes that were read of it. */
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

    test('fails on a body without an end, and cancels it', async () => {
      const { fetch, seen } = endless(new Uint8Array(1_000_000).fill(97));

      expect(await evaluate({ url: 'http://green.example/', fetch })).toEqual({
        outcome: 'fail',
        detail:
          'http://green.example/ did not respond: a body longer than 1 MiB, which is not read to its end',
      });
      expect(seen()).toEqual({ sent: 2_000_000, chunks: 2, isCancelled: true });
    });

    test('fails on empty chunks without an end', async () => {
      const { fetch, seen } = endless(new Uint8Array());

      expect(await evaluate({ url: 'http://green.example/', fetch })).toMatchObject({ outcome: 'fail' });
      expect(seen().isCancelled).toBe(true);
    }, 30_000);

    test('fails on a server that sends without an end', async () => {
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
    ])('holds a body of %d bytes for a %s', async (size, outcome) => {
      const url = await answering(200, 'a'.repeat(size));
      const withoutStream = { status: 200, text: async () => 'a'.repeat(size) } as unknown as Response;

      expect(await evaluate({ url, body: /a$/ })).toMatchObject({ outcome });
      expect(await evaluate({ url, fetch: async () => withoutStream })).toMatchObject({ outcome });
    });

    test('puts characters together that are apart in two chunks', async () => {
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
    ['a status that is none', { status: '200', text: async () => '' }],
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
  ])('fails whatever fetch throws: %o', async (thrown) => {
    const fetch = () => Promise.reject(thrown);

    expect(await evaluate({ url: 'http://green.example/', fetch })).toMatchObject({ outcome: 'fail' });
  });

  test.each([
    ['a promise', async () => false],
    ['a text', () => 'no'],
    ['nothing', () => {}],
  ])('throws when the function for the body returns %s, which is not true or false', async (_case, body) => {
    const url = await answering(200);

    await expect(evaluate({ url, body: body as never })).rejects.toMatchObject({
      name: 'UnexpectedResponseError',
      expected: expect.stringContaining('true or false'),
    });
  });

  test.each<[string, Partial<HttpCheckOptions>]>([
    ['an address that is none', { url: 'green' }],
    ['a file', { url: 'file:///etc/hosts' }],
    ['a status that is none', { expectedStatus: 99 }],
    ['no status', { expectedStatus: [] }],
    ['no attempt', { attempts: 0 }],
    ['no time', { timeoutSeconds: 0 }],
    ['a time that no timer holds', { timeoutSeconds: 2_592_000 }],
    ['attempts without an end', { attempts: 1e9 }],
    ['a delay without an end', { retryDelaySeconds: 1e306 }],
    ['a method that fetch refuses', { method: 'CONNECT' }],
    ['a method that is none', { method: 'GET /' }],
    ['a header that cannot be sent', { headers: { 'x-key': 'a\nb' } }],
    ['a header whose name is none', { headers: { 'x key': 'a' } }],
  ])('refuses %s', (_case, options) => {
    expect(() => httpCheck({ url: 'http://green.example', ...options })).toThrowError(
      'Invalid httpCheck options',
    );
  });
});
