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

describe.each(allTargets)('TrafficShifter › calls to AWS with $name', ({ name, calls, setUp }) => {
  test('makes only the calls that the guard and the verification need', async () => {
    const { cloud, target } = setUp({ blue: 100, green: 0 });
    const shifter = new TrafficShifter({ target, clock: cloud.clock });
    let seen = 0;
    const newCalls = () => {
      const actions = cloud.calls.slice(seen).map(({ action }) => action);
      seen = cloud.calls.length;
      return actions;
    };

    let state = await shifter.begin({ incoming: 'green', strategy });
    const begin = newCalls();
    const perAdvance: string[][] = [];
    for (let isDone = false; !isDone; ) {
      const progress = await shifter.advance(state);
      state = progress.state;
      isDone = progress.outcome !== undefined;
      perAdvance.push(newCalls());
      await cloud.clock.sleep(progress.waitSeconds * 1000);
    }
    await shifter.rollBack(state, 'to count its calls');
    const rollback = newCalls();

    // The guard prevents that a write overwrites drift. The verification reads every write back.
    const write = [...calls.write, ...(calls.confirm ?? [])];
    const step = [...calls.read, ...write, ...calls.read];
    const health = target.readHealth === undefined ? 0 : (calls.health?.length ?? 1);
    // A longer hold has guards before its end.
    const holdSeconds = 60 + (target.propagationSeconds?.() ?? 0);
    const guards = Array.from({ length: Math.ceil(holdSeconds / 60) - 1 }, () => calls.read);
    const held = [step, ...guards];
    expect(begin.slice(0, calls.read.length)).toEqual(calls.read);
    expect(begin).toHaveLength(calls.read.length + health);
    const writeAll = [...(calls.writeAll ?? calls.write), ...(calls.confirm ?? [])];
    const all = [...calls.read, ...writeAll, ...calls.read];
    const end = [all, ...guards];
    expect(perAdvance.filter((it) => it.length > 0)).toEqual([...held, ...held, ...end, calls.read]);
    expect(rollback).toEqual(all);
    table.push(
      `  ${name.padEnd(38)} ${begin.length}      ${step.length} (${calls.read.length} + ${write.length} + ${calls.read.length})   ${calls.read.length}    ${rollback.length}`,
    );
  });
});

test('prints the complete table of calls', () => {
  // biome-ignore lint/suspicious/noConsole: the table is the report of this suite
  console.info(
    [
      'AWS calls of a shift, checks left out',
      `  ${'target'.padEnd(38)} begin  each step     end  rollback`,
      ...table,
      '  begin: read the live weights, and the health of the incoming stack if the target supports it',
      '  each step: read (no drift), write (one call for each resource, and those that wait for it), read (verified)',
      '  end: read (unchanged after the bake); a rollback is one step',
    ].join('\n'),
  );
  expect(table).toHaveLength(allTargets.length);
});
