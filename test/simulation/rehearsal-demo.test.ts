import { beforeAll, describe, expect, test } from 'vitest';
import { type RehearsalDocument, runRehearsal } from '../../examples/rehearsal/run.js';
import { rehearsalInWords, shiftInWords } from '../../examples/rehearsal/views.js';
import { week } from '../../examples/rehearsal/week.js';
import { renderReport } from '../../src/report/index.js';

let document: RehearsalDocument;
beforeAll(async () => {
  document = await runRehearsal();
}, 60_000);

describe('runRehearsal', () => {
  test('reads the week once for each check', () => {
    expect(document.awsCalls).toBe(2);
    for (const { cost } of [document.threshold, document.regression])
      expect(cost).toEqual({ metrics: 4, calls: 1, dataPoints: 40_560, shifts: 336 });
  });

  test('shows that a fixed limit stops healthy shifts which a comparison lets pass', () => {
    const { threshold, regression } = document;

    expect(threshold.stopped).toBeGreaterThan(threshold.shifts / 2);
    expect(regression).toMatchObject({ shifts: 168, passed: 168, stopped: 0, noData: 0, unfinished: 0 });
  });

  test('shows how soon each check finds a release that fails five times as often', () => {
    const { threshold, regression } = document;

    expect(threshold.injected?.secondsUntilFound.median).toBe(120);
    expect(regression.injected?.found).toBeGreaterThanOrEqual(165);
    expect(regression.injected?.secondsUntilFound.median).toBeLessThanOrEqual(12 * 60);
    expect(regression.injected?.failedRequests.median).toBeLessThan(80);
  });

  test('stops the shift of the incident with the fixed limit, and says by which numbers', () => {
    const shift = document.threshold.rehearsed.find(({ at }) => at === week.incident.from);

    expect(shift?.stoppedBy).toMatchObject({ check: 'at most 1 %', outcome: 'fail', percent: 10 });
    expect(shift?.stoppedBy?.value).toBeGreaterThan(10);
  });
});

describe('renderReport of the rehearsal', () => {
  test('draws every shift', () => {
    const { threshold, regression } = document;
    const html = renderReport({ rehearsal: [threshold, regression] });
    const marks = html.match(/<path class="mark green"|<path class="cross"|<circle class="dot"/g) ?? [];

    expect(marks).toHaveLength(4 * 168);
    const found = (threshold.injected?.stopped ?? 0) + (regression.injected?.stopped ?? 0);
    expect(html.match(/<path class="cross"/g)).toHaveLength(threshold.stopped + regression.stopped + found);
  });
});

describe('rehearsalInWords', () => {
  test('describes shifts without a verdict and checks that were left out', () => {
    const rehearsal = {
      ...document.regression,
      noData: 1,
      notRehearsed: [{ check: 'page', reason: 'it is no ready-made check' }],
    };

    expect(rehearsalInWords(rehearsal).join('\n')).toContain('without a verdict: 1');
    expect(rehearsalInWords(rehearsal).join('\n')).toContain('not rehearsed: page, because it is no');
    expect(shiftInWords({ at: 0, outcome: 'noData', withoutData: ['errors'] })).toBe('no data of errors');
    expect(shiftInWords({ at: 0, outcome: 'passed' })).toBe('passed');
  });
});
