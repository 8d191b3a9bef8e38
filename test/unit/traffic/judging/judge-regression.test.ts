import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { judgeRegression } from '../../../../src/traffic/judging/judge-regression.js';
import { minute, minutes } from '../../../support/regression-periods.js';

const healthy = [200, 1, 1800, 9] as const;
const bad = [200, 30, 1800, 9] as const;

describe('judgeRegression', () => {
  test('passes a healthy release, and says that there is no sign', () => {
    const verdict = judgeRegression(minutes(10, healthy));

    expect(verdict).toEqual({
      outcome: 'pass',
      evidence: 1,
      evidenceNeeded: 100,
      ratio: 1,
      leftOut: 0,
      compared: {
        periods: 10,
        incoming: { requests: 2000, failures: 10 },
        outgoing: { requests: 18_000, failures: 90 },
      },
      alone: { periods: 0, incoming: { requests: 0, failures: 0 }, outgoing: { requests: 0, failures: 0 } },
      detail:
        'no sign that incoming fails more often than 1.5 times outgoing + 0.05 percentage points: 10 of 2,000 requests against 90 of 18,000; evidence 1 of 100 (periods from 1970-01-01T00:00:00Z to 1970-01-01T00:09:00Z)',
    });
  });

  test('fails a bad release with the ratio, its lower bound and the deciding period', () => {
    const verdict = judgeRegression([...minutes(10, healthy), ...minutes(10, bad, 10)]);

    expect(verdict).toMatchObject({ outcome: 'fail', ratioLowerBound: 5 });
    expect(verdict.evidence).toBeGreaterThan(100);
    expect(verdict.ratio).toBeCloseTo(310 / 20, 10);
    expect(verdict.decidedAt).toBe(15 * 60_000);
    expect(verdict.detail).toMatch(
      /^incoming fails 16 times as often as outgoing, at least 5 times with 99 % confidence: 310 of 4,000 requests against 180 of 36,000; evidence (above )?[\d,]+ where 100 is enough, reached in the period from 1970-01-01T00:15:00Z \(periods from 1970-01-01T00:00:00Z to 1970-01-01T00:19:00Z\)$/,
    );
    expect(verdict).not.toHaveProperty('undecided');
  });

  test('keeps a failure when later periods are healthy', () => {
    const failed = judgeRegression(minutes(8, bad));
    const later = judgeRegression([...minutes(8, bad), ...minutes(600, healthy, 8)]);

    expect(failed.outcome).toBe('fail');
    expect(later).toMatchObject({ outcome: 'fail', decidedAt: failed.decidedAt });
    expect(later.evidence).toBeGreaterThanOrEqual(failed.evidence);
  });

  test('says only that incoming fails more often when it has recovered since', () => {
    const recovered = [...minutes(8, bad), ...minutes(600, [2000, 0, 1800, 9], 8)];

    expect(judgeRegression(recovered).detail).toMatch(
      /^incoming fails more often than outgoing, at least \d+ times with 99 % confidence: 240 of/,
    );
  });

  test.each([
    { incoming: 30, outgoing: 65, ratio: '4.2' },
    { incoming: 125, outgoing: 9, ratio: '125' },
  ])('says $ratio times as often', ({ incoming, outgoing, ratio }) => {
    const periods = minutes(30, [1000, incoming, 9000, outgoing]);

    expect(judgeRegression(periods).detail).toMatch(
      new RegExp(`^incoming fails (${ratio} times as often as outgoing|above the ceiling)`),
    );
  });

  test('leaves the ratio out when only incoming fails', () => {
    const verdict = judgeRegression(minutes(20, [200, 5, 1800, 0]));

    expect(verdict.outcome).toBe('fail');
    expect(verdict).not.toHaveProperty('ratio');
    expect(verdict.detail).toContain('incoming fails more often than outgoing, at least');
  });

  test('compares each period with itself, so that an incident of both stacks is no difference', () => {
    // All at a small share while both fail, then a large share while neither does: the sums alone would show a ratio of 1/10.
    const periods = [...minutes(10, [20, 2, 1980, 198]), ...minutes(10, [1000, 5, 1000, 5], 10)];

    expect(judgeRegression(periods).ratio).toBeCloseTo(1, 10);
  });

  test('fails above the ceiling where the incoming stack also fails more often', () => {
    expect(judgeRegression(minutes(1, [200, 200, 1800, 9])).detail).toMatch(
      /^incoming fails above the ceiling of 10 % and more often than outgoing: 200 of 200 requests against 9 of 1,800; evidence above 1,000,000 where 100 is enough, reached in the period from 1970-01-01T00:00:00Z \(period from 1970-01-01T00:00:00Z\)$/,
    );
  });

  test('fails above the ceiling without outgoing requests', () => {
    const verdict = judgeRegression([...minutes(5, healthy), minute(5, 60, 60, 0, 0)]);

    expect(verdict).toMatchObject({ outcome: 'fail', decidedAt: 300_000, ratio: 1 });
    expect(verdict.alone).toMatchObject({ periods: 1, incoming: { requests: 60, failures: 60 } });
    expect(verdict.detail).toMatch(
      /^incoming fails above the ceiling of 10 %: 60 of 60 requests, with no outgoing requests to compare with; evidence 14,700 where/,
    );
  });

  test('says at 100 % that only the ceiling is checked', () => {
    const periods = [...minutes(5, healthy), ...minutes(5, [2000, 10, 0, 0], 5)];
    const { outcome, detail } = judgeRegression(periods, { weightsSince: 300_000 });

    expect(outcome).toBe('pass');
    expect(detail).toContain(
      '; no outgoing requests under the present weights, so only the ceiling of 10 % is checked: 50 of 10,000 requests; evidence 1 of 100',
    );
  });

  test('does not say so while the outgoing stack has requests', () => {
    expect(judgeRegression(minutes(5, healthy)).detail).not.toContain('no outgoing requests');
  });

  test.each([
    [2000, 1],
    [2000, 9],
    [200, 5],
    [60, 2],
  ])('finds %i failing requests a minute beside %i of the outgoing stack at once', (requests, outgoing) => {
    const verdict = judgeRegression(minutes(1, [requests, requests, outgoing, 0]));

    expect(verdict).toMatchObject({
      outcome: 'fail',
      compared: { periods: 0 },
      alone: { periods: 1, outgoing: { requests: outgoing } },
    });
    expect(verdict.detail).toContain(
      `incoming fails above the ceiling of 10 %: ${requests.toLocaleString('en-US')} of ${requests.toLocaleString('en-US')} requests, with too few outgoing requests (${outgoing}) to compare with`,
    );
  });

  test.each([
    [2000, 10],
    [18, 2],
    [1, 1],
  ])('compares %i requests with %i of the outgoing stack', (requests, outgoing) => {
    expect(judgeRegression(minutes(1, [requests, 0, outgoing, 0]))).toMatchObject({
      compared: { periods: 1 },
      alone: { periods: 0 },
    });
  });

  test('needs no evidence for a pass at 100 % while a few clients stay on the outgoing stack', () => {
    const periods = [...minutes(5, healthy), ...minutes(5, [2000, 10, 2, 0], 5)];
    const { outcome, detail } = judgeRegression(periods, { weightsSince: 300_000, requireEvidence: true });

    expect(outcome).toBe('pass');
    expect(detail).toContain(
      '; too few outgoing requests (10) under the present weights, so only the ceiling',
    );
  });

  test('passes all traffic that was never compared', () => {
    const { outcome, detail } = judgeRegression(minutes(5, [2000, 10, 0, 0]));

    expect(outcome).toBe('pass');
    expect(detail).toMatch(
      /^no sign that incoming fails above the ceiling of 10 %: 50 of 10,000 requests, and no outgoing requests to compare with; evidence 1 of 100/,
    );
  });

  test.each([
    { what: 'no period', periods: [], requests: '0' },
    { what: 'periods without requests', periods: minutes(5, [0, 0, 0, 0]), requests: '0' },
    { what: 'periods without incoming requests', periods: minutes(5, [0, 0, 2000, 5]), requests: '0' },
    { what: '19.5 requests', periods: [minute(0, 19.5, 0, 1800, 9)], requests: '19.5' },
    { what: 'requests under earlier weights only', periods: minutes(4, healthy), requests: '0' },
    {
      what: 'too few requests since the weights',
      periods: [...minutes(5, healthy), minute(5, 7, 0, 9, 0)],
      requests: '7',
    },
  ])('is undecided with $what', ({ periods, requests }) => {
    const weightsSince = periods.length > 3 ? 300_000 : undefined;
    const verdict = judgeRegression(periods, { weightsSince });

    expect(verdict).toMatchObject({ outcome: 'inconclusive', undecided: true });
    expect(verdict.detail).toContain(
      `too few incoming requests under the present weights: ${requests} where 20 are needed; evidence 1 of 100`,
    );
  });

  test('has no range of periods without incoming requests', () => {
    expect(judgeRegression(minutes(5, [0, 0, 2000, 5])).detail).toMatch(/; evidence 1 of 100$/);
  });

  test('counts the period that starts with the present weights', () => {
    const periods = [minute(0, 100, 0, 900, 0), minute(1, 20, 0, 180, 0)];

    expect(judgeRegression(periods, { weightsSince: 60_000 }).outcome).toBe('pass');
    expect(judgeRegression(periods, { weightsSince: 60_001 }).outcome).toBe('inconclusive');
    expect(judgeRegression(periods, { minimumRequests: 121 }).outcome).toBe('inconclusive');
    expect(judgeRegression(periods, { minimumRequests: 120 }).outcome).toBe('pass');
  });

  test('fails with fewer requests than the minimum when the evidence is enough', () => {
    expect(judgeRegression([minute(0, 3, 3, 1800, 9)], { burst: 1 }).outcome).toBe('fail');
  });

  test.each([
    { side: 'incoming', period: minute(5, 60, 61, 1800, 9) },
    { side: 'outgoing', period: minute(5, 60, 1, 0, 9) },
  ])('leaves out a period with more $side failures than requests', ({ period }) => {
    const without = judgeRegression(minutes(5, healthy));
    const verdict = judgeRegression([...minutes(5, healthy), period]);

    expect(verdict).toEqual({ ...without, leftOut: 1, detail: expect.any(String) });
    expect(verdict.detail).toContain(
      '; evidence 1 of 100; left out 1 period with more failures than requests (',
    );
  });

  test('is inconclusive, but not undecided, when the counts under the present weights are impossible', () => {
    const periods = [...minutes(2, healthy), minute(2, 60, 61, 9, 0), minute(3, 60, 61, 9, 0)];
    const verdict = judgeRegression(periods, { weightsSince: 120_000 });

    expect(verdict).toMatchObject({ outcome: 'inconclusive', leftOut: 2 });
    expect(verdict).not.toHaveProperty('undecided');
    expect(verdict.detail).toContain('left out 2 periods with more failures than requests');
  });

  describe('with requireEvidence', () => {
    const required = { requireEvidence: true };

    test('is undecided until the evidence for a pass is enough', () => {
      const verdict = judgeRegression(minutes(20, healthy), required);

      expect(verdict).toMatchObject({ outcome: 'inconclusive', undecided: true });
      // Evidence for a pass, by hand: the mean over the bets of (aˣ · cʸ · e^(nδ(1−a)))^(1/10).
      const [n, x, m, y] = [200, 1, 1800, 9];
      const factors = [0.05, 0.2, 0.4, 0.6, 0.8].map((b) => {
        const c = (2 * n + m) / (2 * b * n + m);
        const a = b * c;
        return (a ** x * c ** y * Math.exp(n * 0.005 * (1 - a))) ** (20 / 10);
      });
      expect(verdict.passEvidence).toBeCloseTo(factors.reduce((sum, it) => sum + it, 0) / 5, 8);
      expect(verdict.detail).toMatch(
        /^not yet shown that incoming fails at most 2 times as often as outgoing \+ 0.5 percentage points: 20 of 4,000 requests against 180 of 36,000; evidence [\d.]+ of 20 \(/,
      );
    });

    test('passes when it is enough', () => {
      const verdict = judgeRegression(minutes(60, healthy), required);

      expect(verdict.outcome).toBe('pass');
      expect(verdict.passEvidence).toBeGreaterThanOrEqual(20);
      expect(verdict).not.toHaveProperty('undecided');
    });

    test('fails as without it', () => {
      expect(judgeRegression(minutes(20, bad), required).outcome).toBe('fail');
    });

    test('needs none without outgoing requests, where nothing more can be shown', () => {
      const periods = [...minutes(5, healthy), ...minutes(5, [2000, 10, 0, 0], 5)];

      expect(judgeRegression(periods, { ...required, weightsSince: 300_000 }).outcome).toBe('pass');
      expect(judgeRegression(periods, { ...required, weightsSince: 240_000 }).outcome).toBe('inconclusive');
    });

    test('needs none by default', () => {
      expect(judgeRegression(minutes(1, healthy))).not.toHaveProperty('passEvidence');
    });
  });

  test('needs 1/α', () => {
    const periods = minutes(3, [200, 20, 1800, 9]);
    const { evidence } = judgeRegression(periods);

    expect(evidence).toBeGreaterThan(1);
    expect(judgeRegression(periods, { alpha: 1 / evidence + 1e-9 }).outcome).toBe('fail');
    expect(judgeRegression(periods, { alpha: 1 / evidence - 1e-9 })).toMatchObject({
      outcome: 'pass',
      evidenceNeeded: expect.closeTo(evidence, 3),
    });
  });

  test.each([{ options: { tolerateRatio: 20 } }, { options: { tolerateIncrease: 0.2 } }])(
    'tolerates more with $options',
    ({ options }) => {
      const periods = minutes(12, [200, 20, 1800, 36]);

      expect(judgeRegression(periods, options).evidence).toBeLessThan(judgeRegression(periods).evidence / 10);
    },
  );

  test('counts failures of one period as one with a larger burst', () => {
    const periods = [minute(0, 2000, 180, 18_000, 90)];

    expect(judgeRegression(periods).outcome).toBe('fail');
    expect(judgeRegression(periods, { burst: 1000 })).toMatchObject({
      outcome: 'pass',
      evidence: expect.closeTo(1.676, 3),
    });
  });

  test('names the tolerance without an increase of 0', () => {
    expect(judgeRegression(minutes(1, healthy), { tolerateIncrease: 0 }).detail).toContain(
      'fails more often than 1.5 times outgoing: 1 of 200',
    );
  });

  test('caps evidence beyond the largest number', () => {
    const verdict = judgeRegression(minutes(100, [1e6, 1e6, 1e6, 0]));

    expect(verdict).toMatchObject({ evidence: Number.MAX_VALUE, ratioLowerBound: 100 });
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });

  test('returns no lower bound while equal rates are possible', () => {
    expect(judgeRegression(minutes(10, healthy))).not.toHaveProperty('ratioLowerBound');
  });

  test('returns no ratio when neither stack has failed', () => {
    expect(judgeRegression(minutes(3, [100, 0, 900, 0]))).not.toHaveProperty('ratio');
  });

  test.each([
    [{ alpha: 0 }, 'alpha'],
    [{ alpha: 5e-324 }, 'alpha'],
    [{ alpha: 0.51 }, 'alpha'],
    [{ tolerateRatio: 0.99 }, 'tolerateRatio'],
    [{ tolerateRatio: 1001 }, 'tolerateRatio'],
    [{ tolerateIncrease: -0.1 }, 'tolerateIncrease'],
    [{ tolerateIncrease: 1 }, 'tolerateIncrease'],
    [{ burst: 0.5 }, 'burst'],
    [{ burst: Number.NaN }, 'burst'],
    [{ ceiling: 0 }, 'ceiling'],
    [{ ceiling: 1 }, 'ceiling'],
    [{ ceiling: 1e-310 }, 'ceiling'],
    [{ ceiling: 1 - Number.EPSILON / 2 }, 'ceiling'],
    [{ minimumRequests: 0 }, 'minimumRequests'],
    [{ requireEvidence: 1 }, 'requireEvidence'],
    [{ weightsSince: Infinity }, 'weightsSince'],
    [{ tolerateratio: 2 }, 'did you mean tolerateRatio'],
    [null, 'Invalid judgeRegression options: expected an object'],
  ])('throws InvalidInputError for the options %j', (options, field) => {
    const judge = () => judgeRegression([], options as never);

    expect(judge).toThrow(InvalidInputError);
    expect(judge).toThrow(field);
  });

  test('accepts the limits of the options', () => {
    const limits = { alpha: 0.5, tolerateRatio: 1000, tolerateIncrease: 0, burst: 1, minimumRequests: 1 };

    expect(judgeRegression(minutes(1, healthy), limits).outcome).toBe('pass');
    expect(judgeRegression(minutes(1, healthy), { tolerateRatio: 1, burst: Infinity }).outcome).toBe('pass');
  });

  test.each([
    [null, 'Invalid judgeRegression periods: expected an array'],
    [[minute(0, -1, 0, 1, 0)], '[0].incoming.requests: expected a count from 0 to 9007199254740991, got -1'],
    [[minute(0, 1, 0, 1, Infinity)], '[0].outgoing.failures'],
    [[minute(0, 1, Number.NaN, 1, 0)], '[0].incoming.failures'],
    [[minute(0, 2 ** 53, 1, 1, 0)], '[0].incoming.requests'],
    [[minute(Number.NaN, 1, 1, 1, 0)], '[0].start'],
    [[{ ...minute(0, 1, 1, 1, 0), end: 1 }], '[0].end'],
    [[{ start: 0 }], '[0].incoming'],
    [
      [minute(1, 1, 0, 1, 0), minute(2, 1, 0, 1, 0), minute(1, 1, 0, 1, 0)],
      'expected periods with different starts, got two periods with the same start',
    ],
  ])('throws InvalidInputError for the periods %j', (periods, problem) => {
    const judge = () => judgeRegression(periods as never);

    expect(judge).toThrow(InvalidInputError);
    expect(judge).toThrow(problem);
  });
});
