const [begin, end] = ['<!-- table: npm run docs:tables -->', '<!-- end of table -->'];

/** Replaces the measured table of a page. */
export function withTable(page: string, table: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`No table to replace: expected the lines ${begin} and ${end}`);
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}

/** Returns a Markdown table, padded as the formatter of the repository does. All columns but the first are aligned to the right. */
export function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: (text: string, width: number, column: number) => string) =>
    `| ${cells.map((text, column) => fill(text, widths[column] ?? 0, column)).join(' | ')} |`;
  const cell = (text: string, width: number, column: number) =>
    column === 0 ? text.padEnd(width) : text.padStart(width);
  const rule = (_: string, width: number, column: number) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`;
  const [titles = [], ...body] = rows;
  return [line(titles, cell), line(titles, rule), ...body.map((row) => line(row, cell))].join('\n');
}
