import { createHash, createHmac } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  type CheckContext,
  type PrometheusQueryOptions,
  prometheusQuery,
} from '../../../../src/traffic/prometheus/index.js';
import { checkContext } from '../../../support/check-context.js';
import { hostileValues } from '../../../support/hostile-values.js';
import { loopbackServer } from '../../../support/loopback-server.js';

const noon = Date.parse('2026-01-01T12:00:00Z');
const workspace = 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1';
let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
});

function makeCheck(options: Partial<PrometheusQueryOptions> = {}) {
  return prometheusQuery({
    name: 'errors',
    address: 'https://prometheus.example.com',
    query: 'sum(rate(errors[1m])) / sum(rate(requests[1m]))',
    max: 0.05,
    windowSeconds: 60,
    ...options,
  });
}

const evaluate = (options: Partial<PrometheusQueryOptions> = {}, context: Partial<CheckContext> = {}) =>
  makeCheck(options).evaluate(checkContext(cloud, context));

const responding = (body: unknown, status = 200) => ({
  fetch: async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }),
});

const scalar = (value: string, more = {}) => ({
  status: 'success',
  data: { resultType: 'scalar', result: [noon / 1000, value] },
  ...more,
});

const vector = (...values: string[]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: values.map((value, index) => ({ metric: { pod: `web-${index}` }, value: [noon / 1000, value] })),
  },
});

/** Requests that a check sends. */
function recording(body: unknown) {
  const requests: { url: URL; headers: Headers }[] = [];
  const send = async (url: string | URL | Request, init?: RequestInit) => {
    requests.push({ url: new URL(String(url)), headers: new Headers(init?.headers) });
    return new Response(JSON.stringify(body));
  };
  return { requests, fetch: send as typeof fetch };
}

