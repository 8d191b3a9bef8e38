import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { SwapPlanError } from '../../../../src/swap/errors.js';
import { parallel } from '../../../../src/swap/plan/parallel.js';
import type { SwapStep } from '../../../../src/swap/plan/step.js';
import { planOf } from '../../../../src/swap/plan/swap-plan.js';
import type { StackSwapOptions } from '../../../../src/swap/swap-options.js';
import type { DeploymentSwitch } from '../../../../src/swap/switches/types.js';
import { hostileValues } from '../../../support/hostile-values.js';
import { SwapWorld } from '../../../support/swap-world.js';

const step = (name: string, more: Partial<SwapStep> = {}): SwapStep => ({
  name,
  run: () => {},
  undo: 'none',
  ...more,
});

const deployments: DeploymentSwitch = {
  kind: 'codeDeploy',
  description: 'deployments',
  fingerprint: 'orders/web',
  permissions: [],
  percentByStack: async () => ({ blue: 100, green: 0 }),
  bindingOf: async () => ({ stacks: ['green'], revision: 'web:2' }),
  statusOf: async () => ({ state: 'underWay', detail: 'in progress' }),
  isAnotherUnderWay: async () => false,
  returnTraffic: async () => {},
};

const build = (options: Partial<StackSwapOptions>) => () =>
  new SwapWorld().swap({ bakeSeconds: undefined, ...options });

const { undo: _, ...withoutUndo } = step('start database');

describe('StackSwap › plans that cannot work', () => {
  test.each<[string, Partial<StackSwapOptions>, string[], RegExp]>([
    ['two steps of one name', { prepare: [step('a'), parallel(step('b'), step('a'))] }, ['a'], /two steps/],
    [
      'a test with the name of a step of prepare',
      { prepare: [step('a')], test: [step('a')] },
      ['a'],
      /two steps/,
    ],
    ['two steps of one name in retire', { retire: [step('a'), step('a')] }, ['a'], /two steps/],
    [
      'an ambiguous name in retire',
      { prepare: [step('a')], test: [], retire: [step('a'), step('a (retire)')] },
      ['a', 'a (retire)'],
      /ambiguous/,
    ],
    [
      'an irreversible step of prepare',
      { prepare: [step('switch over', { irreversible: true })] },
      ['switch over'],
      /cannot be undone.*Move it to retire/,
    ],
    [
      'an irreversible test',
      { test: [step('switch over', { irreversible: true })] },
      ['switch over'],
      /would not restore the state before/,
    ],
    [
      'an irreversible step with an undo',
      { retire: [step('switch over', { irreversible: true, undo: () => {} })] },
      ['switch over'],
      /is irreversible, and has an undo/,
    ],
    ['a step without undo', { prepare: [withoutUndo as SwapStep] }, ['start database'], /has no undo/],
    [
      'a step of prepare that deletes data of the outgoing stack',
      { prepare: [step('a', { deletes: true, stack: 'outgoing' })] },
      ['a'],
      /outgoing stack/,
    ],
    [
      'a test that deletes data of the outgoing stack',
      { test: [parallel(step('a', { deletes: true, stack: 'outgoing' }))] },
      ['a'],
      /outgoing stack/,
    ],
    [
      'a step of retire that deletes data of the incoming stack',
      { retire: [step('a', { deletes: true, stack: 'incoming' })] },
      ['a'],
      /incoming stack/,
    ],
    [
      'a step of prepare that switches something off on the outgoing stack',
      { prepare: [step('a', { switchesOff: true, stack: 'outgoing' })] },
      ['a'],
      /switches something off on the outgoing stack/,
    ],
    [
      'a step of retire that switches something off on the incoming stack',
      { retire: [step('a', { switchesOff: true, stack: 'incoming' })] },
      ['a'],
      /switches something off on the incoming stack/,
    ],
    [
      '61 steps',
      { prepare: Array.from({ length: 61 }, (_unused, index) => step(`${index}`)) },
      [],
      /at most 60/,
    ],
    [
      'bakeSeconds where AWS bakes',
      { switch: deployments, boundBy: 'STACK', bakeSeconds: 0 },
      [],
      /bakeSeconds/,
    ],
    ['no boundBy where AWS moves the traffic', { switch: deployments }, [], /boundBy is missing/],
    ['boundBy with shiftTraffic', { boundBy: 'STACK' }, [], /boundBy has no effect/],
    ['sameStack with shiftTraffic', { sameStack: 'deployOnly' }, [], /sameStack has no effect/],
  ])('throws SwapPlanError, with the steps, for %s', (_name, options, steps, message) => {
    expect(build({ prepare: [], test: [], retire: [], ...options })).toThrowError(message);
    try {
      build({ prepare: [], test: [], retire: [], ...options })();
    } catch (error) {
      expect(error).toBeInstanceOf(SwapPlanError);
      expect(error).toMatchObject({ code: 'SWAP_PLAN', steps, resource: 'orders' });
    }
  });

  test('accepts the same change of the incoming stack in prepare and of the outgoing one in retire', () => {
    const purge = step('purge queues', { deletes: true });

    expect(build({ prepare: [purge], test: [], retire: [purge] })).not.toThrowError();
    const { fingerprint } = planOf({ prepare: [purge], test: [], retire: [purge] });
    expect(fingerprint).toEqual([
      'prepare 1 · purge queues · incoming · 0 s · deletes',
      'retire 1 · purge queues (retire) · outgoing · 0 s · deletes',
    ]);
  });
});

