import { beforeAll, describe, expect, test } from 'vitest';
import { renderRehearsal } from '../../examples/rehearsal/report.js';
import { type RehearsalDocument, runRehearsal } from '../../examples/rehearsal/run.js';
import { rehearsalInWords, shiftInWords } from '../../examples/rehearsal/views.js';
import { week } from '../../examples/rehearsal/week.js';

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

describe('renderRehearsal', () => {
  test('is one self-contained file with every shift', () => {
    const html = renderRehearsal(document);

    expect(html).not.toMatch(/<script|<link|src=|@import|url\(|https?:/);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    expect(html.match(/<g>/g)).toHaveLength(2 * 168);
    const crosses = document.threshold.stopped + document.regression.stopped;
    expect(html.match(/<path class="bad"/g)).toHaveLength(crosses);
  });

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
