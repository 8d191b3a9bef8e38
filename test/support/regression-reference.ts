import type { RegressionPeriod } from '../../src/traffic/judging/regression-options.js';

/** Rules of the reference: ratio, increase, burst and ceiling. */
export interface ReferenceRules {
  readonly r: number;
  readonly delta: number;
  readonly burst: number;
  readonly c: number;
}

/** Factor of one period for a bet on the odds, in plain numbers. */
export function comparisonFactor(
  b: number,
  [n, x, m, y]: readonly [number, number, number, number],
  { r, delta, burst }: Omit<ReferenceRules, 'c'>,
): number {
  const k = x + y + (m * delta) / r;
  if (k === 0) return 1;
  const q = (r * n) / (r * n + m);
  if (burst === 1) return b ** x / (1 - q + q * b) ** k;
  const s = x / k;
  const g = Math.max(1, Math.floor(k / burst));
  if (g === 1) return 1 + Math.min(1, k) * ((1 - s + s * b) / (1 - q + q * b) - 1);
  const j = Math.floor(g * s);
  const u = g * s - j;
  return (b ** j * (1 - u + u * b)) / (1 - q + q * b) ** g;
}

/** Factor of one period for a bet on the rate, in plain numbers. */
export function ceilingFactor(p: number, n: number, x: number, c: number, burst: number): number {
  const g = Math.max(1, Math.floor(n / burst));
  const j = Math.floor((g * x) / n);
  const u = (g * x) / n - j;
  const up = (p / c) ** j;
  if (j >= g) return up;
  return up * ((1 - u) * ((1 - p) / (1 - c)) + (u * p) / c) * ((1 - p) / (1 - c)) ** (g - j - 1);
}

/** Largest evidence after each period, without logarithms. */
export function referenceEvidence(periods: readonly RegressionPeriod[], rules: ReferenceRules): number[] {
  const { c, burst } = rules;
  const half = Math.max(1, burst / 2);
  const bets = [1.5, 3, 8, 30, 100];
  const rates = [2 / 9, 5 / 9, 29 / 30].map((part) => c + part * (1 - c));
  const wealth = {
    C: bets.map(() => 0),
    S: bets.map(() => 0),
    R: bets.map(() => 0),
    A: rates.map(() => 0),
    O: rates.map(() => 0),
  };
  const w = (t: number) => (t === 1 ? 1 / 2 : 1 / (2 * t * (t - 1)));
  const rest = (t: number) => (t === 0 ? 1 : 1 / (2 * t));
  const mean = (values: readonly number[]) => values.reduce((sum, it) => sum + it, 0) / values.length;
  let [t, o, best] = [0, 0, 1];
  return periods.map(({ incoming: { requests: n, failures: x }, outgoing: { requests: m, failures: y } }) => {
    const isComparable = m >= 10 || (m > 0 && n <= 9 * m);
    if (n > 0 && isComparable) {
      t += 1;
      const plain = { r: 1, delta: 0, burst: half };
      wealth.C = bets.map((b, i) => ((wealth.C[i] ?? 0) + w(t)) * comparisonFactor(b, [n, x, m, y], rules));
      const steady = { ...rules, burst: Math.max(1, burst / 5) };
      wealth.S = bets.map(
        (b, i) => ((wealth.S[i] ?? 0) + w(t)) * Math.min(3, comparisonFactor(b, [n, x, m, y], steady)),
      );
      wealth.R = bets.map((b, i) => ((wealth.R[i] ?? 0) + w(t)) * comparisonFactor(b, [n, x, m, y], plain));
      wealth.A = rates.map((p, i) => ((wealth.A[i] ?? 0) + w(t)) * ceilingFactor(p, n, x, c, half));
    } else if (n > 0) {
      o += 1;
      wealth.O = rates.map((p, i) => ((wealth.O[i] ?? 0) + w(o)) * ceilingFactor(p, n, x, c, half));
    }
    const ceiling = Math.min(mean(wealth.A) + rest(t), mean(wealth.R) + rest(t));
    const comparison = 0.75 * (mean(wealth.C) + rest(t)) + 0.05 * (mean(wealth.S) + rest(t));
    best = Math.max(best, comparison + 0.1 * ceiling + 0.1 * (mean(wealth.O) + rest(o)));
    return best;
  });
}
