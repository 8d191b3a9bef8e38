import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeDeployHook } from '../../../src/hooks/codedeploy-hook.js';
import { SqsTools } from '../../../src/sqs/sqs-tools.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { anything, eventsLike, identifier } from '../../support/arbitrary-events.js';
import { makeContext, makeLogger } from '../../support/ecs-hook.js';
import { expectRefusal, isInvalidInput, makeFuzzer, replyOf, writesOf } from './fuzzer.js';

const fuzzer = makeFuzzer('codeDeployHook');

const rightEvent = fc.record({ DeploymentId: identifier, LifecycleEventHookExecutionId: identifier });

function setUp(run?: () => unknown) {
  const cloud = new SimulatedCloud();
  for (const stack of ['blue', 'green']) cloud.sqs.addQueue({ name: `orders-${stack}` });
  const sqs = new SqsTools({
    blue: { queue: 'orders-blue' },
    green: { queue: 'orders-green' },
    clients: cloud.clients,
    clock: cloud.clock,
  });
  const handler = codeDeployHook(run ?? (() => sqs.purgeQueues('green')), {
    clients: cloud.clients,
    clock: cloud.clock,
    logger: makeLogger(),
  });
  return { cloud, handler };
}

describe('codeDeployHook › arbitrary input', () => {
  test('rejects a malformed event before any call, and responds exactly once to any other', async () => {
    await fuzzer.check(eventsLike(rightEvent), 800, async (event) => {
      const { cloud, handler } = setUp();

      const reply = await replyOf(() => handler(event, makeContext(cloud.clock)));

      const responses = cloud.calls.filter(({ action }) => action.startsWith('codedeploy:'));
      if (isInvalidInput(reply)) {
        expect(cloud.calls).toEqual([]);
        return 'rejected as malformed';
      }
      // The cloud has no such deployment, so CodeDeploy rejects the response, and the handler rejects too.
      expect(reply.kind).toBe('refused');
      expect(new Set(responses.map(({ input }) => JSON.stringify(input))).size).toBe(1);
      expect(responses[0]?.input).toMatchObject({ status: 'Succeeded' });
      return 'responded';
    });
  });

  test('rejects a malformed context before any call', async () => {
    const contexts = anything.filter((it) => typeof Object(it).getRemainingTimeInMillis !== 'function');
    await fuzzer.check(fc.tuple(rightEvent, contexts), 200, async ([event, context]) => {
      const { cloud, handler } = setUp();
      const reply = await replyOf(() => handler(event, context as never));
      expectRefusal(reply);
      expect(isInvalidInput(reply)).toBe(true);
      expect(writesOf(cloud)).toEqual([]);
      return 'rejected as malformed';
    });
  });

  test('responds Failed for any thrown value', async () => {
    await fuzzer.check(anything, 200, async (thrown) => {
      const { cloud, handler } = setUp(() => {
        throw thrown;
      });
      await replyOf(() =>
        handler({ DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'e-1' }, makeContext(cloud.clock)),
      );
      const responses = cloud.calls.filter(({ action }) => action.startsWith('codedeploy:'));
      expect(responses.length).toBeGreaterThan(0);
      expect(responses.every(({ input }) => (input as { status: string }).status === 'Failed')).toBe(true);
      return 'responded Failed';
    });
  });

  test('throws InvalidInputError for malformed options', async () => {
    const right = fc.record({ deadlineMarginSeconds: fc.integer({ min: 1, max: 300 }) });
    const functions = fc.oneof(anything, fc.func(fc.boolean()));
    // The types alone exclude `null` as options.
    const options = eventsLike(right).filter((it) => it !== null);
    await fuzzer.check(fc.tuple(functions, options), 400, async ([run, given]) => {
      const reply = await replyOf(() => codeDeployHook(run as never, given as never));
      if (typeof run !== 'function') expectRefusal(reply);
      if (reply.kind === 'refused') expectRefusal(reply);
      return reply.kind === 'refused' ? 'options refused' : 'options accepted';
    });
  });
});
