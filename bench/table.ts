/** One line of the table: what was measured, what came out, and what it is compared with. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly comparedWith: string;
  /** How many times as much as what it is compared with. */
  readonly ratio: number | undefined;
  /** The most that the ratio should be. */
  readonly goal: number | undefined;
}

const titles = ['measured', 'this package', 'compared with', 'ratio', 'goal', ''];

/** The rows as one Markdown table, which is also readable in a terminal. */
export function renderTable(rows: readonly Row[]): string {
  const cells = [titles, ...rows.map(toCells)];
  const widths = titles.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function toCells({ what, measured, comparedWith, ratio, goal }: Row): string[] {
  return [
    what,
    measured,
    comparedWith,
    ratio === undefined ? '' : ratio.toFixed(3),
    goal === undefined ? '' : `≤ ${goal}`,
    // Rounded as it is shown, so that nobody wonders at a 1.030 that misses 1.03.
    ratio === undefined || goal === undefined || Number(ratio.toFixed(3)) <= goal ? '' : 'missed',
  ];
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
