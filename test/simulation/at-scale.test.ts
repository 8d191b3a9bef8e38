import { describe, expect, test } from 'vitest';
import { measureScale, type ScalePart } from '../../bench/at-scale.js';
import { totalCalls } from '../../bench/scale-minimum.js';

describe('Hundreds of resources, under the rates at which AWS throttles', () => {
  test.each<ScalePart>(['alarms', 'mappings', 'rules', 'queues', 'readers', 'everything'])(
    '%s: all are switched, by the fewest calls',
    async (part) => {
      const { calls, minimum } = await measureScale(part);

      expect(calls).toBe(totalCalls(minimum));
    },
  );

  test.each<ScalePart>(['alarms', 'mappings', 'rules', 'queues', 'readers', 'everything'])(
    '%s: take hardly longer than the rates allow, in virtual time',
    async (part) => {
      const { wallSeconds, criticalPathSeconds } = await measureScale(part);

      expect(wallSeconds / criticalPathSeconds).toBeLessThanOrEqual(1.25);
    },
  );
});
