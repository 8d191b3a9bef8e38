import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changeFieldsOf, parseEvent } from '../../../src/telemetry/change-fields.js';
import { metricUnits } from '../../../src/telemetry/emf-metrics.js';
import { emfEvents, openTelemetryEvents } from '../../../src/telemetry/index.js';
import { root } from '../../support/guide-programs.js';
import { createMeter } from '../../support/telemetry-recorders.js';

const guide = readFileSync(join(root, 'docs/guides/metrics-and-traces.md'), 'utf8');

/** Returns the rows of the table under a heading, without the header. */
function tableUnder(heading: string): string[][] {
  const [, section = ''] = guide.split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

const at = 1_780_000_000_000;

/** Events that have every field between them. */
const full = [
  ['shift', { type: 'started', incoming: 'green', weights: { blue: 100, green: 0 }, strategy: 'canary' }],
  [
    'shift',
    { type: 'checkEvaluated', check: 'errors', dryRun: false, result: { outcome: 'fail', detail: '7 %' } },
  ],
  ['rollout', { type: 'failed', phase: 'observe', reason: 'errors', serviceIntact: true }],
  ['swap', { type: 'stepFailed', swapId: 'swap-1', step: 'smoke test', failure: '3 of 7' }],
  ['swap', { type: 'ended', swapId: 'swap-1', beganAt: at, end: 'succeeded', orphans: [] }],
] as const;

describe('docs/guides/metrics-and-traces.md', () => {
  test('lists every metric with its unit', () => {
    expect(tableUnder('The metrics').map(([name, unit]) => [name, unit])).toEqual(
      Object.entries(metricUnits),
    );
  });

  test('lists every stable field with its type', () => {
    const types = full.flatMap(([kind, event]) =>
      Object.entries(changeFieldsOf(kind, parseEvent(kind, { at, ...event }), {})).map(
        ([name, value]) => [name, typeof value] as const,
      ),
    );

    expect(Object.fromEntries(tableUnder('The stable fields').map(([name, type]) => [name, type]))).toEqual(
      Object.fromEntries(types),
    );
  });

  test('lists every instrument, with the attributes that its values have', () => {
    const meter = createMeter();
    const listeners = openTelemetryEvents({ name: 'shop', meter });
    const state = { startedAt: at, incoming: 'green' } as never;
    for (const [kind, event] of full) {
      const emitted = { at, ...event } as never;
      if (kind === 'shift') listeners.onShiftEvent(emitted, state);
      else if (kind === 'rollout') listeners.onRolloutEvent(emitted);
      else listeners.onSwapEvent(emitted);
    }
    const emitted = meter.values.map(
      ({ name, attributes }) => [name, Object.keys(attributes).toSorted().join(', ')] as const,
    );

    const listed = tableUnder('OpenTelemetry').map(([name, , , attributes = '']) => [
      name,
      attributes.split(', ').toSorted().join(', '),
    ]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(emitted));
  });

  test('writes no field into a line besides those that it lists', () => {
    const lines: string[] = [];
    const { onSwapEvent } = emfEvents({ name: 'shop', write: (line) => lines.push(line) });
    onSwapEvent({ at, ...full[4][1] } as never);
    const known = [
      ...['_aws', 'Change', 'Name', ...Object.keys(metricUnits)],
      ...tableUnder('The stable fields').map(([name]) => name),
    ];

    expect(Object.keys(JSON.parse(lines[0] ?? '')).filter((name) => !known.includes(name))).toEqual([]);
  });
});