describe('StackSwap › options', () => {
  test.each<[string, object, RegExp]>([
    ['an unknown option', { preparation: [] }, /preparation: unknown option/],
    [
      'an unknown field of a step',
      { prepare: [{ ...step('a'), propagation: 1 }] },
      /propagation: unknown option/,
    ],
    [
      'an unknown field within parallel',
      { prepare: [{ parallel: [{ ...step('a'), undos: 1 }] }] },
      /unknown option/,
    ],
    ['an empty parallel', { prepare: [{ parallel: [] }] }, /at least one step/],
    [
      'a propagation time that is NaN',
      { prepare: [step('a', { propagationSeconds: Number.NaN })] },
      /propagationSeconds/,
    ],
    ['a step without run', { prepare: [{ name: 'a', undo: 'none' }] }, /run/],
    ['a switch of another kind', { switch: { kind: 'dns' } }, /codeDeploySwitch, ecsSwitch or shiftTraffic/],
    ['a record without write', { record: { read: () => {} } }, /write/],
  ])('throws InvalidInputError for %s', (_name, options, message) => {
    expect(build(options)).toThrowError(InvalidInputError);
    expect(build(options)).toThrowError(message);
  });

  test('throws InvalidInputError, and no TypeError, for any value of any option', () => {
    for (const [, value] of hostileValues) {
      for (const name of ['application', 'record', 'switch', 'prepare', 'bakeSeconds', 'clock']) {
        try {
          build({ [name]: value })();
        } catch (error) {
          expect([name, (error as Error).name]).toEqual([
            name,
            expect.stringMatching(/InvalidInput|SwapPlan/),
          ]);
        }
      }
    }
  });
});

describe('parallel', () => {
  test('throws InvalidInputError for no step and for a malformed one', () => {
    expect(() => parallel()).toThrowError(InvalidInputError);
    expect(() => parallel({ name: '' } as SwapStep)).toThrowError(InvalidInputError);
  });

  test('runs its steps side by side, and the next step after all of them', async () => {
    const world = new SwapWorld();
    const slow = (name: string, seconds: number) => world.step(name, { seconds });
    await world
      .swap({
        ...world.plan(),
        prepare: [
          parallel(slow('start database', 60), slow('enable subscription', 40)),
          slow('scale readers', 0),
        ],
      })
      .run();

    const at = Object.fromEntries(world.calls.map(({ step: name, at: time }) => [name, time]));
    expect(at['enable subscription']).toBe(at['start database']);
    expect((at['scale readers'] ?? 0) - (at['start database'] ?? 0)).toBeGreaterThanOrEqual(60_000);
  });
});
