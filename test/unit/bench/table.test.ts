import { describe, expect, test } from 'vitest';
import { type Row, renderTable } from '../../../bench/table.js';

const row = (changes: Partial<Row>): Row => ({
  what: 'import',
  measured: '10 ms',
  comparedWith: '9 ms',
  ratio: 1,
  goal: 1.05,
  ...changes,
});

const cellsOf = (rows: readonly Row[]) =>
  renderTable(rows)
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe('The table of the bench', () => {
  test('has a column for each heading in every line', () => {
    const lines = renderTable([
      row({}),
      row({ what: 'a longer one', ratio: undefined, goal: undefined }),
    ]).split('\n');

    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1);
  });

  test.each([
    ['within the goal', 1.05, ''],
    ['at the goal as it is shown', 1.0504, ''],
    ['above the goal', 1.0506, 'missed'],
  ])('marks a ratio %s', (_, ratio, verdict) => {
    expect(cellsOf([row({ ratio })])[0]?.at(5)).toBe(verdict);
  });

  test('judges nothing that has no ratio or no goal', () => {
    const cells = cellsOf([row({ ratio: undefined }), row({ ratio: 9, goal: undefined })]);

    expect(cells.map((it) => it.at(5))).toEqual(['', '']);
  });

  test('shows the parts of a difference in the last column', () => {
    const cells = cellsOf([row({ difference: 'valibot 6.2 kB' }), row({})]);

    expect(cells.map((it) => it.at(-1))).toEqual(['valibot 6.2 kB', '']);
  });
});
