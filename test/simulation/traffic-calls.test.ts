import { describe, expect, test } from 'vitest';
import { steps } from '../../src/traffic/strategies/steps.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import { allTargets } from '../contract/all-targets.js';

const strategy = steps([
  { percent: 10, holdSeconds: 60 },
  { percent: 50, holdSeconds: 60 },
  { percent: 100, holdSeconds: 60 },
]);

const table: string[] = [];

describe.each(allTargets)('The calls of a shift of an $name', ({ name, calls, setUp }) => {
  test('are what the guard and the verification need, and no more', async () => {
    const { cloud, target } = setUp({ blue: 100, green: 0 });
    const shifter = new TrafficShifter({ target, clock: cloud.clock });
    let seen = 0;
    const newCalls = () => {
      const actions = cloud.calls.slice(seen).map(({ action }) => action);
      seen = cloud.calls.length;
      return actions;
    };

    let state = await shifter.begin('green', strategy);
    const begin = newCalls();
    const perAdvance: string[][] = [];
    for (let isDone = false; !isDone; ) {
      const progress = await shifter.advance(state);
      state = progress.state;
      isDone = progress.done;
      perAdvance.push(newCalls());
      await cloud.clock.sleep(progress.waitSeconds * 1000);
    }
    await shifter.rollBack(state, 'to count its calls');
    const rollback = newCalls();

    // The guard: nothing is written over what somebody else has written since. The verification: no write is believed.
    const step = [...calls.read, ...calls.write, ...calls.read];
    const health = target.readHealth === undefined ? 0 : 1;
    expect(begin.slice(0, calls.read.length)).toEqual(calls.read);
    expect(begin).toHaveLength(calls.read.length + health);
    expect(perAdvance.filter((it) => it.length > 0)).toEqual([step, step, step, calls.read]);
    expect(rollback).toEqual(step);
    table.push(
      `  ${name.padEnd(38)} ${begin.length}      ${step.length} (${calls.read.length} + ${calls.write.length} + ${calls.read.length})   ${calls.read.length}    ${rollback.length}`,
    );
  });
});

test('the table of calls is complete', () => {
  // biome-ignore lint/suspicious/noConsole: the table is what this suite reports
  console.info(
    [
      'AWS calls of a shift, checks left out',
      `  ${'target'.padEnd(38)} begin  each step     end  rollback`,
      ...table,
      '  begin: what is live, and whether the incoming stack is healthy, where the target can tell',
      '  each step: read (nobody else has written), write (one call for each resource), read (it is in force)',
      '  end: read (it is still in force after the bake); a rollback is one step',
    ].join('\n'),
  );
  expect(table).toHaveLength(allTargets.length);
});
