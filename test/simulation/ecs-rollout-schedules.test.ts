import { describe, expect, test } from 'vitest';
import { factor, seed } from '../support/properties.js';
import { checkRollouts, describeCounts } from '../support/rollout-properties.js';

describe('EcsRollout › rollOut', () => {
  test('leaves no canary and no wrong task definition under random faults', async () => {
    // `npm run test:exhaustive` runs 10,000.
    const schedules = Math.ceil(60 * factor);

    const counts = await checkRollouts(schedules, seed);

    // biome-ignore lint/suspicious/noConsole: the seed and the counts are the report of this suite
    console.info(describeCounts(counts, seed));
    expect(counts.schedules).toBe(schedules);
  });
});
