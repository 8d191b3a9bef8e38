import { describe, expect, test } from 'vitest';
import { classifyFailure } from '../../src/core/failures.js';
import { partnerOf, type StackReference } from '../../src/core/stack-reference.js';
import type { JsonValue, StepContext, SwapStep } from '../../src/swap/plan/step.js';
import type { FaultKind } from '../../src/testing/index.js';
import { recordedActions } from '../support/recorded-actions.js';
import { recorderOf } from '../support/recorded-lines.js';
import type { StepUnderTest } from './all-steps.js';
import { createStackWorld, type StackWorld } from './stack-world.js';

const maxBeforeBytes = 4096;

/** A step in a world, driven as the engine drives it: each process has its own tools, and the memory survives. */
class StepDriver {
  readonly world: StackWorld;
  readonly stack: StackReference;
  readonly #create: StepUnderTest['create'];
  #memory: { [key: string]: JsonValue } = {};
  #attempt = 0;
  step: SwapStep;

  constructor(world: StackWorld, { create, stack }: Pick<StepUnderTest, 'create' | 'stack'>) {
    this.world = world;
    this.stack = stack;
    this.#create = create;
    this.step = create(world.createTools());
  }

  get context(): StepContext {
    const { cloud } = this.world;
    this.#attempt += 1;
    return {
      stack: this.stack,
      incoming: 'green',
      outgoing: 'blue',
      swapId: 'swap-1',
      attempt: this.#attempt,
      signal: new AbortController().signal,
      clock: cloud.clock,
      logger: recorderOf(cloud),
      memory: this.#memory,
    };
  }

  /** Continues in a new process. */
  restart(): void {
    this.world.cloud.clearFaults();
    this.world.cloud.restart();
    this.#memory = JSON.parse(JSON.stringify(this.#memory));
    this.step = this.#create(this.world.createTools());
  }

  async before(): Promise<JsonValue> {
    const before = (await this.step.before?.(this.context)) ?? null;
    const text = JSON.stringify(before);
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(maxBeforeBytes);
    return JSON.parse(text);
  }

  async run(): Promise<void> {
    await this.#repeat(() => this.step.run(this.context), this.step.maxWaitSeconds);
  }

  async isDone(): Promise<boolean> {
    return (await this.step.isDone?.(this.context)) ?? true;
  }

  /** Runs the step, and waits until it is done. */
  async complete(): Promise<void> {
    await this.run();
    await this.#wait(() => this.isDone(), this.step.maxWaitSeconds);
  }

  async undo(before: JsonValue): Promise<void> {
    const { undo } = this.step;
    if (undo === 'none') return;
    await this.#repeat(() => undo(this.context, before), this.#undoSeconds);
  }

  async isUndone(before: JsonValue): Promise<boolean> {
    if (this.step.isUndone !== undefined) return this.step.isUndone(this.context, before);
    return this.step.isDone === undefined || !(await this.isDone());
  }

  /** Undoes the step, and waits until it is undone. */
  async takeBack(before: JsonValue): Promise<void> {
    await this.undo(before);
    await this.#wait(() => this.isUndone(before), this.#undoSeconds);
  }

  /** Waits until nothing changes by itself any more. */
  async settle(): Promise<unknown> {
    await this.world.cloud.clock.sleep(600_000);
    return this.world.stateOf(this.stack);
  }

  get #undoSeconds(): number | undefined {
    return this.step.undoMaxWaitSeconds ?? this.step.maxWaitSeconds;
  }

  /** Repeats a call while it fails for now. */
  async #repeat(call: () => unknown, maxWaitSeconds: number | undefined): Promise<void> {
    await this.#wait(async () => {
      try {
        await call();
        return true;
      } catch (error) {
        if (classifyFailure(error) === 'passing') return false;
        throw error;
      }
    }, maxWaitSeconds);
  }

  async #wait(isOver: () => Promise<boolean>, maxWaitSeconds = 600): Promise<void> {
    const { clock } = this.world.cloud;
    const end = clock.now() + maxWaitSeconds * 1000;
    while (!(await isOver())) {
      expect(clock.now(), `${this.step.name} within ${maxWaitSeconds} s`).toBeLessThan(end);
      await clock.sleep((this.step.intervalSeconds ?? 15) * 1000);
    }
  }
}

