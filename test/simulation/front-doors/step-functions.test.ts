import aslValidator from 'asl-validator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/core/logger.js';
import {
  type StepFunctionsDefinitionOptions,
  stepFunctionsDefinition,
  stepFunctionsHandler,
} from '../../../src/step-functions/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import { anything, eventsLike } from '../../support/arbitrary-events.js';
import { FakeTarget } from '../../support/fake-target.js';
import { JumpingClock } from '../../support/jumping-clock.js';
import { aShiftRequest } from '../../support/shift-requests.js';
import { expectRefusal, isInvalidInput, makeFuzzer, replyOf } from './fuzzer.js';

const handlerFuzzer = makeFuzzer('stepFunctionsHandler');
const definitionFuzzer = makeFuzzer('stepFunctionsDefinition');

const context = { getRemainingTimeInMillis: () => 60_000 };

function setUp(request: unknown) {
  const clock = new JumpingClock();
  const acceptsLive = Object(request).acceptLiveWeights === true;
  const share = acceptsLive ? 5 : 0;
  const { incoming = 'green' } = Object(request);
  const weights =
    incoming === 'blue' ? { blue: share, green: 100 - share } : { blue: 100 - share, green: share };
  const target = new FakeTarget({ clock, weights });
  const handler = stepFunctionsHandler(() => new TrafficShifter({ target, clock }), {
    isApproved: () => true,
    // A jumping clock would jump to the deadline.
    clock: new VirtualClock(),
    logger: silentLogger,
  });
  return { clock, target, handler };
}

/** A task of the machine for this request, after a number of steps. */
async function taskAfter(request: unknown, steps: number, action: 'advance' | 'rollBack' | 'decide') {
  const { clock, handler } = setUp(request);
  let state: object = { input: { request, service: 'orders' } };
  if (steps === 0) return { action: 'begin', state };
  for (let step = 0; step < steps; step += 1) {
    const next = await handler({ action: step === 0 ? 'begin' : 'advance', state }, context);
    if (next === null || !('waitSeconds' in next)) break;
    state = next;
    await clock.sleep(next.waitSeconds * 1000);
  }
  const failure = { Error: 'Lambda.Unknown', Cause: 'It ended' };
  const more = {
    advance: {},
    rollBack: { failure },
    decide: { heldAt: { key: '10', detail: 'go past 10 %' }, answer: { approved: true } },
  };
  return { action, state: { ...state, ...more[action] } };
}

const actions = fc.constantFrom('advance' as const, 'rollBack' as const, 'decide' as const);

describe('stepFunctionsHandler › arbitrary input', () => {
  test('rejects a malformed task before any call, and takes one step for any other', async () => {
    const tasks = await Promise.all(
      fc
        .sample(fc.tuple(aShiftRequest, fc.nat({ max: 6 }), actions), { numRuns: 150, seed: 42 })
        .map(([request, steps, action]) => taskAfter(request, steps, action)),
    );
    const validations = tasks.map(({ state }) => ({ action: 'validate', state }));
    await handlerFuzzer.check(eventsLike(fc.constantFrom(...tasks, ...validations)), 1500, async (event) => {
      const { target, handler } = setUp(Object(Object(Object(event).state).input).request);

      const reply = await replyOf(() => handler(event, context));

      expect(target.writes.length).toBeLessThanOrEqual(1);
      if (isInvalidInput(reply)) {
        expect(target.calls).toEqual([]);
        return 'rejected as malformed';
      }
      if (reply.kind === 'refused') {
        expectRefusal(reply);
        expect(target.writes).toEqual([]);
        return 'refused for the state of the rule';
      }
      expect(JSON.parse(JSON.stringify(reply.result))).toEqual(reply.result);
      if (reply.result === null) expect(Object(event).action).toBe('validate');
      return 'responded';
    });
  });

  test('rejects a malformed context before any call', async () => {
    const contexts = anything.filter((it) => typeof Object(it).getRemainingTimeInMillis !== 'function');
    await handlerFuzzer.check(fc.tuple(aShiftRequest, contexts), 200, async ([shift, given]) => {
      const { target, handler } = setUp(shift);
      const reply = await replyOf(() =>
        handler({ action: 'begin', state: { input: { shift } } }, given as never),
      );
      expect(isInvalidInput(reply)).toBe(true);
      expect(target.calls).toEqual([]);
      return 'rejected as malformed';
    });
  });
});

const arn = fc.constantFrom(
  'arn:aws:lambda:eu-west-1:111122223333:function:shift',
  'arn:aws-cn:lambda:cn-north-1:111122223333:function:shift:live',
);
const ownTask = fc.oneof(
  arn,
  fc.constant({
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:ssm:putParameter',
    Parameters: { Name: 'version', 'Value.$': '$.input.version' },
  }),
);
const rightOptions = fc.record(
  {
    functionArn: arn,
    functionTimeoutSeconds: fc.integer({ min: 1, max: 900 }),
    preCheck: ownTask,
    finish: ownTask,
    cleanUp: ownTask,
    report: ownTask,
    approval: fc.oneof(
      fc.record({ functionArn: arn, timeoutSeconds: fc.integer({ min: 1, max: 86_400 }) }),
      fc.record({
        topicArn: fc.constant('arn:aws:sns:eu-west-1:111122223333:approvals'),
        timeoutSeconds: fc.integer({ min: 1, max: 86_400 }),
      }),
    ),
    continueAfterCalls: fc.integer({ min: 10, max: 900 }),
  },
  { requiredKeys: ['functionArn'] },
);

describe('stepFunctionsDefinition › arbitrary input', () => {
  test('returns a valid state machine for valid options', async () => {
    await definitionFuzzer.check(rightOptions, 30, (options) => {
      const definition = stepFunctionsDefinition(options as StepFunctionsDefinitionOptions);
      const { isValid, errorsText } = aslValidator(definition);
      expect({ isValid, errors: errorsText('\n') }).toEqual({ isValid: true, errors: '' });
      return 'valid';
    });
  });

  test('rejects malformed options, or returns JSON', async () => {
    const options = eventsLike(rightOptions).filter((it) => it !== null);
    await definitionFuzzer.check(options, 1000, async (given) => {
      const reply = await replyOf(() => stepFunctionsDefinition(given as never));
      if (reply.kind === 'refused') {
        expect(isInvalidInput(reply)).toBe(true);
        return 'refused';
      }
      const definition = JSON.parse(JSON.stringify(reply.result));
      expect(definition).toEqual(reply.result);
      const nexts = Object.values<{ Next?: string }>(definition.States).flatMap(({ Next = [] }) => Next);
      for (const next of nexts) expect(definition.States).toHaveProperty([next]);
      return 'accepted';
    });
  });
});
