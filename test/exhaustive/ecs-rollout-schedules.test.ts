import { describe, expect, test } from 'vitest';
import { factor, seed } from '../support/properties.js';
import { checkRollouts, describeCounts } from '../support/rollout-properties.js';

const parts = 4;

describe('EcsRollout › rollOut', () => {
  test.each(Array.from({ length: parts }, (_, part) => part))(
    'leaves no canary and no wrong task definition in 10,000 schedules (part %d)',
    async (part) => {
      const schedules = Math.ceil((10_000 * factor) / parts);

      const counts = await checkRollouts(schedules, seed + part);

      // biome-ignore lint/suspicious/noConsole: the seed and the counts are the report of this suite
      console.info(describeCounts(counts, seed + part));
      expect(counts.schedules).toBe(schedules);
      expect(Math.min(counts.succeeded, counts.failed, counts.crashed, counts.rolledBack)).toBeGreaterThan(0);
    },
  );
});
