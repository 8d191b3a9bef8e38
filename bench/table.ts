/** One row of the table: the subject, its value, and the value to compare with. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly comparedWith: string;
  /** Measured value divided by the value to compare with. */
  readonly ratio: number | undefined;
  /** Maximum ratio. */
  readonly goal: number | undefined;
  /** Parts of the difference between the two values. */
  readonly difference?: string;
}

const titles = [
  'measured',
  'this package',
  'compared with',
  'ratio',
  'goal',
  '',
  'the difference is made of',
];

/** Formats the rows as one Markdown table, which is also readable in a terminal. */
export function renderTable(rows: readonly Row[]): string {
  return renderCells(titles, rows.map(toCells));
}

/** Formats cells as a Markdown table with aligned columns. */
export function renderCells(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) => line(widths.map((width, column) => (row[column] ?? '').padEnd(width))));
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function toCells({ what, measured, comparedWith, ratio, goal, difference = '' }: Row): string[] {
  return [
    what,
    measured,
    comparedWith,
    ratio === undefined ? '' : ratio.toFixed(3),
    goal === undefined ? '' : `≤ ${goal}`,
    // Compares the rounded ratio, because a displayed 1.030 must not miss 1.03.
    ratio === undefined || goal === undefined || Number(ratio.toFixed(3)) <= goal ? '' : 'missed',
    difference,
  ];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
