import { describe, expect, test } from 'vitest';
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
