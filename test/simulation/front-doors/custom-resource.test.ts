import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/core/logger.js';
import { managedListenerRuleHandler } from '../../../src/custom-resource/index.js';
import { parseProperties } from '../../../src/custom-resource/rule/properties.js';
import { anything, eventsLike } from '../../support/arbitrary-events.js';
import { makeContext } from '../../support/ecs-hook.js';
import { managedRule } from '../../support/managed-rule.js';
import { makeFuzzer, replyOf, writesOf } from './fuzzer.js';

const fuzzer = makeFuzzer('managedListenerRuleHandler');

/** The ARNs are the same in every world. */
const { template } = managedRule();

const properties = fc
  .tuple(
    fc.constantFrom(
      { blue: 0, green: 100 },
      { blue: 100, green: 0 },
      { blue: 50, green: 50 },
      { blue: 1, green: 999 },
    ),
    fc.record(
      {
        StepWeight: fc.oneof(fc.integer({ min: 20, max: 100 }), fc.constantFrom('50', '100')),
        StepInterval: fc.constantFrom('1s', '5s', '500ms'),
        Priority: fc.constantFrom<string | number>('11', 11, '50000'),
        RetainOnDelete: fc.constantFrom<string | boolean>('true', false),
        AdoptExisting: fc.constantFrom<string | boolean>('false', true),
        PathPatterns: fc.constantFrom(['/orders/*'], ['/a', '/b']),
        Methods: fc.constantFrom(['get'], ['GET', 'POST']),
        Headers: fc.constantFrom({ tenant: ['a*'] }),
        QueryStrings: fc.constantFrom({ version: '2' }),
        ServiceTimeout: fc.constantFrom('3600', 600),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([weights, more]) => template(weights, more));

const ids = {
  ResponseURL:
    'https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/key?X-Amz-Signature=secret',
  StackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1',
  RequestId: 'r-1',
  LogicalResourceId: 'Rule',
  ResourceType: 'Custom::ManagedListenerRule',
};

const rightEvent = fc.oneof(
  properties.map((ResourceProperties) => ({ ...ids, RequestType: 'Create', ResourceProperties })),
  fc.tuple(properties, properties).map(([ResourceProperties, OldResourceProperties]) => ({
    ...ids,
    RequestType: 'Update',
    PhysicalResourceId: 'Rule-1',
    ResourceProperties,
    OldResourceProperties,
  })),
  properties.map((ResourceProperties) => ({
    ...ids,
    RequestType: 'Delete',
    PhysicalResourceId: 'Rule-1',
    ResourceProperties,
  })),
);

function setUp() {
  const world = managedRule();
  const { clients, clock } = world.cloud;
  const responses: { readonly url: string; readonly body: Record<string, unknown> }[] = [];
  const handler = managedListenerRuleHandler({
    clients: { elasticLoadBalancing: clients.elasticLoadBalancing, cloudWatch: clients.cloudWatch },
    fetch: async (url, init) => {
      responses.push({ url: String(url), body: Object(await new Response(init?.body ?? null).json()) });
      return new Response('');
    },
    clock,
    logger: silentLogger,
  });
  return { ...world, handler, responses };
}

function isRight(given: unknown): boolean {
  try {
    parseProperties(given);
    return true;
  } catch {
    return false;
  }
}

describe('managedListenerRuleHandler › arbitrary input', () => {
  test('sends exactly one response to an allowed URL, and FAILED without a write for malformed properties', async () => {
    await fuzzer.check(eventsLike(rightEvent), 1500, async (event) => {
      const { cloud, handler, responses } = setUp();

      const reply = await replyOf(() => handler(event, makeContext(cloud.clock)));

      expect(reply.kind).toBe('returned');
      const { status } = Object(reply.kind === 'returned' && reply.result);
      const { RequestType, ResourceProperties, ResponseURL, RequestId } = Object(event);
      if (status === 'unanswerable') {
        expect(responses).toEqual([]);
        expect(cloud.calls).toEqual([]);
        return 'unanswerable';
      }
      expect(responses).toHaveLength(1);
      const [{ url = '', body = {} } = {}] = responses;
      expect(url).toBe(new URL(String(ResponseURL)).href);
      expect(body).toMatchObject({ Status: status, PhysicalResourceId: expect.stringMatching(/./) });
      if (typeof RequestId === 'string') expect(body['RequestId']).toBe(RequestId);
      if (status === 'FAILED') {
        expect(body['Reason']).toMatch(/./);
        expect(JSON.stringify(body)).not.toContain('signature');
        if (!isRight(ResourceProperties)) expect(writesOf(cloud)).toEqual([]);
        return `${RequestType} failed`.replace(/^(?!Create|Update|Delete).*/, 'unknown request failed');
      }
      expect(status).toBe('SUCCESS');
      expect(['Create', 'Update', 'Delete']).toContain(RequestType);
      if (RequestType !== 'Delete') expect(isRight(ResourceProperties)).toBe(true);
      return `${RequestType} succeeded`;
    });
  });

  test('responds despite a malformed context', async () => {
    const contexts = anything.filter((it) => typeof Object(it).getRemainingTimeInMillis !== 'function');
    await fuzzer.check(fc.tuple(rightEvent, contexts), 300, async ([event, context]) => {
      const { handler, responses } = setUp();
      const reply = await replyOf(() => handler(event, context as never));
      expect(reply.kind).toBe('returned');
      expect(responses).toHaveLength(1);
      return `responded ${responses[0]?.body['Status']}`;
    });
  });
});
