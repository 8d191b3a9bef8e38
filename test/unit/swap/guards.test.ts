import { describe, expect, test } from 'vitest';
import type { StepContext } from '../../../src/swap/plan/step.js';
import { shiftTraffic } from '../../../src/swap/switches/shift-traffic.js';
import { canary } from '../../../src/traffic/strategies/canary.js';
import { SwapWorld } from '../../support/swap-world.js';

describe('StackSwap › retire', () => {
  test('reads the traffic again after a slow look, and switches nothing off when it has moved', async () => {
    const world = new SwapWorld();
    const step = world.step('stop database', { value: false });
    const isDone: typeof step.isDone = (context) => {
      // A person moves the traffic while the state of the database is read.
      world.target.externalWrite({ blue: 50, green: 50 });
      return step.isDone?.(context) ?? false;
    };
    const swap = world.swap({ retire: [{ ...step, isDone }] });

    expect((await swap.run()).outcome).toBe('halted');
    expect(world.calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
  });
});

describe('StackSwap › before the first traffic', () => {
  test('rolls back when a change of prepare does not hold any more', async () => {
    const world = new SwapWorld();
    const before = world.state;
    const { outcome } = await world
      .swap({
        test: [world.test('smoke test', () => world.on.set('green database', false))],
      })
      .run();

    expect(outcome).toBe('rolledBack');
    expect(world.state).toEqual(before);
    expect(world.record.writes.length).toBeLessThan(40);
    expect(world.target.rule.weights).toEqual({ blue: 100, green: 0 });
  });
});

describe('StackSwap › names of steps', () => {
  test.each(['__proto__', 'constructor', 'toString', 'prototype'])(
    'refuses a step with the name %s',
    (name) => {
      const world = new SwapWorld();
      expect(() => world.swap({ prepare: [world.step(name)] })).toThrow(/name/);
    },
  );
});

describe('StackSwap › steps that never respond', () => {
  test.each(['isDone', 'before'] as const)('rolls back when %s never returns', async (method) => {
    const world = new SwapWorld();
    const { outcome } = await world
      .swap({ prepare: [world.step('start database', { [method]: () => new Promise(() => {}) })] })
      .run();
    expect(outcome).toBe('rolledBack');
  });
});

describe('StackSwap › the end of a claim', () => {
  test('renews a claim before it moves traffic when the process was paused after the write', async () => {
    const world = new SwapWorld();
    let pausedFor = 0;
    const clock = {
      now: () => world.clock.now() + pausedFor,
      sleep: (milliseconds: number, signal?: AbortSignal) => world.clock.sleep(milliseconds, signal),
    };
    world.record.around = (_kind, at, item) => {
      const isClaim = at === 'after' && item?.claim !== undefined && item.swap?.phase === 'switching';
      if (isClaim && pausedFor === 0) pausedFor = 80_000;
    };
    const seconds: number[] = [];
    const { target } = world;
    const writeWeights = target.writeWeights.bind(target);
    target.writeWeights = (...args) => {
      seconds.push(((world.record.item?.claim?.expiresAt ?? 0) - clock.now()) / 1000);
      return writeWeights(...args);
    };

    expect((await world.swap({ clock }).run()).outcome).toBe('succeeded');

    expect(pausedFor).toBe(80_000);
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(15);
  });

  test('aborts the call of a step before the claim ends when the record never responds', async () => {
    const world = new SwapWorld();
    let isHung = false;
    world.record.around = (kind) => (isHung && kind === 'write' ? new Promise<void>(() => {}) : undefined);
    let seconds = Number.POSITIVE_INFINITY;
    const run = async ({ signal }: StepContext) => {
      const startedAt = world.clock.now();
      isHung = true;
      await world.clock.sleep(600_000, signal).finally(() => {
        seconds = (world.clock.now() - startedAt) / 1000;
        isHung = false;
      });
    };
    await world.swap({ test: [world.test('smoke test', undefined, { run })] }).run();

    expect(seconds).toBeLessThanOrEqual(90);
  });
});

describe('StackSwap › a record that misbehaves', () => {
  test.each([undefined, {}, { status: 'ok' }, 'written'])(
    'changes nothing when write returns %j',
    async (result) => {
      const world = new SwapWorld();
      const record = {
        description: 'store',
        read: async () => undefined,
        write: async () => result as never,
      };

      await expect(world.swap({ record }).begin({})).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    },
  );

  test('throws SwapConflictError when it never shows what another process has written', async () => {
    const world = new SwapWorld();
    const write = async () => ({ status: 'conflict', current: undefined }) as const;
    const record = { description: 'store', read: async () => undefined, write };

    await expect(world.swap({ record }).begin({})).rejects.toMatchObject({ code: 'SWAP_CONFLICT' });
  });
});

describe('StackSwap › deletions in prepare', () => {
  test.each([false, true])(
    'wait until what an earlier swap has switched off is in effect (as an orphan: %s)',
    async (isOrphan) => {
      const world = new SwapWorld();
      const makeSwap = () =>
        world.swap({
          prepare: [world.step('start database'), world.test('purge queues', undefined, { deletes: true })],
          retire: [world.step('disable subscription', { value: false, propagationSeconds: 900 })],
        });
      world.around = ({ step }) => {
        if (step !== 'disable subscription' || !isOrphan) return;
        throw Object.assign(new Error('denied'), {
          name: 'AccessDenied',
          $metadata: { httpStatusCode: 403 },
        });
      };
      await makeSwap().run();
      world.around = () => {};
      await makeSwap().resume();
      await makeSwap().run();

      const timesOf = (name: string) => world.calls.filter(({ step }) => step === name).map(({ at }) => at);
      const disabledAt = timesOf('disable subscription').at(isOrphan ? 1 : 0) ?? Number.NaN;
      expect((timesOf('purge queues')[1] ?? 0) - disabledAt).toBeGreaterThanOrEqual(900_000);
    },
  );

  test('wait until the undo of an earlier swap is in effect, not only its change', async () => {
    const world = new SwapWorld();
    const deny = () => {
      throw Object.assign(new Error('no'), {
        name: 'ValidationException',
        $metadata: { httpStatusCode: 400 },
      });
    };
    const prepare = [
      world.test('purge queues', undefined, { deletes: true }),
      world.step('enable subscription', { propagationSeconds: 900 }),
      world.test('slow check', () => world.clock.sleep(300_000)),
    ];
    const failing = world.swap({ prepare: [...prepare, world.test('migrate schema', deny)] });
    expect((await failing.run()).outcome).toBe('rolledBack');
    await world.swap({ prepare }).run();

    const undoneAt = world.calls.find(({ kind }) => kind === 'undo')?.at ?? Number.NaN;
    const [, purgedAt = 0] = world.calls.flatMap(({ step, at }) => (step === 'purge queues' ? [at] : []));
    expect(purgedAt - undoneAt).toBeGreaterThanOrEqual(900_000);
  });
});

describe('StackSwap › long failures', () => {
  test.each(['x', 'é', '漢', '😀'])('stores at most 300 bytes of a failure of "%s"', async (character) => {
    const world = new SwapWorld();
    world.around = ({ step }) => {
      if (step !== 'disable subscription') return;
      const message = character.repeat(2_000);
      throw Object.assign(new Error(message), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    };
    await world.swap().run();

    const [orphan] = world.record.item?.orphans ?? [];
    expect(Buffer.byteLength(orphan?.reason ?? '')).toBeLessThanOrEqual(300);
    expect(orphan?.reason).toContain(character);
    expect(orphan?.reason).not.toContain('\uFFFD');
  });
});

describe('StackSwap › a lost claim', () => {
  test('throws SwapConflictError which says that a change can still take effect', async () => {
    const world = new SwapWorld();
    const swap = world.swap({ prepare: [world.step('start database', { seconds: 300 })] });
    const state = await swap.begin({});
    world.around = (_call, at) => {
      if (at === 'before' && world.record.item) {
        const { item } = world.record;
        const claim = { id: 'another process', expiresAt: world.clock.now() + 90_000 };
        world.record.item = { ...item, version: item.version + 1, writeId: 'another', claim };
      }
    };

    await expect(swap.advance(state)).rejects.toMatchObject({
      code: 'SWAP_CONFLICT',
      message: expect.stringMatching(/^Another process has .*: swap of orders.*can still take effect/),
    });
  });
});

describe('StackSwap › a probe that misbehaves', () => {
  test.each([
    undefined,
    null,
    [],
    { blue: Number.NaN, green: 100 },
    { blue: '100', green: 0 },
    { blue: 100 },
  ])('begins nothing when it returns %j', async (percents) => {
    const world = new SwapWorld();
    const mover = Object.assign(shiftTraffic(world.shifter(), canary({ percent: 10, holdSeconds: 60 })), {
      percentByStack: async () => percents as never,
    });

    await expect(world.swap({ switch: mover }).begin({})).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
    });
    expect(world.record.item).toBeUndefined();
  });
});
