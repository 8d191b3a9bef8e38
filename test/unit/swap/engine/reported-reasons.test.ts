import { beforeEach, describe, expect, test } from 'vitest';
import { SwapWorld } from '../../../support/swap-world.js';

let world: SwapWorld;

beforeEach(() => {
  world = new SwapWorld();
});

describe('StackSwap with a step that reports', () => {
  test.each<[unknown, string]>([
    ['3 jobs still run', 'step "wait for jobs" was not done after 60 s: 3 jobs still run'],
    [3, 'step "wait for jobs" was not done after 60 s: 3'],
  ])('ends the reason of a step that is not done in time with %o', async (report, reason) => {
    const step = world.step('wait for jobs', {
      maxWaitSeconds: 60,
      isDone(context) {
        context.report?.(report as string);
        return false;
      },
    });

    expect(await world.swap({ prepare: [step] }).run()).toMatchObject({ outcome: 'rolledBack', reason });
  });

  test('ends the reason without a report as before', async () => {
    const step = world.step('wait for jobs', { maxWaitSeconds: 60, isDone: () => false });

    expect(await world.swap({ prepare: [step] }).run()).toMatchObject({
      reason: 'step "wait for jobs" was not done after 60 s',
    });
  });

  test('makes a change again that was lost before the end of the phase', async () => {
    let reads = 0;
    const step = world.step('start database', {
      isDone({ stack, report }) {
        // Another program takes the change back once.
        reads += 1;
        if (reads === 3) world.on.set(`${stack} database`, false);
        const isOn = world.on.get(`${stack} database`) === true;
        if (!isOn) report?.('the database is off');
        return isOn;
      },
    });

    expect(await world.swap({ prepare: [step] }).run()).toMatchObject({ outcome: 'succeeded' });
    expect(world.calls.filter((it) => it.step === 'start database' && it.kind === 'run')).toHaveLength(2);
  });
});