describe('Function: prometheusQuery', () => {
  test('queries the API for the incoming stack at the present time', async () => {
    let asked: string | undefined;
    const address = await loopbackServer((request, response) => {
      asked = request.url;
      response.end(JSON.stringify(scalar('0.01')));
    });

    const result = await evaluate({
      address: `${address}/prometheus/`,
      query: { blue: 'blue', green: 'sum(errors{path!="/a b"}) or vector(0)' },
    });

    expect(result).toEqual({ outcome: 'pass', detail: '0.01 (max 0.05)', value: 0.01 });
    const { pathname, searchParams } = new URL(asked ?? '', address);
    expect([pathname, Object.fromEntries(searchParams)]).toEqual([
      '/prometheus/api/v1/query',
      { query: 'sum(errors{path!="/a b"}) or vector(0)', time: String(noon / 1000) },
    ]);
  });

  test.each([
    ['pass', { max: 5 }, vector('1', '5'), '5 (max 5), the highest of 2 series {pod="web-1"}'],
    ['fail', { max: 5 }, vector('1', '5.1'), '5.1 (max 5), the highest of 2 series {pod="web-1"}'],
    ['fail', { max: undefined, min: 2 }, vector('1', '7'), '1 (min 2), the lowest of 2 series {pod="web-0"}'],
    ['fail', { min: 2, max: 5 }, vector('1'), '1 (min 2, max 5) {pod="web-0"}'],
    ['fail', { max: 5 }, vector('NaN', '6'), '6 (max 5), the highest of 2 series {pod="web-1"}'],
    ['fail', { max: 5 }, scalar('+Inf'), 'Infinity (max 5)'],
    ['inconclusive', { max: 5 }, scalar('-Inf'), '1 of 1 series are infinite: without labels'],
    ['inconclusive', { max: 5 }, vector('NaN', '1'), '1 of 2 series are NaN: {pod="web-0"}'],
    ['inconclusive', { max: 5 }, scalar('NaN'), 'no data: the result is NaN'],
    ['inconclusive', { max: 5 }, vector(), 'no data: the result is empty'],
    ['fail', { max: 5, noData: 'fail' }, vector(), 'no data: the result is empty, which counts as fail here'],
    [
      'inconclusive',
      { max: 5 },
      scalar('1', { warnings: ['store gateway unreachable'] }),
      'the result can be partial: store gateway unreachable',
    ],
    [
      'inconclusive',
      { max: 5 },
      scalar('9', { warnings: ['store gateway unreachable'] }),
      'the result can be partial: store gateway unreachable',
    ],
    [
      'pass',
      { max: 5 },
      scalar('1', { warnings: [], infos: ['metric might not be a counter'] }),
      '1 (max 5)',
    ],
  ] as const)('returns %s for %j and %j', async (outcome, options, body, detail) => {
    expect(await evaluate({ ...options, ...responding(body) })).toMatchObject({ outcome, detail });
  });

  test('is inconclusive without a request while the query looks back to before the weights', async () => {
    const { fetch, requests } = recording(scalar('0'));

    const result = await evaluate({ fetch, windowSeconds: 120 }, { weightsSince: noon - 119_000 });

    expect(result).toEqual({
      outcome: 'inconclusive',
      detail: 'the query would look back to before the present weights until 2026-01-01T12:00:01Z',
    });
    expect(requests).toEqual([]);
  });

  test.each<[string, unknown, number, string]>([
    [
      'a refused query',
      { status: 'error', errorType: 'bad_data', error: 'parse error' },
      400,
      'bad_data: parse error',
    ],
    [
      'an error with status 200',
      { status: 'error', errorType: 'timeout', error: 'too slow' },
      200,
      'too slow',
    ],
    ['rejected credentials', 'Unauthorized', 401, 'status 401: the credentials were rejected'],
    ['too many requests', 'slow down', 429, 'too many requests'],
    ['a fault of the service', 'oops', 503, 'status 503'],
    ['a login page', '<html>', 200, 'a response that is not JSON'],
    ['a range', { status: 'success', data: { resultType: 'matrix', result: [] } }, 200, 'data.resultType'],
    [
      'a text',
      { status: 'success', data: { resultType: 'string', result: [1, 'a'] } },
      200,
      'data.resultType',
    ],
    [
      'a histogram',
      { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] } },
      200,
      'value',
    ],
    ['a value that is no number', scalar('many'), 200, 'a value that is no number'],
    ['an empty value', scalar(' '), 200, 'a value that is no number'],
  ])('throws for %s', async (_name, body, status, message) => {
    await expect(evaluate(responding(body, status))).rejects.toMatchObject({
      name: 'UnexpectedResponseError',
      message: expect.stringContaining(message),
    });
  });

  test('sends the authorization and the headers, and shows neither', async () => {
    const { fetch, requests } = recording(scalar('0'));
    const secrets = {
      authorization: async () => 'Bearer the-token',
      headers: { 'X-Scope-OrgID': 'the-tenant' },
    };
    await evaluate({ fetch, ...secrets });
    expect(requests[0]?.headers.get('authorization')).toBe('Bearer the-token');
    expect(requests[0]?.headers.get('x-scope-orgid')).toBe('the-tenant');

    const quoting = (async () => {
      throw new TypeError('cannot send Bearer the-token, the-token, the-tenant');
    }) as typeof fetch;

    const error: Error = await evaluate({ fetch: quoting, ...secrets }).then(
      () => expect.unreachable(),
      (it) => it,
    );

    expect(error.message).toContain('cannot send ***, ***, ***');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/the-t/);
  });

  test.each<[string, object]>([
    ['a warning', scalar('0', { warnings: ['no store of the-tenant'] })],
    [
      'a label',
      {
        status: 'success',
        data: { resultType: 'vector', result: [{ metric: { tenant: 'the-tenant' }, value: [1, '9'] }] },
      },
    ],
  ])('shows no header that %s quotes', async (_, body) => {
    const result = await evaluate({ ...responding(body), headers: { 'X-Scope-OrgID': 'the-tenant' } });

    expect(result.detail).toContain('***');
    expect(JSON.stringify(result)).not.toContain('the-tenant');
  });

  test.each([
    ' https://prometheus.example.com ',
    'https://prometheus.example.com/\n',
    '\thttps://prometheus.example.com',
  ])('reads the address %j as a URL does', async (address) => {
    const { fetch, requests } = recording(scalar('0'));

    await evaluate({ address, fetch });

    expect(requests[0]?.url.href).toMatch(/^https:\/\/prometheus\.example\.com\/api\/v1\/query\?/);
  });

  test('signs for Amazon Managed Service for Prometheus as AWS specifies', async () => {
    const { fetch, requests } = recording(scalar('0'));
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'the-secret', sessionToken: 'the-session' };
    const query = 'sum(rate(errors{job="a b"}[1m])) * 100 > bool 1';

    const result = await evaluate({
      address: workspace,
      fetch,
      query,
      sigV4: { region: 'eu-west-1', credentials },
    });

    expect(result.outcome).toBe('pass');
    const { url, headers } = requests[0] ?? expect.unreachable();
    expect(url.pathname).toBe('/workspaces/ws-1/api/v1/query');
    expect(headers.get('authorization')).toBe(
      authorizationOf({ url, headers, secret: credentials.secretAccessKey }),
    );
  });

  test('reads the credentials of the SDK when none are given', async () => {
    const { fetch, requests } = recording(scalar('0'));
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'of-the-environment' });
    delete process.env['AWS_SESSION_TOKEN'];
    try {
      await evaluate({ address: workspace, fetch, sigV4: { region: 'eu-west-1' } });
    } finally {
      process.env = before;
    }

    const { url, headers } = requests[0] ?? expect.unreachable();
    expect(headers.get('authorization')).toBe(
      authorizationOf({ url, headers, secret: 'of-the-environment' }),
    );
  });

  test('throws AccessDeniedError that names the IAM action, without secrets', async () => {
    const credentials = { accessKeyId: 'AKID', secretAccessKey: 'the-secret' };
    const sigV4 = { region: 'eu-west-1', credentials };

    const error: Error = await evaluate({
      address: workspace,
      sigV4,
      ...responding('AKID the-secret', 403),
    }).then(
      () => expect.unreachable(),
      (it) => it,
    );

    expect(error).toMatchObject({ name: 'AccessDeniedError', action: 'aps:QueryMetrics' });
    expect(`${error.message} ${String(error.cause)}`).not.toMatch(/AKID|the-secret/);
  });

  test('throws for credentials that cannot be read', async () => {
    const credentials = async () => {
      throw new Error('Could not load credentials');
    };

    await expect(
      evaluate({
        address: workspace,
        ...responding(scalar('0')),
        sigV4: { region: 'eu-west-1', credentials },
      }),
    ).rejects.toThrow('Could not load credentials');
  });

  test('throws OperationAbortedError when the shift is aborted', async () => {
    const controller = new AbortController();
    controller.abort();

    await expect(evaluate(responding(scalar('0')), { signal: controller.signal })).rejects.toMatchObject({
      name: 'OperationAbortedError',
    });
  });

  test.each<[string, object]>([
    ['address', { address: 'prometheus.example.com' }],
    ['address', { address: 'https://user:secret@prometheus.example.com' }],
    ['address', { address: 'https://prometheus.example.com/?token=secret' }],
    ['address', { address: 'https://prometheus.example.com?' }],
    ['address', { address: 'https://prometheus.example.com/#secret' }],
    ['address', { address: 'https://prometheus.example.com/#' }],
    ['query', { query: '' }],
    ['query.green', { query: { blue: 'up' } }],
    ['max', { max: undefined }],
    ['max', { min: 5, max: 1 }],
    ['windowSeconds', { windowSeconds: Number.NaN }],
    ['noData', { noData: 'pass' }],
    ['authorization', { authorization: 'Bearer x', sigV4: { region: 'eu-west-1' } }],
    ['headers', { headers: { Authorization: 'a' }, authorization: 'b' }],
    ['headers', { headers: { 'a b': 'c' } }],
    ['sigV4.region', { sigV4: {} }],
    ['sigV4.regoin', { sigV4: { region: 'eu-west-1', regoin: 'eu-west-1' } }],
    ['sigV4.credentials', { sigV4: { region: 'eu-west-1', credentials: {} } }],
    [
      'sigV4.profile',
      {
        sigV4: {
          region: 'eu-west-1',
          profile: 'ops',
          credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        },
      },
    ],
    ['timeout', { timeout: 5 }],
  ])('throws InvalidInputError that names %s', (field, wrong) => {
    const error = thrownBy(() => makeCheck(wrong));

    expect(error).toMatchObject({
      name: 'InvalidInputError',
      problems: expect.arrayContaining([expect.objectContaining({ field })]),
    });
    expect(String(error)).not.toContain('secret');
  });

  test.each(hostileValues)('throws InvalidInputError for %s as any option', (_name, value) => {
    for (const option of [
      'name',
      'address',
      'query',
      'max',
      'windowSeconds',
      'sigV4',
      'headers',
      'authorization',
    ]) {
      if (option === 'authorization' && typeof value === 'function') continue;
      expect(thrownBy(() => makeCheck({ [option]: value }))).toMatchObject({ name: 'InvalidInputError' });
    }
  });
});

function thrownBy(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    return error;
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, written anew. */
function authorizationOf({ url, headers, secret }: { url: URL; headers: Headers; secret: string }): string {
  const date = headers.get('x-amz-date') ?? '';
  const scope = `${date.slice(0, 8)}/eu-west-1/aps/aws4_request`;
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const names = ['host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'].filter(
    (name) => name === 'host' || headers.has(name),
  );
  const signed = names.map((name) => `${name}:${name === 'host' ? url.host : headers.get(name)}\n`).join('');
  const all = ['accept'].filter((name) => (headers.get('authorization') ?? '').includes(`;${name};`));
  expect(all).toEqual([]);
  const canonical = ['GET', url.pathname, url.search.slice(1), signed, names.join(';'), hash('')].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((it, part) => hmac(it, part), `AWS4${secret}`);
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
}
