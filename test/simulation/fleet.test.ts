import { beforeAll, describe, expect, test } from 'vitest';
import { type FleetFigures, figuresOf } from '../../bench/fleet/figures.js';
import { type FleetPlan, type FleetResult, simulateFleet } from '../../bench/fleet/simulate.js';

const plan: FleetPlan = {
  shifts: 40,
  // 1 call per second for all of them: 250 shifts with the whole rate.
  rateShare: 0.16,
  badOneIn: 10,
  settings: { maxAttempts: 3 },
  startWithinSeconds: 60,
  seed: 1,
};

describe('A fleet of canaries that needs more calls than AWS accepts', () => {
  let result: FleetResult;
  let figures: FleetFigures;

  beforeAll(async () => {
    result = await simulateFleet(plan);
    figures = figuresOf(result, { shifts: plan.shifts, rateShare: plan.rateShare ?? 1, secondsPerStart: 1 });
  }, 120_000);

  test('is throttled by AWS', () => {
    expect(result.throttled.elasticloadbalancing).toBeGreaterThan(100);
  });

  test('begins every shift, and stops no healthy one', () => {
    expect(figures).toMatchObject({ notBegun: 0, goodButStopped: 0, succeeded: 36, rolledBack: 4 });
  });

  test('decides and writes every rollback within a minute after CloudWatch shows the failures', () => {
    expect(figures.found).toBe(4);
    const [decided, written] = figures.rollbackDelay ?? [];
    expect(decided).toBeLessThanOrEqual(60);
    expect(written).toBeLessThanOrEqual(60);
  });

  test('is the same in each run with the same seed', async () => {
    const small = { ...plan, shifts: 10, rateShare: 0.04 };
    expect(await simulateFleet(small)).toEqual(await simulateFleet(small));
  }, 60_000);
});
