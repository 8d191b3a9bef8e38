import { describe, expect, test } from 'vitest';
import { shiftTraffic } from '../../../../src/swap/switches/shift-traffic.js';
import { allAtOnce } from '../../../../src/traffic/strategies/all-at-once.js';
import { canary } from '../../../../src/traffic/strategies/canary.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import type { TrafficTarget } from '../../../../src/traffic/types.js';
import { SwapWorld } from '../../../support/swap-world.js';

/** The target of a world under another name, as the rule of another service. */
function otherTarget({ target }: SwapWorld, description: string): TrafficTarget {
  return {
    description,
    readWeights: (options) => target.readWeights(options),
    writeWeights: (weights, options) => target.writeWeights(weights, options),
  };
}

describe('shiftTraffic › fingerprint', () => {
  test('refuses a record that belongs to another target, and changes nothing', async () => {
    const world = new SwapWorld();
    await world.swap().run();
    const shifter = new TrafficShifter({ target: otherTarget(world, 'another rule'), clock: world.clock });
    const other = world.swap({ switch: shiftTraffic(shifter, canary({ percent: 10, holdSeconds: 60 })) });
    const writes = world.record.writes.length;

    await expect(other.run()).rejects.toMatchObject({ code: 'SWAP_BINDING' });
    await expect(other.adopt('green', { reason: 'moved' })).rejects.toMatchObject({ code: 'SWAP_BINDING' });
    expect(world.record.writes).toHaveLength(writes);
  });

  test('accepts the next swap with another strategy', async () => {
    const world = new SwapWorld();
    await world.swap().run();
    const next = world.swap({ switch: shiftTraffic(world.shifter(), allAtOnce()) });

    expect(await next.run()).toMatchObject({ outcome: 'succeeded' });
    expect(world.record.item).toMatchObject({ live: 'blue' });
  });
});

describe('shiftTraffic › permissions', () => {
  test('has those that the target and the checks declare', () => {
    const world = new SwapWorld();
    const route = { action: 'router:SetRoute', resources: '*' } as const;
    const probe = { action: 'probe:Read', resources: '*' } as const;
    const only = { operator: 'Bool', key: 'aws:ViaAWSService', values: ['true'] } as const;
    const shifter = new TrafficShifter({
      target: { ...otherTarget(world, 'router'), permissions: [{ ...route, only }] },
      checks: [{ name: 'probe', permissions: [probe], evaluate: () => Promise.reject(new Error()) }],
    });
    const swap = world.swap({ switch: shiftTraffic(shifter, allAtOnce()) });

    expect(swap.permissions()).toEqual([{ ...route, only }, probe]);
  });

  test('keeps the condition keys of a step', () => {
    const only = { operator: 'Bool', key: 'aws:ViaAWSService', values: ['true'] } as const;
    const permissions = [{ action: 'rds:StartDBCluster', resources: '*', only }] as const;
    const world = new SwapWorld();
    const swap = world.swap({ prepare: [world.step('start database', { permissions })] });

    expect(swap.permissions()).toEqual(permissions);
  });
});
