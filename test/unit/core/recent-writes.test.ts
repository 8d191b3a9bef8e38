import { describe, expect, test } from 'vitest';
import { AccessDeniedError } from '../../../src/core/index.js';
import { RecentWrites } from '../../../src/core/recent-writes.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { SettableClock } from '../../support/settable-clock.js';

describe('Class: RecentWrites', () => {
  describe('Method: get', () => {
    test('returns the last written value, and undefined after a failed change', async () => {
      const writes = new RecentWrites<number>(new VirtualClock());
      await writes.change(['a', 'b'], 3, async () => undefined);
      await writes.change(['b'], 4, () => Promise.reject(new Error('no answer'))).catch(() => undefined);

      expect(['a', 'b', 'c'].map((it) => writes.get(it))).toEqual([3, undefined, undefined]);
    });

    test('returns undefined once the maximum lag of the tool is over', async () => {
      const clock = new VirtualClock();
      const writes = new RecentWrites<string>(clock, { maxLagSeconds: 60 });
      writes.record(['a'], 'on');

      await clock.sleep(59_999);
      const before = writes.get('a');
      await clock.sleep(1);

      expect([before, writes.get('a')]).toEqual(['on', undefined]);
    });

    test('returns undefined for a write that was forgotten', () => {
      const writes = new RecentWrites<string>(new VirtualClock());
      writes.record(['a'], 'on');

      writes.forget('a');

      expect([writes.get('a'), writes.mayBeOther('a', 'off')]).toEqual([undefined, false]);
    });
  });

  describe('Method: secondsSince', () => {
    test('returns the age of the last write, and undefined when there is none', async () => {
      const clock = new VirtualClock();
      const writes = new RecentWrites<string>(clock);
      writes.record(['a'], 'on');
      await clock.sleep(30_000);

      expect([writes.secondsSince('a'), writes.secondsSince('b')]).toEqual([30, undefined]);
    });

    test('never decreases when the clock is set back', async () => {
      const clock = new SettableClock(new VirtualClock());
      const writes = new RecentWrites<string>(clock);
      writes.record(['a'], 'on');
      await clock.sleep(30_000);
      const before = writes.secondsSince('a');

      clock.setBack(7200);
      const after = writes.secondsSince('a');
      await clock.sleep(870_000);

      expect([before, after, writes.get('a')]).toEqual([30, 30, undefined]);
    });
  });

  describe('Method: mayBeOther', () => {
    test('returns false for a resource without a write', () => {
      expect(new RecentWrites<string>(new VirtualClock()).mayBeOther('a', 'on')).toBe(false);
    });

    test('returns true when the read shows a different value from the last written one', async () => {
      const writes = new RecentWrites<string>(new VirtualClock());
      await writes.change(['a', 'b'], 'on', async () => 'answer');

      expect(['a', 'b', 'c'].map((it) => writes.mayBeOther(it, 'off'))).toEqual([true, true, false]);
      expect(writes.mayBeOther('a', 'on')).toBe(false);
    });

    test('returns true for every value after a failed change', async () => {
      const writes = new RecentWrites<string>(new VirtualClock());
      const failure = new Error('no answer');
      await expect(writes.change(['a'], 'on', () => Promise.reject(failure))).rejects.toBe(failure);

      expect(writes.mayBeOther('a', 'on')).toBe(true);
      expect(writes.mayBeOther('a', 'off')).toBe(true);
    });

    test('keeps the earlier entry when a permission is missing', async () => {
      const writes = new RecentWrites<string>(new VirtualClock());
      await writes.change(['a'], 'on', async () => undefined);
      const refusal = new AccessDeniedError({ action: 'a:B', resource: 'a', cause: undefined });
      const change = writes.change(['a', 'b'], 'off', () => Promise.reject(refusal));
      await expect(change).rejects.toBe(refusal);

      expect(['a', 'b'].map((it) => writes.get(it))).toEqual(['on', undefined]);
      expect(['a', 'b'].map((it) => writes.mayBeOther(it, 'on'))).toEqual([false, false]);
    });

    test.each([
      ['was made', async () => undefined],
      ['failed', () => Promise.reject(new Error('no answer'))],
    ])('returns false 15 minutes after a change that %s, however long it took', async (_, send) => {
      const clock = new VirtualClock();
      const writes = new RecentWrites<string>(clock);
      const slowly = () => clock.sleep(3_600_000).then(send);
      await writes.change(['a'], 'on', slowly).catch(() => undefined);

      const early = writes.mayBeOther('a', 'off');
      await clock.sleep(900_000);

      expect([early, writes.mayBeOther('a', 'off'), writes.get('a')]).toEqual([true, false, undefined]);
    });
  });

  describe('Method: known', () => {
    test('returns the recent writes with a known outcome', async () => {
      const clock = new VirtualClock();
      const writes = new RecentWrites<string>(clock, { maxLagSeconds: 60 });
      writes.record(['old'], 'on');
      await clock.sleep(60_000);
      writes.record(['a', 'b'], 'on');
      writes.record(['b']);

      expect(writes.known()).toEqual([['a', 'on']]);
    });
  });
});