async function arrange(given: StepUnderTest, options: { mixed?: boolean } = {}) {
  const world = await createStackWorld(options);
  given.arrange?.(world);
  if (given.after !== undefined)
    await new StepDriver(world, { create: given.after, stack: given.stack }).complete();
  const driver = new StepDriver(world, given);
  return {
    driver,
    world,
    stateBefore: world.stateOf(given.stack),
    otherBefore: world.stateOf(partnerOf(given.stack)),
    callsBefore: world.cloud.calls.length,
  };
}

/** Number of calls of one run. */
async function countCalls(given: StepUnderTest): Promise<number> {
  const { driver, world } = await arrange(given);
  await driver.before();
  const since = world.cloud.calls.length;
  await driver.step.run(driver.context);
  return world.cloud.calls.length - since;
}

const isRead = (action: string) => /:(Describe|List|Get)/.test(action);

/** The contract of ready-made steps. */
export function describeSwapStep(given: StepUnderTest): void {
  const situations = [{ mixed: false }, { mixed: true }];

  describe(given.name, () => {
    test.each(situations)(
      'makes its change once and leaves the other stack unchanged (%o)',
      async (options) => {
        const { driver, world, otherBefore } = await arrange(given, options);
        await driver.complete();
        const once = await driver.settle();
        await driver.complete();

        expect(await driver.settle()).toEqual(once);
        expect(await driver.isDone()).toBe(true);
        expect(world.stateOf(partnerOf(given.stack))).toEqual(otherBefore);
      },
    );

    test('changes nothing when its change is already made', async () => {
      const { driver } = await arrange(given);
      await driver.complete();
      const done = await driver.settle();
      driver.restart();
      const before = await driver.before();
      await driver.complete();
      const isDestructive = driver.step.undo === 'none';
      if (!isDestructive && driver.step.before !== undefined) await driver.takeBack(before);

      expect(await driver.settle()).toEqual(done);
    });

    test.each(situations)('restores the state before by its undo, twice (%o)', async (options) => {
      const { driver, world, stateBefore, otherBefore } = await arrange(given, options);
      const before = await driver.before();
      await driver.complete();
      if (driver.step.undo === 'none') return;
      await driver.takeBack(before);
      const once = await driver.settle();
      driver.restart();
      await driver.takeBack(before);

      expect(once).toEqual(stateBefore);
      expect(await driver.settle()).toEqual(stateBefore);
      expect(await driver.isUndone(before)).toBe(true);
      expect(world.stateOf(partnerOf(given.stack))).toEqual(otherBefore);
    });

    test('restores the state before after a run that failed or died at each of its calls', async () => {
      const calls = await countCalls(given);
      const kinds: readonly FaultKind[] = ['lostResponse', 'crashAfter'];
      for (const kind of kinds) {
        for (let atCall = 1; atCall <= calls; atCall += 1) {
          const { driver, world, stateBefore, otherBefore } = await arrange(given, { mixed: true });
          const before = await driver.before();
          world.cloud.injectFault({ kind, atCall, times: 3 });
          await Promise.resolve(driver.step.run(driver.context)).catch(() => undefined);
          driver.restart();
          if (driver.step.undo === 'none') await driver.complete();
          else {
            await driver.takeBack(before);
            expect(await driver.settle(), `${kind} at call ${atCall}`).toEqual(stateBefore);
          }
          expect(world.stateOf(partnerOf(given.stack))).toEqual(otherBefore);
        }
      }
    });

    test('reads only in isDone, before and isUndone', async () => {
      const { driver, world } = await arrange(given);
      const readAll = async (before: JsonValue) => {
        const since = world.cloud.calls.length;
        await driver.isDone();
        await driver.before();
        if (driver.step.isUndone !== undefined) await driver.isUndone(before);
        expect(recordedActions(world.cloud, since).filter((action) => !isRead(action))).toEqual([]);
      };
      if (driver.step.deletes === true) {
        await readAll(null);
        return;
      }
      const before = await driver.before();
      await readAll(before);
      await driver.complete();
      await readAll(before);
    });

    test('names exactly the permissions of its calls', async () => {
      const { driver, world, callsBefore } = await arrange(given);
      const before = await driver.before();
      await driver.isDone();
      await driver.complete();
      await driver.takeBack(before).catch(() => undefined);
      const { permissions = [] } = driver.step;
      const named = new Set(
        permissions
          .filter(({ notCalled }) => notCalled === undefined)
          .map(({ action }) => action)
          .filter((action) => !given.rare?.includes(action)),
      );

      expect(recordedActions(world.cloud, callsBefore)).toEqual([...named].sort());
    });
  });
}
