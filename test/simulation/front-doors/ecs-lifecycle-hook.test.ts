import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ecsLifecycleHook } from '../../../src/hooks/ecs-lifecycle-hook.js';
import type { EcsHookResponse } from '../../../src/hooks/ecs-types.js';
import { anything, eventsLike, identifier } from '../../support/arbitrary-events.js';
import { hookEvent, makeContext, makeLogger, targetRevision } from '../../support/ecs-hook.js';
import { mutated } from '../../support/shift-requests.js';
import { makeEngineWorld } from '../engines/engine-world.js';
import type { EngineScenario } from '../engines/scenarios.js';
import { expectRefusal, makeFuzzer, replyOf, writesOf } from './knock.js';

const fuzzer = makeFuzzer('ecsLifecycleHook');

const scenario: EngineScenario = {
  name: 'a shift',
  request: {
    incoming: 'green',
    strategy: { type: 'linear', stepPercent: 25, intervalSeconds: 60 },
    approvalPercents: [50],
  },
  expected: { outcome: 'succeeded', greenPercents: [] },
};

const shiftStage = 'POST_TEST_TRAFFIC_SHIFT';

const stages = fc.constantFrom(
  shiftStage,
  'PRODUCTION_TRAFFIC_SHIFT',
  'PRE_SCALE_UP',
  'A_STAGE_THAT_IS_NEW',
  'TEST_TRAFFIC_SHIFT',
);
const weights = fc.constantFrom({}, { [targetRevision]: 0 }, { [targetRevision]: 100 });

const rightEvent = fc
  .tuple(stages, weights, identifier, fc.constantFrom(undefined, {}, { environment: 'test' }))
  .map(([stage, production, executionId, hookDetails]) => ({
    ...hookEvent(stage, { production, test: production, executionId }),
    ...(hookDetails && { hookDetails }),
  }));

function setUp() {
  const world = makeEngineWorld(scenario);
  const { clock } = world.cloud;
  const logger = makeLogger();
  const handler = ecsLifecycleHook(
    {
      [shiftStage]: [
        { name: 'wait', waitSeconds: 1 },
        {
          name: 'shift',
          shifter: world.makeShifter(),
          request: scenario.request,
          isApproved: () => true,
        },
      ],
      PRODUCTION_TRAFFIC_SHIFT: { forward: () => {}, rollback: () => {} },
    },
    { clock, logger },
  );
  return { world, clock, logger, handler };
}

function expectValid(answer: EcsHookResponse): void {
  const { hookStatus, callBackDelay, hookDetails, ...rest } = answer;
  expect(rest).toEqual({});
  if (hookStatus === 'IN_PROGRESS') {
    expect(Number.isInteger(callBackDelay)).toBe(true);
    expect(callBackDelay).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(JSON.stringify(hookDetails))).toEqual(hookDetails);
  } else {
    expect(['SUCCEEDED', 'FAILED']).toContain(hookStatus);
    expect(callBackDelay).toBeUndefined();
  }
}

/** The event after so many calls: with the details that the hook has answered with. */
async function eventAfter(calls: number) {
  const { clock, handler } = setUp();
  let event: object = hookEvent(shiftStage);
  for (let call = 0; call < calls; call += 1) {
    const answer = await handler(event, makeContext(clock));
    if (answer.hookDetails === undefined) break;
    event = { ...event, hookDetails: answer.hookDetails };
    await clock.sleep((answer.callBackDelay ?? 30) * 1000);
  }
  return event as { hookDetails: Record<string, string> };
}

describe('ecsLifecycleHook, whatever comes', () => {
  test('the answer is always a valid one; a malformed event fails the deployment, and nothing is done', async () => {
    await fuzzer.knock(eventsLike(rightEvent), 1000, async (event) => {
      const { world, clock, logger, handler } = setUp();

      const answer = await handler(event, makeContext(clock));

      expectValid(answer);
      expect(writesOf(world.cloud)).toEqual([]);
      if (answer.hookStatus === 'FAILED') expect(logger.error).toHaveBeenCalledOnce();
      // Nothing but what says which stage it is counts as a success.
      if (answer.hookStatus === 'SUCCEEDED') {
        expect((event as { lifecycleStage: string }).lifecycleStage).not.toBe(shiftStage);
        expect(typeof (event as { lifecycleStage: unknown }).lifecycleStage).toBe('string');
      }
      return answer.hookStatus;
    });
  });

  test('a malformed context fails the deployment, and nothing is done', async () => {
    const contexts = anything.filter((it) => typeof Object(it).getRemainingTimeInMillis !== 'function');
    await fuzzer.knock(contexts, 200, async (context) => {
      const { world, handler } = setUp();
      const answer = await handler(hookEvent(shiftStage), context as never);
      expect(answer).toEqual({ hookStatus: 'FAILED' });
      expect(world.cloud.calls).toEqual([]);
      return 'FAILED';
    });
  });

  test('hook details that somebody has changed never give the traffic away, nor a success', async () => {
    const events = await Promise.all([1, 2, 3, 4, 6, 8].map(eventAfter));
    const changed = fc.constantFrom(...events).chain((event) => {
      const entries = Object.entries(event.hookDetails);
      const details = entries.map(([name, text]) =>
        mutated(fc.constant(JSON.parse(text))).map((value) => [name, JSON.stringify(value) ?? null] as const),
      );
      return fc
        .tuple(...details)
        .map((list) => ({ ...event, hookDetails: Object.fromEntries(list) as Record<string, unknown> }));
    });
    await fuzzer.knock(changed, 500, async (event) => {
      const { world, clock, handler } = setUp();

      const answer = await handler(event, makeContext(clock));

      expectValid(answer);
      expect(writesOf(world.cloud).length).toBeLessThanOrEqual(1);
      if (answer.hookStatus === 'SUCCEEDED') expect(world.presentGreenPercent()).toBe(100);
      return answer.hookStatus;
    });
  });

  test('malformed stages and options make no handler', async () => {
    const shifter = makeEngineWorld(scenario).makeShifter();
    const right = fc.record({
      PRE_SCALE_UP: fc.constantFrom<unknown>(
        [{ name: 'wait', waitSeconds: 5 }],
        [{ name: 'poll', isDone: () => true, intervalSeconds: 5 }],
        { forward: [{ name: 'shift', shifter, request: { ...scenario.request, approvalPercents: [] } }] },
      ),
    });
    await fuzzer.knock(fc.oneof(mutatedShallow(right), anything), 600, async (stagesGiven) => {
      const reply = await replyOf(() => ecsLifecycleHook(stagesGiven as never, { logger: makeLogger() }));
      if (reply.kind === 'refused') expectRefusal(reply);
      return reply.kind === 'refused' ? 'options refused' : 'options accepted';
    });
  });
});

/** Functions cannot be cloned, so only a whole stage is replaced. */
function mutatedShallow(right: fc.Arbitrary<object>): fc.Arbitrary<unknown> {
  return fc
    .tuple(
      right,
      anything,
      fc.constantFrom(undefined, 'PRE_SCALE_UP', 'A_STAGE_THAT_IS_NEW', 'POST_SCALE_UP'),
    )
    .map(([given, value, stage]) => (stage === undefined ? given : { ...given, [stage]: value }));
}
