import { describe, expect, test, vi } from 'vitest';
import type { DurableRequest } from '../../../src/durable/index.js';
import type { ShiftRequest, ShiftState } from '../../../src/traffic/index.js';
import type { CheckResult } from '../../../src/traffic/types.js';
import { makeDurableWorld, passing } from '../../support/durable-world.js';

const gated: ShiftRequest = {
  incoming: 'green',
  strategy: { type: 'canary', percent: 10, holdSeconds: 300 },
  approvalPercents: [10],
};

describe('runDurably › approval that is requested once', () => {
  const unclear = async (): Promise<CheckResult> => ({ outcome: 'inconclusive', detail: 'late data' });

  /** Requests the approval after 300 s; an hour later a check is inconclusive, and then the answer arrives. */
  async function run(
    answer: { readonly result?: string } | { readonly message: string },
    evaluations: number,
  ) {
    const evaluate = vi.fn(passing.evaluate);
    const checks = [{ name: 'errors', evaluate }];
    const world = makeDurableWorld({ checks, policy: { inconclusiveThreshold: 10 } });
    const journal = world.execution();
    world.clock.schedule(3600, () => {
      for (let count = 0; count < evaluations; count += 1) evaluate.mockImplementationOnce(unclear);
    });
    const requestApproval = vi.fn((callbackId: string) =>
      world.clock.schedule(3700, () => journal.answer(callbackId, answer)),
    );
    const { outcome, reason } = await journal.run(world.handler(gated, { requestApproval }));
    return { outcome, reason, questions: requestApproval.mock.calls.length, world };
  }

  test.each([1, 5])(
    'continues after a check was inconclusive %i times, once the check passes',
    async (evaluations) => {
      const { outcome, questions, world } = await run({}, evaluations);

      expect({ outcome, questions }).toEqual({ outcome: 'succeeded', questions: 1 });
      expect(world.target.writes.map(({ green }) => green)).toEqual([10, 100]);
    },
  );

  test.each([1, 5])(
    'rolls back at once when it is refused after a check was inconclusive %i times',
    async (evaluations) => {
      const { outcome, reason, questions } = await run({ message: 'Not today' }, evaluations);

      expect({ outcome, reason, questions }).toEqual({
        outcome: 'rolledBack',
        reason: 'Not approved to go past 10 %: Not today',
        questions: 1,
      });
    },
  );
});

test('maxDurationSeconds ends an approval before the next checks are due', async () => {
  const world = makeDurableWorld({ policy: { intervalSeconds: 10 } });
  const startedAt = world.clock.now();
  const options = { requestApproval: () => {}, operationLimit: 100, approvalTimeoutSeconds: 100_000 };
  const journal = world.execution({ invoke: async () => Promise.reject(new Error('No such function')) });

  const { outcome, reason } = await journal.run(
    world.handler({ ...gated, maxDurationSeconds: 90_000 }, { ...options, continueIn: 'shift:live' }),
  );

  expect({ outcome, reason }).toEqual({
    outcome: 'rolledBack',
    reason: expect.stringMatching(/^Not done by/),
  });
  expect((world.clock.now() - startedAt) / 1000).toBe(90_000);
  expect(journal.entries.length).toBeLessThanOrEqual(100);
});

test('maxDurationSeconds ends an approval before the first checks are due', async () => {
  const world = makeDurableWorld();
  const startedAt = world.clock.now();
  const options = { requestApproval: () => {}, operationLimit: 100, approvalTimeoutSeconds: 100_000 };

  const { reason } = await world
    .execution()
    .run(world.handler({ ...gated, maxDurationSeconds: 650 }, options));

  expect(reason).toMatch(/^Not done by/);
  expect((world.clock.now() - startedAt) / 1000).toBe(650);
});

describe('runDurably › operations of an execution', () => {
  /** Answers an hour before the time limit. */
  async function run(holdSeconds: number, bakeSeconds: number, continueIn?: string) {
    const evaluations: number[] = [];
    const world = makeDurableWorld({
      checks: [
        {
          name: 'errors',
          evaluate: async (context) => {
            evaluations.push(context.now);
            return passing.evaluate(context);
          },
        },
      ],
    });
    const asked: number[] = [];
    const options = { operationLimit: 200, approvalTimeoutSeconds: 24 * 3600, continueIn };
    const handler = (event: DurableRequest<ShiftRequest, ShiftState>) =>
      world.handler(event, {
        ...options,
        requestApproval: (callbackId) => {
          asked.push(world.clock.now());
          world.clock.schedule(23 * 3600, () => journal.answer(callbackId, {}));
        },
      });
    const journal = world.execution({
      invoke: (_, input) => world.execution().run(handler(input as DurableRequest<ShiftRequest, ShiftState>)),
    });
    const strategy = { type: 'canary', percent: 10, holdSeconds, bakeSeconds } as const;
    const { outcome, reason } = await journal.run(handler({ ...gated, strategy }));
    const from = asked[0] ?? 0;
    const until = from + 23 * 3600_000;
    const times = [from, ...evaluations.filter((at) => at > from && at < until), until];
    const hoursApart = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 3600_000);
    return { outcome, reason, maxHoursApart: Math.max(...hoursApart), journal };
  }

  test('suffice for the rest of the shift after a late approval', async () => {
    const { outcome, reason, journal } = await run(300, 3600);

    expect({ outcome, reason }).toEqual({ outcome: 'succeeded', reason: undefined });
    expect(journal.entries.length).toBeLessThanOrEqual(180);
  });

  test('suffice for the rest of the shift after two late approvals', async () => {
    const world = makeDurableWorld();
    const journal = world.execution();
    const strategy = {
      name: 'two steps',
      steps: [
        { percent: 10, holdSeconds: 60 },
        { percent: 50, holdSeconds: 60 },
        { percent: 100, holdSeconds: 3600 },
      ],
    };

    const { outcome, reason } = await journal.run(
      world.handler(
        { incoming: 'green', strategy, approvalPercents: [10, 50] },
        {
          operationLimit: 200,
          approvalTimeoutSeconds: 24 * 3600,
          requestApproval: (callbackId) =>
            world.clock.schedule(23 * 3600, () => journal.answer(callbackId, {})),
        },
      ),
    );

    expect({ outcome, reason }).toEqual({ outcome: 'succeeded', reason: undefined });
    expect(journal.entries.length).toBeLessThanOrEqual(180);
    // The second approval has checks, too.
    expect(journal.entries.length).toBeGreaterThan(150);
  });

  test.each([
    ['before the question', 4200, undefined],
    ['before the question, and another execution goes on', 4200, 'shift:live'],
    ['after it', 60, undefined],
  ])('are spread over the time of the approval when most are spent %s', async (when, hold, continueIn) => {
    const bake = when === 'after it' ? 4000 : 60;

    const { outcome, maxHoursApart } = await run(hold, bake, continueIn);

    expect(outcome).toBe('succeeded');
    expect(maxHoursApart).toBeLessThan(3);
  });
});
