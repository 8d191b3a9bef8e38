import { describe, expect, test } from 'vitest';
import type { SwapStep } from '../../../src/swap/plan/step.js';
import { SwapWorld } from '../../support/swap-world.js';

const errors = {
  'a final error': () =>
    Object.assign(new Error('denied'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }),
  'a throttle': () => Object.assign(new Error('slow down'), { name: 'ThrottlingException' }),
};

const stepNames = ['start database', 'enable subscription', 'smoke test'];

describe.each(Object.entries(errors))('StackSwap › %s', (name, errorOf) => {
  test.each(stepNames.flatMap((step) => [[step, 'before'] as const, [step, 'after'] as const]))(
    'once in %s, %s its effect: ends all old or all new',
    async (step, moment) => {
      const world = new SwapWorld();
      const before = world.state;
      let failures = 1;
      world.around = (call, at) => {
        if (call.step === step && at === moment && failures-- > 0) throw errorOf();
      };

      const { outcome } = await world.swap().run();

      expect(outcome).toBe(name === 'a throttle' ? 'succeeded' : 'rolledBack');
      if (outcome === 'rolledBack') expect(world.state).toEqual(before);
      else expect(world.state).toMatchObject({ 'green database': true, 'blue database': false });
      expect(world.record.item).not.toHaveProperty('claim');
    },
  );

  test.each(stepNames)('at every attempt of %s: leaves all as before', async (step) => {
    const world = new SwapWorld();
    const before = world.state;
    world.around = (call, at) => {
      if (call.step === step && call.kind === 'run' && at === 'before') throw errorOf();
    };

    const { outcome, reason } = await world.swap().run();

    expect([outcome, world.state]).toEqual(['rolledBack', before]);
    expect(reason).toContain(step);
    expect(world.calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
  });
});

const run = (prepare: (world: SwapWorld) => SwapStep[]) => {
  const world = new SwapWorld();
  const before = world.state;
  return { world, before, swap: world.swap({ ...world.plan(), prepare: prepare(world) }) };
};

describe('StackSwap › steps', () => {
  test('calls a step that is not repeatable once, and rolls back after an error', async () => {
    const { world, before, swap } = run((it) => [it.step('start database', { repeatable: false })]);
    world.around = ({ kind }, at) => {
      if (kind === 'run' && at === 'after') throw errors['a throttle']();
    };

    const { outcome } = await swap.run();

    expect(world.calls.filter(({ kind }) => kind === 'run')).toHaveLength(1);
    expect([outcome, world.state]).toEqual(['rolledBack', before]);
  });

  test('polls isDone, and rolls back when the change is not made in time', async () => {
    const { world, before, swap } = run((it) => [
      it.step('start database', { isDone: () => false, isUndone: () => true, maxWaitSeconds: 120 }),
    ]);

    expect(await swap.run()).toMatchObject({
      outcome: 'rolledBack',
      reason: 'step "start database" was not done after 120 s',
    });
    expect(world.calls.map(({ kind }) => kind)).toEqual(['run', 'undo']);
    expect(world.state).toEqual(before);
  });

  test('aborts and repeats a call that does not return in time', async () => {
    let hangs = true;
    const { world, swap } = run((it) => {
      const step = it.step('start database', { maxWaitSeconds: 60 });
      return [
        {
          ...step,
          run: (context) => {
            if (!hangs) return step.run(context);
            hangs = false;
            return new Promise(() => {});
          },
        },
      ];
    });

    expect((await swap.run()).outcome).toBe('succeeded');
    expect(world.state['green database']).toBe(true);
  });

  test('undoes again what a late call has made after the undo', async () => {
    const { world, before, swap } = run((it) => [it.step('start database'), it.step('enable subscription')]);
    const state = await swap.begin({});
    for (let calls = 0; calls < 3; calls += 1) await swap.advance(state);
    await swap.requestRollBack('late');
    let isLate = true;
    world.around = ({ kind, step }, at) => {
      if (kind !== 'undo' || step !== 'start database' || at !== 'after' || !isLate) return;
      isLate = false;
      world.on.set('green subscription', true);
    };

    expect(await swap.resume()).toMatchObject({ outcome: 'rolledBack' });
    expect(world.state).toEqual(before);
  });

  test('makes again what was taken back before the end of prepare', async () => {
    const { world, swap } = run((it) => [it.step('start database'), it.step('enable subscription')]);
    let isTaken = false;
    world.around = ({ step }, at) => {
      if (step !== 'enable subscription' || at !== 'after' || isTaken) return;
      isTaken = true;
      world.on.set('green database', false);
    };

    expect((await swap.run()).outcome).toBe('succeeded');
    expect(world.state['green database']).toBe(true);
  });

  test('keeps the memory of a step for its next calls', async () => {
    const seen: unknown[] = [];
    const { swap } = run((it) => [
      it.test(
        'purge',
        ({ memory }) => {
          memory['purgedAt'] = 7;
        },
        {
          isDone: ({ memory }) => {
            seen.push(memory['purgedAt']);
            return memory['purgedAt'] === 7;
          },
        },
      ),
    ]);

    expect((await swap.run()).outcome).toBe('succeeded');
    expect(seen[0]).toBeUndefined();
    expect(seen.slice(1).every((it) => it === 7)).toBe(true);
  });

  test.each([
    ['before', { before: () => 'x'.repeat(5_000) }],
    ['an answer that is no boolean', { isDone: () => 'yes' as never }],
  ])('rolls back, and names the step, for %s', async (_name, more) => {
    const { world, before, swap } = run((it) => [it.step('start database', { maxWaitSeconds: 30, ...more })]);

    const { outcome, reason } = await swap.run();

    expect([outcome, world.state]).toEqual(['rolledBack', before]);
    expect(reason).toContain('start database');
    expect(world.calls).toEqual([]);
  });

  test('waits until the undo of an earlier swap is in effect before it deletes', async () => {
    const { world, swap } = run((it) => [
      it.step('enable subscription', { propagationSeconds: 900 }),
      it.test('purge', () => {}, { deletes: true }),
    ]);
    const state = await swap.begin({});
    for (let calls = 0; calls < 2; calls += 1) await swap.advance(state);
    await swap.requestRollBack('late');
    await swap.resume();
    const undoneAt = world.calls.find(({ kind }) => kind === 'undo')?.at ?? 0;
    world.calls.length = 0;

    expect((await swap.run()).outcome).toBe('succeeded');
    expect((world.calls.find(({ step }) => step === 'purge')?.at ?? 0) - undoneAt).toBeGreaterThanOrEqual(
      900_000,
    );
  });

  test.each([
    ['deletes', 'delete data of'],
    ['switchesOff', 'switch something off on'],
  ])('runs no step with %s while the incoming stack has traffic', async (property, effect) => {
    const { world, swap } = run((it) => [
      it.step('start database'),
      it.test('purge', () => {}, { [property]: true }),
    ]);
    const state = await swap.begin({});
    await swap.advance(state);
    world.target.externalWrite({ blue: 90, green: 10 });

    expect(await swap.resume()).toMatchObject({
      outcome: 'halted',
      detail: expect.stringContaining(`"purge" would ${effect} the green stack`),
    });
    expect(world.calls.map(({ step }) => step)).toEqual(['start database']);
  });
});
