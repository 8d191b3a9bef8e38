import { describe, expect, test } from 'vitest';
import { factor, seed } from '../support/properties.js';
import { expectNoViolations } from '../support/swap-schedules/expect-no-violations.js';
import { goodSchedule, scheduleOf } from '../support/swap-schedules/schedule.js';

describe('codeDeploySwapHooks › schedules', () => {
  test('swaps the stacks in a good deployment', async () => {
    const counts = await expectNoViolations({ first: seed, count: 2 }, goodSchedule);

    expect(counts.get('swaps succeeded')).toBe(2);
  });

  test('takes nothing away under users, and ends all old or all new, in disturbed deployments', {
    timeout: 240_000,
  }, async () => {
    // `npm run test:exhaustive` runs ten times as many.
    const counts = await expectNoViolations({ first: seed, count: Math.ceil(40 * factor) }, scheduleOf);

    expect(counts.get('swaps succeeded')).toBeGreaterThan(0);
    expect(counts.get('swaps rolledBack')).toBeGreaterThan(0);
  });

  test('keeps the incoming stack on while another deployment can be rolled back to it', async () => {
    // The first deployment is stopped with all the traffic at green; the next one, to blue, is rolled back.
    const counts = await expectNoViolations({ first: 220, count: 1 }, scheduleOf);

    expect(counts.get('swaps abandoned')).toBe(1);
  });
});
