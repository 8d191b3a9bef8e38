import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callAws } from '../../../src/core/aws-call.js';
import { MultipleFailuresError, OperationAbortedError } from '../../../src/core/errors.js';
import { mapConcurrently } from '../../../src/core/map-concurrently.js';

/** Task that takes some turns of the event loop and counts how many run concurrently. */
function countedTask<Item, Result>(turnsOf: (item: Item) => number, finish: (item: Item) => Result) {
  const count = { running: 0, most: 0 };
  const task = async (item: Item) => {
    count.running += 1;
    count.most = Math.max(count.most, count.running);
    for (let turn = 0; turn < turnsOf(item); turn += 1) await Promise.resolve();
    count.running -= 1;
    return finish(item);
  };
  return { task, count };
}

const concurrency = fc.integer({ min: 1, max: 12 });

describe('Function: mapConcurrently', () => {
  test('returns the results in the order of the items, whichever finishes first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20)), concurrency, async (turns, most) => {
        const { task } = countedTask(
          (item: { turns: number; index: number }) => item.turns,
          (item) => item.index,
        );

        const results = await mapConcurrently(
          turns.map((it, index) => ({ turns: it, index })),
          task,
          most,
        );

        expect(results).toEqual(turns.map((_, index) => index));
      }),
    );
  });

  test('runs as many tasks concurrently as allowed, and never more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 })), concurrency, async (turns, most) => {
        const { task, count } = countedTask(
          (it: number) => it,
          () => undefined,
        );

        await mapConcurrently(turns, task, most);

        expect(count.most).toBe(Math.min(most, turns.length));
      }),
    );
  });

  test('runs every item after a failure, and reports every failure', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean()), concurrency, async (fails, most) => {
        const tried: number[] = [];
        const work = mapConcurrently(
          fails.map((it, index) => [it, index] as const),
          async ([isToFail, index]) => {
            tried.push(index);
            if (isToFail) throw new Error(`item ${index}`);
          },
          most,
        );
        const error: unknown = await work.then(
          () => undefined,
          (reason: unknown) => reason,
        );

        const failures = fails.flatMap((it, index) => (it ? [`item ${index}`] : []));
        expect(tried.toSorted((a, b) => a - b)).toEqual(fails.map((_, index) => index));
        if (failures.length === 0) expect(error).toBeUndefined();
        if (failures.length === 1) expect(error).toMatchObject({ message: failures[0] });
        if (failures.length > 1) {
          expect(error).toBeInstanceOf(MultipleFailuresError);
          expect(error).toMatchObject({ errors: failures.map((message) => ({ message })) });
        }
      }),
    );
  });

  test('throws an abort as one failure, however many items it ends', async () => {
    const abort = new OperationAbortedError({ resource: 'orders' });

    const work = mapConcurrently(['a', 'b', 'c'], () => Promise.reject(abort));

    await expect(work).rejects.toBe(abort);
  });

  test('reports an abort and the failures before it', async () => {
    const errors = [new Error('refused'), new OperationAbortedError({ resource: 'orders' })];

    const work = mapConcurrently(errors, (error) => Promise.reject(error));

    await expect(work).rejects.toThrowError(MultipleFailuresError);
    await expect(work).rejects.toMatchObject({ errors });
  });

  describe('when AWS rejects the calls for some items', () => {
    /** Enables rules of which AWS rejects some, each with its own SDK error. */
    const enable = (names: readonly string[], refused: readonly string[]) =>
      mapConcurrently(names, (resource) =>
        callAws({ action: 'events:EnableRule', resource }, async () => {
          if (!refused.includes(resource)) return;
          throw Object.assign(new Error('The limit is reached.'), { name: 'LimitExceededException' });
        }),
      );

    test('names the resource of the only failure among several items', async () => {
      await expect(enable(['hourly', 'nightly'], ['nightly'])).rejects.toMatchObject({
        name: 'MultipleFailuresError',
        resource: 'nightly',
        message: '1 of 2 parts failed: nightly: LimitExceededException: The limit is reached.',
        cause: { name: 'LimitExceededException' },
      });
    });

    test('throws the error of the only item as AWS sent it', async () => {
      await expect(enable(['nightly'], ['nightly'])).rejects.toMatchObject({
        name: 'LimitExceededException',
        message: 'The limit is reached.',
      });
    });

    test('groups the resources of one failure: five names and the number of the others', async () => {
      const names = Array.from({ length: 9 }, (_, index) => `rule-${index}`);

      await expect(enable(names, names.slice(0, 2))).rejects.toMatchObject({
        message: '2 of 9 parts failed: rule-0, rule-1: LimitExceededException: The limit is reached.',
      });
      await expect(enable(names, names.slice(1))).rejects.toThrowError(
        /rule-1, rule-2, rule-3, rule-4, rule-5 and 3 more: LimitExceededException/,
      );
    });
  });

  test('runs eight tasks concurrently by default', async () => {
    const { task, count } = countedTask(
      () => 5,
      () => undefined,
    );

    await mapConcurrently(Array(30).fill('item'), task);

    expect(count.most).toBe(8);
  });

  describe('when AWS throttles', () => {
    const throttled = () => Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });

    test('retries throttled tasks, and returns all results', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5 })), concurrency, async (refusals, most) => {
          const left = [...refusals];

          const results = await mapConcurrently(
            refusals.map((_, index) => index),
            async (index) => {
              await Promise.resolve();
              if ((left[index] ?? 0) === 0) return index;
              left[index] = (left[index] ?? 0) - 1;
              throw throttled();
            },
            most,
          );

          expect(results).toEqual(refusals.map((_, index) => index));
        }),
      );
    });

    test('runs fewer tasks concurrently, down to one', async () => {
      let running = 0;
      const seen: number[] = [];
      let refusals = 7;

      await mapConcurrently(Array(30).fill('item'), async () => {
        running += 1;
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
        seen.push(running);
        running -= 1;
        if (refusals > 0) {
          refusals -= 1;
          throw throttled();
        }
      });

      expect(Math.max(...seen.slice(0, 8))).toBe(8);
      expect(new Set(seen.slice(-20))).toEqual(new Set([1]));
    });

    test('throws the error after the last retry', async () => {
      const error = throttled();
      let tries = 0;

      const work = mapConcurrently(['a'], () => {
        tries += 1;
        return Promise.reject(error);
      });

      await expect(work).rejects.toBe(error);
      expect(tries).toBe(6);
    });
  });
});
