import { describe, expect, test } from 'vitest';
import type { SwapStep } from '../../../src/swap/plan/step.js';
import { SwapWorld } from '../../support/swap-world.js';

const denied = () => {
  throw Object.assign(new Error('denied'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
};

/** Advances a swap until a phase. */
async function reach(world: SwapWorld, phase: string) {
  const swap = world.swap();
  let state = await swap.begin({});
  for (let calls = 0; calls < 100 && world.record.item?.swap?.phase !== phase; calls += 1) {
    const progress = await swap.advance(state);
    state = progress.state;
    if (world.record.item?.swap?.phase === phase) break;
    await world.clock.sleep(progress.waitSeconds * 1000);
  }
  return { swap, state };
}

describe('StackSwap › requestRollBack', () => {
  test.each(['preparing', 'testing', 'switching', 'baking'])(
    'rolls back from %s, and leaves all as before',
    async (phase) => {
      const world = new SwapWorld();
      const before = world.state;
      const { swap } = await reach(world, phase);

      await swap.requestRollBack('orders are late', { requestedBy: 'anna' });
      const { outcome } = await world.swap().resume();

      expect(outcome).toBe('rolledBack');
      expect(world.state).toEqual(before);
      expect(world.target.rule.weights).toEqual({ blue: 100, green: 0 });
      expect(world.record.item).toMatchObject({
        live: 'blue',
        ended: [{ end: 'rolledBack', reason: 'orders are late' }],
      });
    },
  );

  test('throws SwapPastReturnError when retire has begun, and when the swap has succeeded', async () => {
    const world = new SwapWorld();
    const { swap } = await reach(world, 'retiring');
    await expect(swap.requestRollBack('late')).rejects.toMatchObject({ code: 'SWAP_PAST_RETURN' });

    await swap.resume();

    await expect(swap.requestRollBack('late')).rejects.toMatchObject({ code: 'SWAP_PAST_RETURN' });
    expect(world.state['blue database']).toBe(false);
  });

  test('throws ResourceStateError when no swap was ever under way', async () => {
    await expect(new SwapWorld().swap().requestRollBack('late')).rejects.toMatchObject({
      code: 'RESOURCE_STATE',
    });
  });
});

describe('StackSwap › traffic guard', () => {
  test('undoes nothing while the incoming stack has traffic, and goes on when it has none', async () => {
    const world = new SwapWorld();
    const before = world.state;
    const { swap } = await reach(world, 'testing');
    world.target.externalWrite({ blue: 90, green: 10 });
    await swap.requestRollBack('late');

    expect(await swap.resume({ maxWaitSeconds: 600 })).toMatchObject({
      outcome: 'underWay',
      detail: expect.stringContaining('green has 10 % of the traffic'),
    });
    expect(world.calls.filter(({ kind }) => kind === 'undo')).toEqual([]);

    world.target.externalWrite({ blue: 100, green: 0 });
    expect(await swap.resume()).toMatchObject({ outcome: 'rolledBack' });
    expect(world.state).toEqual(before);
    expect(world.calls.filter(({ kind, percent }) => kind === 'undo' && percent > 0)).toEqual([]);
  });
});

describe('StackSwap › retire', () => {
  test('halts, and switches nothing off, when the traffic was moved by hand', async () => {
    const world = new SwapWorld();
    const { swap } = await reach(world, 'baking');
    world.target.externalWrite({ blue: 50, green: 50 });

    const result = await swap.resume();

    expect(result).toMatchObject({
      outcome: 'halted',
      detail: expect.stringContaining('moved outside the swap'),
    });
    expect(world.calls.filter(({ stack }) => stack === 'blue')).toEqual([]);

    world.target.externalWrite({ blue: 0, green: 100 });
    expect(await swap.resume()).toMatchObject({ outcome: 'succeeded' });
  });

  test('leaves the steps behind a failure as orphans, which resume completes in order', async () => {
    const world = new SwapWorld();
    world.around = ({ step }) => {
      if (step === 'disable subscription') denied();
    };
    const { outcome } = await world.swap().run();

    expect(outcome).toBe('succeeded');
    expect(world.record.item?.orphans.map(({ step, stack }) => [step, stack])).toEqual([
      ['disable subscription', 'blue'],
      ['stop database', 'blue'],
    ]);
    expect(world.state['blue database']).toBe(true);

    world.around = () => {};
    expect(await world.swap().resume()).toMatchObject({ outcome: 'idle', orphans: [] });
    expect(world.state).toMatchObject({ 'blue database': false, 'blue subscription': false });
  });

  test('waits for an orphan whose change takes effect later, and repeats it no more', async () => {
    const world = new SwapWorld();
    let purges = 0;
    const purge: SwapStep = {
      name: 'purge',
      undo: 'none',
      isDone: ({ memory, clock }) =>
        typeof memory['purgedAt'] === 'number' && clock.now() - memory['purgedAt'] >= 60_000,
      run: ({ memory, clock }) => {
        purges += 1;
        if (purges === 1) denied();
        memory['purgedAt'] = clock.now();
      },
    };
    const plan = { ...world.plan(), retire: [purge] };
    await world.swap(plan).run();
    expect(world.record.item?.orphans.map(({ step }) => step)).toEqual(['purge']);

    expect(await world.swap(plan).resume({ maxWaitSeconds: 300 })).toMatchObject({ orphans: [] });
    expect(purges).toBe(2);
  });

  test('completes no orphan while its stack has traffic', async () => {
    const world = new SwapWorld();
    world.around = ({ step }) => {
      if (step === 'disable subscription') denied();
    };
    await world.swap().run();
    world.around = () => {};
    world.target.externalWrite({ blue: 1, green: 99 });

    const result = await world.swap().resume({ maxWaitSeconds: 60 });

    expect(result.orphans).toEqual(['disable subscription', 'stop database']);
    expect(world.state['blue subscription']).toBe(true);
  });
});

describe('StackSwap › undo', () => {
  test('halts when an undo fails for good, keeps the lock, and resumes', async () => {
    const world = new SwapWorld();
    const before = world.state;
    const { swap } = await reach(world, 'switching');
    world.around = ({ kind }) => {
      if (kind === 'undo') denied();
    };
    await swap.requestRollBack('late');

    expect(await swap.resume()).toMatchObject({
      outcome: 'halted',
      detail: 'undo of step "enable subscription" failed: denied',
    });
    await expect(swap.begin({})).rejects.toMatchObject({ code: 'SWAP_IN_PROGRESS' });
    expect(await swap.status()).toMatchObject({
      now: new Date(world.clock.now()).toISOString(),
      swap: {
        phase: 'halted',
        haltedIn: 'undoing',
        haltReason: 'undo of step "enable subscription" failed: denied',
      },
      next: 'halted: remove the cause, then resume',
    });

    world.around = () => {};
    expect(await swap.resume()).toMatchObject({ outcome: 'rolledBack' });
    expect(world.state).toEqual(before);
  });

  test('retries an undo that is refused for now', async () => {
    const world = new SwapWorld();
    const before = world.state;
    const { swap } = await reach(world, 'switching');
    let refusals = 3;
    world.around = ({ kind }) => {
      if (kind === 'undo' && refusals-- > 0)
        throw Object.assign(new Error('busy'), { name: 'ThrottlingException' });
    };
    await swap.requestRollBack('late');

    expect(await swap.resume()).toMatchObject({ outcome: 'rolledBack' });
    expect(world.state).toEqual(before);
  });

  test('leaves alone what was done before the swap', async () => {
    const world = new SwapWorld();
    world.on.set('green database', true);
    const before = world.state;
    const { swap } = await reach(world, 'switching');
    await swap.requestRollBack('late');
    await swap.resume();

    expect(world.state).toEqual(before);
    expect(world.calls.filter(({ step }) => step === 'start database')).toEqual([]);
  });

  test('undoes a swap of another plan by the names of its steps, and halts for a step that is gone', async () => {
    const world = new SwapWorld();
    const { swap } = await reach(world, 'switching');
    await swap.requestRollBack('late');
    const shorter = world.swap({ ...world.plan(), prepare: [world.step('start database')] });

    expect(await shorter.resume()).toMatchObject({
      outcome: 'halted',
      detail: expect.stringContaining('"enable subscription"'),
    });
    expect(await world.swap().resume()).toMatchObject({ outcome: 'rolledBack' });
  });
});

describe('StackSwap › plan', () => {
  test('refuses to move a swap forward with another plan, and names the steps', async () => {
    const world = new SwapWorld();
    const { state } = await reach(world, 'testing');
    const other = world.swap({ ...world.plan(), test: [world.test('another test')] });

    await expect(other.advance(state)).rejects.toMatchObject({
      code: 'SWAP_PLAN',
      message: expect.stringContaining('another test'),
    });
  });
});

describe('StackSwap › adopt', () => {
  test('ends the swap as abandoned, returns its open steps, and sets the live stack', async () => {
    const world = new SwapWorld();
    const { swap } = await reach(world, 'switching');

    const result = await swap.adopt('blue', { reason: 'by hand' });

    expect(result).toMatchObject({ live: 'blue', openSteps: ['start database', 'enable subscription'] });
    expect(world.record.item).toMatchObject({ live: 'blue', ended: [{ end: 'abandoned' }] });
    expect(await swap.next()).toEqual({ live: 'blue', incoming: 'green' });
  });

  test('throws SwapDriftError for a stack without the traffic, unless despiteProbe is true', async () => {
    const world = new SwapWorld();
    const swap = world.swap();

    await expect(swap.adopt('green', { reason: 'x' })).rejects.toMatchObject({ code: 'SWAP_DRIFT' });
    await swap.adopt('green', { reason: 'x', despiteProbe: true });

    expect(world.record.item?.live).toBe('green');
    await expect(swap.begin({})).rejects.toMatchObject({ code: 'SWAP_DRIFT' });
  });

  test('throws SwapConflictError while a process has a valid claim', async () => {
    const world = new SwapWorld();
    const { swap } = await reach(world, 'testing');
    const { item } = world.record;
    if (item !== undefined) {
      world.record.item = { ...item, claim: { id: 'other', expiresAt: world.clock.now() + 60_000 } };
    }

    await expect(swap.adopt('blue', { reason: 'x' })).rejects.toMatchObject({ code: 'SWAP_CONFLICT' });
  });
});

describe('StackSwap › preview and status', () => {
  test('previews without a change', async () => {
    const world = new SwapWorld();
    world.on.set('green database', true);

    const preview = await world.swap().preview();

    expect(preview).toMatchObject({ live: 'blue', incoming: 'green', waitSeconds: 1_020 });
    expect(preview.steps.map(({ name, stack, action }) => [name, stack, action])).toEqual([
      ['start database', 'green', 'alreadyDone'],
      ['enable subscription', 'green', 'run'],
      ['smoke test', 'green', 'run'],
      ['disable subscription', 'blue', 'run'],
      ['stop database', 'blue', 'run'],
    ]);
    expect(world.calls).toEqual([]);
    expect(world.record.writes).toEqual([]);
    expect(world.target.writes).toEqual([]);
    expect(preview.table).toContain('already so');
  });

  test('shows the phase, each step and the next action', async () => {
    const world = new SwapWorld();
    const { swap } = await reach(world, 'testing');
    const writes = world.record.writes.length;

    const status = await swap.status();

    expect(status).toMatchObject({
      live: 'blue',
      traffic: { blue: 100, green: 0 },
      swap: { phase: 'testing', incoming: 'green', wanted: 'forward' },
      next: expect.stringContaining('changes of prepare to be in effect'),
    });
    expect(status.swap?.steps.map(({ name, state }) => [name, state])).toEqual([
      ['start database', 'done'],
      ['enable subscription', 'done'],
      ['smoke test', 'open'],
      ['disable subscription', 'open'],
      ['stop database', 'open'],
    ]);
    expect(world.record.writes).toHaveLength(writes);
  });
});
