import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeDeployHook } from '../../../src/hooks/codedeploy-hook.js';
import { SqsTools } from '../../../src/sqs/sqs-tools.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { anything, eventsLike, identifier } from '../../support/arbitrary-events.js';
import { makeContext, makeLogger } from '../../support/ecs-hook.js';
import { expectRefusal, isInvalidInput, makeFuzzer, replyOf, writesOf } from './knock.js';

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

describe('codeDeployHook, whatever comes', () => {
  test('a malformed event is refused before anything is done; any other is answered exactly once', async () => {
    await fuzzer.knock(eventsLike(rightEvent), 800, async (event) => {
      const { cloud, handler } = setUp();

      const reply = await replyOf(() => handler(event, makeContext(cloud.clock)));

      const answers = cloud.calls.filter(({ action }) => action.startsWith('codedeploy:'));
      if (isInvalidInput(reply)) {
        expect(cloud.calls).toEqual([]);
        return 'refused as malformed';
      }
      // No such deployment is known in this cloud, so CodeDeploy refuses the answer, and the handler says so.
      expect(reply.kind).toBe('refused');
      expect(new Set(answers.map(({ input }) => JSON.stringify(input))).size).toBe(1);
      expect(answers[0]?.input).toMatchObject({ status: 'Succeeded' });
      return 'answered';
    });
  });

  test('a malformed context is refused before anything is done', async () => {
    const contexts = anything.filter((it) => typeof Object(it).getRemainingTimeInMillis !== 'function');
    await fuzzer.knock(fc.tuple(rightEvent, contexts), 200, async ([event, context]) => {
      const { cloud, handler } = setUp();
      const reply = await replyOf(() => handler(event, context as never));
      expectRefusal(reply);
      expect(isInvalidInput(reply)).toBe(true);
      expect(writesOf(cloud)).toEqual([]);
      return 'refused as malformed';
    });
  });

  test('whatever the work throws, the answer is Failed', async () => {
    await fuzzer.knock(anything, 200, async (thrown) => {
      const { cloud, handler } = setUp(() => {
        throw thrown;
      });
      await replyOf(() =>
        handler({ DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'e-1' }, makeContext(cloud.clock)),
      );
      const answers = cloud.calls.filter(({ action }) => action.startsWith('codedeploy:'));
      expect(answers.length).toBeGreaterThan(0);
      expect(answers.every(({ input }) => (input as { status: string }).status === 'Failed')).toBe(true);
      return 'answered Failed';
    });
  });

  test('malformed options make no handler', async () => {
    const right = fc.record({ deadlineMarginSeconds: fc.integer({ min: 1, max: 300 }) });
    const functions = fc.oneof(anything, fc.func(fc.boolean()));
    // Against `null`, options have their type alone.
    const options = eventsLike(right).filter((it) => it !== null);
    await fuzzer.knock(fc.tuple(functions, options), 400, async ([run, given]) => {
      const reply = await replyOf(() => codeDeployHook(run as never, given as never));
      if (typeof run !== 'function') expectRefusal(reply);
      if (reply.kind === 'refused') expectRefusal(reply);
      return reply.kind === 'refused' ? 'options refused' : 'options accepted';
    });
  });
});
