import { describe, expect, test } from 'vitest';
import { parallel } from '../../../src/swap/plan/parallel.js';
import type { SwapStep } from '../../../src/swap/plan/step.js';
import { SwapWorld } from '../../support/swap-world.js';

const allBlue = {
  'blue database': true,
  'blue subscription': true,
  'blue readers': true,
  'green database': false,
  'green subscription': false,
  'green readers': false,
};

const allGreen = {
  'blue database': false,
  'blue subscription': false,
  'blue readers': true,
  'green database': true,
  'green subscription': true,
  'green readers': false,
};

describe('StackSwap › run', () => {
  test('prepares, tests, switches, bakes and retires', async () => {
    const world = new SwapWorld();

    const { outcome, history } = await world.swap().run();

    expect(outcome).toBe('succeeded');
    expect(world.state).toEqual(allGreen);
    expect(world.target.rule.weights).toEqual({ blue: 0, green: 100 });
    expect(world.record.item).toMatchObject({ live: 'green', orphans: [], ended: [{ end: 'succeeded' }] });
    expect(world.record.item).not.toHaveProperty('claim');
    expect(world.calls.map(({ step, stack, percent }) => [step, stack, percent])).toEqual([
      ['start database', 'green', 0],
      ['enable subscription', 'green', 0],
      ['smoke test', 'green', 0],
      ['disable subscription', 'blue', 0],
      ['stop database', 'blue', 0],
    ]);
    expect(history.flatMap((event) => (event.type === 'phaseChanged' ? [event.phase] : []))).toEqual([
      'preparing',
      'testing',
      'switching',
      'baking',
      'retiring',
    ]);
  });

  test('runs the test only when prepare is in effect, and retires after the bake', async () => {
    const world = new SwapWorld();
    await world.swap().run();

    const at = (name: string) => world.calls.find(({ step }) => step === name)?.at ?? Number.NaN;
    expect(at('smoke test') - at('enable subscription')).toBeGreaterThanOrEqual(900_000);
    const { changes } = world.target;
    expect(changes.length).toBe(3);
    expect(at('disable subscription') - at('smoke test')).toBeGreaterThanOrEqual(180_000);
  });

  test('undoes prepare in reverse when the test fails', async () => {
    const world = new SwapWorld();
    const plan = world.plan();
    const fail = () => {
      throw Object.assign(new Error('no orders'), {
        name: 'ValidationException',
        $metadata: { httpStatusCode: 400 },
      });
    };

    const result = await world.swap({ ...plan, test: [world.test('smoke test', fail)] }).run();

    expect(result).toMatchObject({
      outcome: 'rolledBack',
      reason: 'step "smoke test" failed: no orders',
    });
    expect(world.state).toEqual(allBlue);
    expect(world.calls.slice(-2).map(({ step, kind }) => [step, kind])).toEqual([
      ['enable subscription', 'undo'],
      ['start database', 'undo'],
    ]);
    expect(world.record.item?.live).toBe('blue');
  });
});

describe('StackSwap › writes of the record', () => {
  /** A step whose change and undo are done a minute after their call. */
  function slowStep(world: SwapWorld, name: string, value = true): SwapStep {
    const step = world.step(name, { value });
    let calledAt = Number.POSITIVE_INFINITY;
    const isOver = () => world.clock.now() >= calledAt + 60_000;
    return {
      ...step,
      isDone: async (context) => (await step.isDone?.(context)) === true && isOver(),
      isUndone: async (context) => (await step.isDone?.(context)) === false && isOver(),
      run: async (context) => {
        calledAt = world.clock.now();
        await step.run(context);
      },
      undo: async (context, before) => {
        calledAt = world.clock.now();
        if (step.undo !== 'none') await step.undo(context, before);
      },
    };
  }

  const plan = (world: SwapWorld) => ({
    prepare: [
      slowStep(world, 'start database'),
      parallel(slowStep(world, 'enable subscription'), slowStep(world, 'start readers')),
    ],
    retire: [slowStep(world, 'disable subscription', false), slowStep(world, 'stop database', false)],
  });

  const stepWrites = (world: SwapWorld) =>
    world.record.writes.filter(
      ({ swap }, index, all) =>
        swap !== undefined &&
        JSON.stringify(swap.steps) !== JSON.stringify(all[index - 1]?.swap?.steps ?? {}),
    ).length;

  test('are at most two for each step that is done later', async () => {
    const world = new SwapWorld();
    const { outcome, history } = await world.swap(plan(world)).run();

    expect(outcome).toBe('succeeded');
    const steps = ['start database', 'enable subscription', 'start readers', 'smoke test'];
    const retired = ['disable subscription', 'stop database'];
    expect(history.flatMap((it) => (it.type === 'stepDone' ? [it.step] : []))).toEqual([
      ...steps,
      ...retired,
    ]);
    expect(stepWrites(world)).toBeLessThanOrEqual(2 * (steps.length + retired.length));
  });

  test('are at most two for each step that is undone later', async () => {
    const world = new SwapWorld();
    const before = world.state;
    const fail = () => {
      throw Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    };
    const swap = world.swap({ ...plan(world), test: [world.test('smoke test', fail)] });
    const { outcome, history } = await swap.run();

    expect([outcome, world.state]).toEqual(['rolledBack', before]);
    expect(history.flatMap((it) => (it.type === 'stepUndone' ? [it.step] : [])).toSorted()).toEqual([
      'enable subscription',
      'start database',
      'start readers',
    ]);
    // Two for each change, two for the test, two for each undo.
    expect(stepWrites(world)).toBeLessThanOrEqual(2 * 3 + 2 + 2 * 3);
  });
});
