import { describe, expect, test } from 'vitest';
import { measureScale, type ScalePart } from '../../bench/at-scale.js';
import { totalCalls } from '../../bench/scale-minimum.js';

describe('Tools with hundreds of resources under the call rates of AWS', () => {
  test.each<ScalePart>(['alarms', 'mappings', 'rules', 'queues', 'readers', 'everything'])(
    '%s: switches all of them with the fewest calls',
    async (part) => {
      const { calls, minimum } = await measureScale(part);

      expect(calls).toBe(totalCalls(minimum));
    },
  );

  test.each<ScalePart>(['alarms', 'mappings', 'rules', 'queues', 'readers', 'everything'])(
    '%s: takes hardly longer in virtual time than the rates allow',
    async (part) => {
      const { wallSeconds, criticalPathSeconds } = await measureScale(part);

      expect(wallSeconds / criticalPathSeconds).toBeLessThanOrEqual(1.25);
    },
  );
});
