import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/core/clock.js';
import type { Logger } from '../../../../src/core/logger.js';
import type { ResourceResponse } from '../../../../src/custom-resource/protocol/response.js';
import { sendResponse } from '../../../../src/custom-resource/protocol/send-response.js';
import { VirtualClock } from '../../../../src/testing/index.js';
import { loopbackServer } from '../../../support/loopback-server.js';

const secret = 'X-Amz-Signature=secret&AWSAccessKeyId=key&Signature=secret';
const answer: ResourceResponse = {
  status: 'SUCCESS',
  physicalResourceId: 'arn:rule',
  data: { RuleArn: 'arn:rule' },
};

function setUp(send: typeof fetch | undefined = undefined) {
  const lines: unknown[] = [];
  const log = (message: string, data: unknown) => void lines.push([message, data]);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const clock = new VirtualClock();
  const deadline = clock.now() + 60_000;
  return {
    lines,
    deliver: (responseUrl: string, given = answer) =>
      sendResponse(
        { responseUrl, stackId: 'arn:stack', requestId: 'r-1', logicalResourceId: 'Rule' },
        given,
        {
          timeLeft: { getRemainingTimeInMillis: () => deadline - clock.now() },
          clock: send === undefined ? systemClock : clock,
          logger,
          fetch: send ?? fetch,
        },
      ),
  };
}

/** Returns the responses in their order; repeats the last one. */
function answers(...list: (Response | Error)[]): typeof fetch {
  let index = 0;
  return async () => {
    const next = list[Math.min(index, list.length - 1)];
    index += 1;
    if (next instanceof Response) return next.clone();
    throw next;
  };
}

const failed = (code: string) =>
  new TypeError(`fetch failed for https://s3?${secret}`, { cause: Object.assign(new Error(), { code }) });

describe('sendResponse', () => {
  test("sends a PUT with CloudFormation's fields and the signed headers", async () => {
    const requests: unknown[] = [];
    const url = await loopbackServer(async (request, response) => {
      const { method, headers, url: path } = request;
      requests.push({
        method,
        path,
        type: headers['content-type'],
        length: headers['content-length'],
        encoding: headers['transfer-encoding'],
        body: JSON.parse(await text(request)),
      });
      response.end();
    });

    const delivery = await setUp().deliver(`${url}/key?${secret}`);

    expect(delivery).toBe('delivered');
    expect(requests).toEqual([
      {
        method: 'PUT',
        path: `/key?${secret}`,
        type: '',
        length: expect.stringMatching(/^\d+$/),
        encoding: undefined,
        body: {
          Status: 'SUCCESS',
          PhysicalResourceId: 'arn:rule',
          StackId: 'arn:stack',
          RequestId: 'r-1',
          LogicalResourceId: 'Rule',
          Data: { RuleArn: 'arn:rule' },
        },
      },
    ]);
  });

  test.each<[string, (Response | Error)[], string]>([
    [
      'a failure that passes',
      [new Response('', { status: 503 }), failed('ECONNRESET'), new Response()],
      'delivered',
    ],
    ['too many requests', [new Response('', { status: 429 }), new Response()], 'delivered'],
    [
      "S3's own time-out, and another change that is under way",
      [
        new Response('<Code>RequestTimeout</Code>', { status: 400 }),
        new Response('<Code>OperationAborted</Code>', { status: 409 }),
        new Response(),
      ],
      'delivered',
    ],
    ['a refusal', [new Response('<Code>AccessDenied</Code>', { status: 403 })], 'refused'],
    ['a connection that is never made', [failed('ENOTFOUND')], 'notSent'],
    [
      'a connection that breaks',
      [failed('ENOTFOUND'), failed('ECONNRESET'), failed('ENOTFOUND')],
      'unconfirmed',
    ],
    ['an error without a code', [new TypeError('fetch failed')], 'unconfirmed'],
    ['an internal error', [new Response('', { status: 500 })], 'unconfirmed'],
    ['a refusal for the time being', [new Response('', { status: 503 })], 'notSent'],
  ])('%s', async (_what, list, delivery) => {
    const { deliver, lines } = setUp(answers(...list));

    expect(await deliver(`https://s3.example/key?${secret}`)).toBe(delivery);
    expect(JSON.stringify(lines)).not.toMatch(/secret|AWSAccessKeyId|https:/);
  });

  test('retries an attempt that hangs', async () => {
    let attempts = 0;
    const { deliver } = setUp(async () => {
      attempts += 1;
      return attempts === 1 ? new Promise(() => {}) : new Response();
    });

    expect(await deliver('https://s3.example/key')).toBe('delivered');
  });

  test("logs only the code of S3's response to a wrong signature", async () => {
    const body = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${secret}</StringToSign></Error>`;
    const { deliver, lines } = setUp(answers(new Response(body, { status: 403 })));

    await deliver(`https://s3.example/key?${secret}`);

    expect(JSON.stringify(lines)).toContain('SignatureDoesNotMatch');
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test("truncates a reason above CloudFormation's limit", async () => {
    const bodies: string[] = [];
    const { deliver } = setUp(async (_url, init) => {
      bodies.push(await new Response(init?.body ?? null).text());
      return new Response();
    });

    await deliver('https://s3.example/key', { ...answer, status: 'FAILED', reason: '😀é"'.repeat(5_000) });

    expect(Buffer.byteLength(bodies[0] ?? '')).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(bodies[0] ?? '')).toBeGreaterThan(3_000);
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/…$/),
    });
  });
});
