import { describe, expect, test } from 'vitest';
import { AccessDeniedError } from '../../../src/core/index.js';
import { RecentWrites } from '../../../src/core/recent-writes.js';
import { VirtualClock } from '../../../src/testing/index.js';

describe('Class: LastSet', () => {
  test('knows what was set last, but not what a change that failed has left', async () => {
    const lastSet = new RecentWrites<number>(new VirtualClock());
    await lastSet.change(['a', 'b'], 3, async () => undefined);
    await lastSet.change(['b'], 4, () => Promise.reject(new Error('no answer'))).catch(() => undefined);

    expect(['a', 'b', 'c'].map((it) => lastSet.get(it))).toEqual([3, undefined, undefined]);
  });

  describe('Method: mayBeOther', () => {
    test('doubts nothing that was never set', () => {
      expect(new RecentWrites<string>(new VirtualClock()).mayBeOther('a', 'on')).toBe(false);
    });

    test('doubts a look that shows another value than the one set last', async () => {
      const lastSet = new RecentWrites<string>(new VirtualClock());
      await lastSet.change(['a', 'b'], 'on', async () => 'answer');

      expect(['a', 'b', 'c'].map((it) => lastSet.mayBeOther(it, 'off'))).toEqual([true, true, false]);
      expect(lastSet.mayBeOther('a', 'on')).toBe(false);
    });

    test('doubts every look after a change that failed', async () => {
      const lastSet = new RecentWrites<string>(new VirtualClock());
      const failure = new Error('no answer');
      await expect(lastSet.change(['a'], 'on', () => Promise.reject(failure))).rejects.toBe(failure);

      expect(lastSet.mayBeOther('a', 'on')).toBe(true);
      expect(lastSet.mayBeOther('a', 'off')).toBe(true);
    });

    test('keeps what it knew when a change is refused for want of a permission', async () => {
      const lastSet = new RecentWrites<string>(new VirtualClock());
      await lastSet.change(['a'], 'on', async () => undefined);
      const refusal = new AccessDeniedError({ action: 'a:B', resource: 'a', cause: undefined });
      const change = lastSet.change(['a', 'b'], 'off', () => Promise.reject(refusal));
      await expect(change).rejects.toBe(refusal);

      expect(['a', 'b'].map((it) => lastSet.get(it))).toEqual(['on', undefined]);
      expect(['a', 'b'].map((it) => lastSet.mayBeOther(it, 'on'))).toEqual([false, false]);
    });

    test.each([
      ['was made', async () => undefined],
      ['failed', () => Promise.reject(new Error('no answer'))],
    ])(
      'doubts no look a quarter of an hour after a change that %s, however long it took',
      async (_, send) => {
        const clock = new VirtualClock();
        const lastSet = new RecentWrites<string>(clock);
        const slowly = () => clock.sleep(3_600_000).then(send);
        await lastSet.change(['a'], 'on', slowly).catch(() => undefined);

        const early = lastSet.mayBeOther('a', 'off');
        await clock.sleep(900_000);

        expect([early, lastSet.mayBeOther('a', 'off'), lastSet.get('a')]).toEqual([true, false, undefined]);
      },
    );
  });
});
