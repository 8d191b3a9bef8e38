import { beforeEach, describe, expect, test } from 'vitest';
import { type CustomResourceEvent, SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

/** A Lambda function that sends the given response, or none. */
function respondingWith(responseTo: (event: CustomResourceEvent) => object | undefined) {
  return async (event: CustomResourceEvent) => {
    const { StackId, RequestId, LogicalResourceId } = event;
    const answer = responseTo(event);
    if (answer === undefined) return;
    const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...answer });
    await cloud.cloudFormation.fetch(event.ResponseURL, {
      method: 'PUT',
      headers: { 'content-type': '' },
      body: new TextEncoder().encode(body),
    });
  };
}

const stackOf = (responseTo: Parameters<typeof respondingWith>[0]) =>
  cloud.cloudFormation.addStack({ name: 'shop', lambda: { handler: respondingWith(responseTo) } });

const success = (id = 'the-resource') => ({ Status: 'SUCCESS', PhysicalResourceId: id });

describe('SimulatedStack', () => {
  test('sends numbers and booleans as strings', async () => {
    const stack = stackOf(() => success());

    await stack.create({ Count: 5, Flag: true, List: [{ Weight: 0.5 }] });

    expect(stack.requests[0]?.event.ResourceProperties).toEqual({
      Count: '5',
      Flag: 'true',
      List: [{ Weight: '0.5' }],
    });
  });

  test('fails after its ServiceTimeout without a response, with a generated ID', async () => {
    const stack = stackOf(({ RequestType }) =>
      RequestType === 'Create' ? undefined : success('shop-Rule-1ABCDEFGHIJKL'),
    );
    const startedAt = cloud.clock.now();

    expect(await stack.create({ ServiceTimeout: 300 })).toBe('ROLLBACK_COMPLETE');
    expect(cloud.clock.now() - startedAt).toBe(300_000);
    expect(stack.requests[1]?.event.PhysicalResourceId).toBe('shop-Rule-1ABCDEFGHIJKL');
  });

  test.each<[string, object, RegExp]>([
    ['an unknown status', { Status: 'FAILURE', PhysicalResourceId: 'a' }, /not a valid ResponseStatus/],
    ['no ID', { Status: 'SUCCESS' }, /Invalid PhysicalResourceId/],
    ['the ID of another request', { ...success(), RequestId: 'another' }, /identifiers/],
    [
      'a response that is too long',
      { ...success(), Data: { Text: 'x'.repeat(5_000) } },
      /Invalid Response object/,
    ],
  ])('fails for %s', async (_what, answer, reason) => {
    const stack = stackOf(({ RequestType }) => (RequestType === 'Create' ? answer : success()));

    await stack.create({});

    expect(stack.requests[0]).toMatchObject({ outcome: 'FAILED', reason: expect.stringMatching(reason) });
  });

  test('updates again with the old properties after a failed update, and reports when that fails too', async () => {
    const stack = stackOf(({ RequestType }) =>
      RequestType === 'Update' ? { ...success(), Status: 'FAILED', Reason: 'no' } : success(),
    );
    await stack.create({ Value: 1 });

    expect(await stack.update({ Value: 2 })).toBe('UPDATE_ROLLBACK_FAILED');
    expect(stack.requests.map(({ event }) => [event.RequestType, event.ResourceProperties['Value']])).toEqual(
      [
        ['Create', '1'],
        ['Update', '2'],
        ['Update', '1'],
      ],
    );
  });

  test('reports a failed deletion, and has no resource before its creation', async () => {
    const stack = stackOf(({ RequestType }) =>
      RequestType === 'Delete' ? { ...success(), Status: 'FAILED', Reason: 'no' } : success(),
    );

    await expect(stack.delete()).rejects.toThrow(/has not been created/);
    await stack.create({});
    expect(await stack.delete()).toBe('DELETE_FAILED');
  });
});

describe('SimulatedResponseServer', () => {
  const put = async (url: string, init: RequestInit) => (await cloud.cloudFormation.fetch(url, init)).status;

  test('accepts only requests that match the signature', async () => {
    const statuses: number[] = [];
    const stack = cloud.cloudFormation.addStack({
      name: 'shop',
      lambda: {
        handler: async ({ ResponseURL }) => {
          const body = new TextEncoder().encode('{}');
          statuses.push(
            await put(ResponseURL, { method: 'PUT', body: '{}' }),
            await put(ResponseURL, { method: 'POST', headers: { 'content-type': '' }, body }),
            await put(ResponseURL.replace(/Signature=[^&]*/, 'Signature=x'), { method: 'PUT', body }),
          );
        },
      },
    });

    await stack.create({ ServiceTimeout: 10 });
    await cloud.cloudFormation.close();

    expect(new Set(statuses)).toEqual(new Set([403]));
    expect(stack.requests[0]?.responses).toEqual([]);
  });
});
