import { describe, expect, test } from 'vitest';
import { factor, seed } from '../support/properties.js';
import { expectNoViolations } from '../support/swap-schedules/expect-no-violations.js';
import { ingredients } from '../support/swap-schedules/ingredients.js';
import { scheduleOf } from '../support/swap-schedules/schedule.js';

/** Each takes about 0.4 s of a processor. `PROPERTY_RUNS=25` runs 10,000. */
const schedules = Math.ceil(400 * factor);

/** Schedules between two lines of counts. */
const partSize = 200;

describe('codeDeploySwapHooks › schedules', () => {
  test('takes nothing away under users, and ends all old or all new, in seeded schedules', {
    timeout: 24 * 3_600_000,
  }, async () => {
    const seen = new Set<string>();
    for (let done = 0; done < schedules; done += partSize) {
      const part = { first: seed + done, count: Math.min(partSize, schedules - done) };
      for (const what of (await expectNoViolations(part, scheduleOf)).keys()) seen.add(what);
    }

    expect(seen).toContain('swaps succeeded');
    expect(seen).toContain('swaps rolledBack');
    // A disturbance that never takes place tests nothing.
    expect(ingredients.filter((it) => !seen.has(it))).toEqual([]);
  });
});
