import { beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '../../examples/canary/report.js';
import { evidenceOf } from '../../examples/canary/report-evidence.js';
import { type CanaryDocument, type EventAt, runCanary } from '../../examples/canary/run.js';

let real: CanaryDocument;
/** The same shift without the comparison. */
let plain: CanaryDocument;
let compared: CanaryDocument;

beforeAll(async () => {
  real = await runCanary({ scenario: 'bad-canary' });
  plain = { ...real, events: real.events.filter(isNoComparison) };
  compared = withEvidence(plain, [1, 1, 4, 240]);
});

function isNoComparison(event: EventAt): boolean {
  return event.type !== 'checkEvaluated' || !('evidence' in event.result);
}

/** Replaces the readings of the check by those of a comparison. */
function withEvidence(document: CanaryDocument, values: readonly number[]): CanaryDocument {
  let next = 0;
  const events = document.events.map((event) => {
    if (event.type !== 'checkEvaluated') return event;
    const value = values[Math.min(next, values.length - 1)] ?? 1;
    next += 1;
    const evidence = {
      value,
      required: 100,
      incoming: { requests: 100 * next, failures: 5 * next },
      outgoing: { requests: 900 * next, failures: next },
    };
    return {
      ...event,
      result: { outcome: value >= 100 ? 'fail' : 'pass', detail: 'compared', value, evidence } as const,
    };
  });
  return { ...document, events, metric: [] };
}

describe('renderReport', () => {
  test('draws the evidence with the line at 1/α, and the error rates of both stacks', () => {
    const html = renderReport(compared, 'bad-canary');

    expect(html).toContain('fails at 1/α = 100');
    expect(html).toContain('Evidence that green fails more often');
    expect(html).toContain('Error rates since the beginning of the shift');
    expect(html).toContain('The largest evidence was 240; 100 is enough.');
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('draws the evidence of the demo beside the weights and the reading of its limit', () => {
    const html = renderReport(real, 'bad-canary');

    expect(evidenceOf(real).length).toBeGreaterThan(0);
    expect(html).toContain('5xx rate of green, as read by the check');
    expect(html).toContain('fails at 1/α = 100');
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('draws evidence above the line as bad, and below it as good', () => {
    const values = evidenceOf(compared).map(({ value }) => value);
    const html = renderReport(compared, 'bad-canary');

    expect(html.match(/<path class="bad"/g)).toHaveLength(values.filter((value) => value >= 100).length);
    expect(html.match(/<circle class="green-ink"/g)).toHaveLength(
      values.filter((value) => value < 100).length,
    );
  });

  test('keeps the line at 1/α visible beside the largest possible evidence', () => {
    const html = renderReport(withEvidence(plain, [1, Number.MAX_VALUE]), 'bad-canary');

    const line = /<path class="bound" d="M64 ([\d.]+)H/.exec(html)?.[1];
    const top = /Evidence that green/.exec(html) === null ? 0 : Number(line);
    expect(top).toBeGreaterThan(0);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    // The line is a third of the way up, within the last diagram of 160 units.
    expect(Number(line)).toBeCloseTo(40 + 220 + 70 + 160 + 70 + 160 * (2 / 3), 0);
  });

  test('omits both diagrams when no check has evidence', () => {
    const html = renderReport(plain, 'bad-canary');

    expect(evidenceOf(plain)).toEqual([]);
    expect(html).toContain('5xx rate of green, as read by the check');
    expect(html).not.toContain('Evidence');
    expect(html).not.toContain('1/α');
  });
});
