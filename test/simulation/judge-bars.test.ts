import { describe, expect, test } from 'vitest';
import {
  catastropheBars,
  detectionBars,
  falseStopBars,
  lateDataBars,
  lateOnsetBars,
  type RunSize,
} from '../../bench/judge/bars.js';

/** A reduced run of `npm run bench:judge`. A bar of false stops is widened by three standard errors of its smaller number. */
const size: RunSize = { shifts: 500, looks: [60], lateShifts: 50, repetitions: 101, seed: 1 };

describe('judgeRegression, simulated', () => {
  test.each(falseStopBars(size))('stays within a bar: $what', ({ figure, bar, isMet }) => {
    expect(isMet, `${figure}, bar ${bar}`).toBe(true);
  });

  test.each(lateDataBars(size))('stays within a bar: $what', ({ figure, bar, isMet }) => {
    expect(isMet, `${figure}, bar ${bar}`).toBe(true);
  });

  test.each([...detectionBars(size), ...catastropheBars(size), ...lateOnsetBars(size)])(
    'finds a bad release in time: $what',
    ({ figure, bar, isMet }) => {
      expect(isMet, `${figure}, bar ${bar}`).toBe(true);
    },
  );
});
