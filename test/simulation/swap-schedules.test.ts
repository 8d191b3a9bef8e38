import { describe, expect, test } from 'vitest';
import { factor, seed } from '../support/properties.js';
import { expectNoViolations } from '../support/swap-schedules/expect-no-violations.js';
import { goodSchedule } from '../support/swap-schedules/schedule.js';

describe('codeDeploySwapHooks › schedules', () => {
  test('swaps the stacks in a good deployment', async () => {
    const counts = await expectNoViolations({ first: seed, count: 20 * factor }, goodSchedule);

    expect(counts.get('swaps succeeded')).toBe(20 * factor);
  });
});
