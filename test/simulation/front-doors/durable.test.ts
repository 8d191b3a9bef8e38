import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DurableRequest } from '../../../src/durable/index.js';
import type { ShiftRequest, ShiftState } from '../../../src/traffic/index.js';
import { parseShiftRequest } from '../../../src/traffic/shift/shift-request.js';
import { anything, eventsLike } from '../../support/arbitrary-events.js';
import { makeDurableWorld } from '../../support/durable-world.js';
import { aShiftRequest } from '../../support/shift-requests.js';
import { expectRefusal, isInvalidInput, makeFuzzer, replyOf } from './fuzzer.js';

const fuzzer = makeFuzzer('runDurably');

/** A shift that another execution continues. */
const continued = aShiftRequest.map((shift) => {
  const request = parseShiftRequest({ ...shift, acceptLiveWeights: false });
  const { shifter } = worldFor(shift);
  return async () => ({
    continued: { request, state: await shifter.begin(request), approved: ['0'], isRollingBack: false },
  });
});

function worldFor(request: unknown) {
  const everythingToBlue = { blue: 100, green: 0 };
  const everythingToGreen = { blue: 0, green: 100 };
  const { incoming } = Object(Object(Object(request).continued).request ?? request);
  return makeDurableWorld({ weights: incoming === 'blue' ? everythingToGreen : everythingToBlue });
}

async function shift(request: unknown) {
  const world = worldFor(request);
  const execution = world.execution();
  const reply = await replyOf(() =>
    execution.run(
      world.handler(request as DurableRequest<ShiftRequest, ShiftState>, {
        requestApproval: (callbackId) => execution.answer(callbackId, { result: '' }),
      }),
    ),
  );
  return { reply, execution, target: world.target };
}

async function expectEnd(request: unknown): Promise<string> {
  const { reply, execution, target } = await shift(request);
  if (isInvalidInput(reply)) {
    expect(target.writes).toEqual([]);
    expect(execution.entries.filter(({ status }) => status === 'succeeded')).toEqual([]);
    return 'rejected as malformed';
  }
  if (reply.kind === 'refused') {
    expectRefusal(reply);
    expect(target.writes).toEqual([]);
    return 'refused for the state of the rule';
  }
  const { outcome, state } = reply.result as { outcome: string; state: { incoming: 'blue' | 'green' } };
  expect(['succeeded', 'rolledBack', 'halted']).toContain(outcome);
  const { weights } = target.rule;
  if (outcome === 'succeeded') expect(weights[state.incoming]).toBeGreaterThan(0);
  if (outcome === 'rolledBack') expect(weights[state.incoming]).toBe(0);
  return outcome;
}

describe('runDurably › arbitrary input', () => {
  test('rejects a malformed request before any write, and ends any other shift', async () => {
    await fuzzer.check(eventsLike(aShiftRequest), 300, expectEnd);
  });

  test('rejects a malformed continued shift before any write, and ends any other', async () => {
    const courses = await Promise.all(fc.sample(continued, { numRuns: 50, seed: 42 }).map((make) => make()));
    await fuzzer.check(eventsLike(fc.constantFrom(...courses)), 300, expectEnd);
  });

  test('rejects malformed options before any call', async () => {
    const right = fc.record({
      approvalTimeoutSeconds: fc.integer({ min: 1, max: 1000 }),
      maxAttempts: fc.integer({ min: 1, max: 10 }),
      operationLimit: fc.integer({ min: 100, max: 3000 }),
      continueIn: fc.constantFrom('shift:live', undefined),
    });
    const given = eventsLike(right).filter((it) => typeof it === 'object' && it !== null);
    await fuzzer.check(fc.tuple(given, anything), 400, async ([options, requestApproval]) => {
      const world = worldFor({});
      const request: DurableRequest<ShiftRequest, ShiftState> = {
        incoming: 'green',
        strategy: { type: 'allAtOnce' },
      };
      const reply = await replyOf(() =>
        world.execution().run(world.handler(request, { ...(options as object), requestApproval } as never)),
      );
      if (reply.kind === 'returned') return 'options accepted';
      expect(isInvalidInput(reply)).toBe(true);
      expect(world.target.calls).toEqual([]);
      return 'options refused';
    });
  });
});
