import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ecsLifecycleHook } from '../../../src/hooks/ecs-lifecycle-hook.js';
import type { EcsHookResponse } from '../../../src/hooks/ecs-types.js';
import { anything, eventsLike, identifier } from '../../support/arbitrary-events.js';
import { hookEvent, makeContext, makeLogger, targetRevision } from '../../support/ecs-hook.js';
import { mutated } from '../../support/shift-requests.js';
import { makeEngineWorld } from '../engines/engine-world.js';
import type { EngineScenario } from '../engines/scenarios.js';
import { expectRefusal, makeFuzzer, replyOf, writesOf } from './fuzzer.js';

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

function expectValid(response: EcsHookResponse): void {
  const { hookStatus, callBackDelay, hookDetails, ...rest } = response;
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

/** The event after a number of calls, with the hook details of the last response. */
async function eventAfter(calls: number) {
  const { clock, handler } = setUp();
  let event: object = hookEvent(shiftStage);
  for (let call = 0; call < calls; call += 1) {
    const response = await handler(event, makeContext(clock));
    if (response.hookDetails === undefined) break;
    event = { ...event, hookDetails: response.hookDetails };
    await clock.sleep((response.callBackDelay ?? 30) * 1000);
  }
  return event as { hookDetails: Record<string, string> };
}

describe('ecsLifecycleHook › arbitrary input', () => {
  test('returns a valid response, and FAILED without a call for a malformed event', async () => {
    await fuzzer.check(eventsLike(rightEvent), 1000, async (event) => {
      const { world, clock, logger, handler } = setUp();

      const response = await handler(event, makeContext(clock));

      expectValid(response);
      expect(writesOf(world.cloud)).toEqual([]);
      if (response.hookStatus === 'FAILED') expect(logger.error).toHaveBeenCalledOnce();
      // SUCCEEDED is valid only for an event with another stage.
      if (response.hookStatus === 'SUCCEEDED') {
        expect((event as { lifecycleStage: string }).lifecycleStage).not.toBe(shiftStage);
        expect(typeof (event as { lifecycleStage: unknown }).lifecycleStage).toBe('string');
      }
      return response.hookStatus;
    });
  });

  test('returns FAILED without a call for a malformed context', async () => {
    const contexts = anything.filter((it) => typeof Object(it).getRemainingTimeInMillis !== 'function');
    await fuzzer.check(contexts, 200, async (context) => {
      const { world, handler } = setUp();
      const response = await handler(hookEvent(shiftStage), context as never);
      expect(response).toEqual({ hookStatus: 'FAILED' });
      expect(world.cloud.calls).toEqual([]);
      return 'FAILED';
    });
  });

  test('never shifts traffic away or returns SUCCEEDED for changed hook details', async () => {
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
    await fuzzer.check(changed, 500, async (event) => {
      const { world, clock, handler } = setUp();

      const response = await handler(event, makeContext(clock));

      expectValid(response);
      expect(writesOf(world.cloud).length).toBeLessThanOrEqual(1);
      if (response.hookStatus === 'SUCCEEDED') expect(world.presentGreenPercent()).toBe(100);
      return response.hookStatus;
    });
  });

  test('throws InvalidInputError for malformed stages and options', async () => {
    const shifter = makeEngineWorld(scenario).makeShifter();
    const right = fc.record({
      PRE_SCALE_UP: fc.constantFrom<unknown>(
        [{ name: 'wait', waitSeconds: 5 }],
        [{ name: 'poll', isDone: () => true, intervalSeconds: 5 }],
        { forward: [{ name: 'shift', shifter, request: { ...scenario.request, approvalPercents: [] } }] },
      ),
    });
    await fuzzer.check(fc.oneof(mutatedShallow(right), anything), 600, async (stagesGiven) => {
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
