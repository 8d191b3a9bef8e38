import { describe, expect, test } from 'vitest';
import { factor, seed } from '../support/properties.js';
import { expectNoViolations } from '../support/swap-schedules/expect-no-violations.js';
import { ingredients } from '../support/swap-schedules/ingredients.js';
import { scheduleOf } from '../support/swap-schedules/schedule.js';

const parts = 40;

/** Each takes about 0.3 s of a processor. `PROPERTY_RUNS=25` runs 10,000. */
const schedules = 400;

describe('codeDeploySwapHooks › schedules', () => {
  test.each(Array.from({ length: parts }, (_, part) => part))(
    'takes nothing away under users, and ends all old or all new, in seeded schedules (part %d)',
    async (part) => {
      const count = Math.ceil((schedules * factor) / parts);

      const counts = await expectNoViolations({ first: seed + part * count, count }, scheduleOf);

      expect(counts.get('swaps succeeded')).toBeGreaterThan(0);
      expect(counts.get('swaps rolledBack')).toBeGreaterThan(0);
      // A disturbance that never takes place tests nothing.
      expect(ingredients.filter((it) => !counts.has(it))).toEqual([]);
    },
  );
});
