import { type Content, html, type Markup } from './markup.js';

/** Rows of a table that is always open. A longer one is closed at first. */
const maxOpenRows = 12;

/** Table of a report. */
export interface TableOptions {
  /** Title of the table. */
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Content[])[];
  /** True when the first column has times, which do not break. */
  readonly isTimed?: boolean;
}

/** Returns a table with its caption. The first cell of a row is its heading. */
export function table({ caption, headings, rows, isTimed = false }: TableOptions): Markup {
  const head = headings.map((it) => html`<th scope="col">${it}</th>`);
  const body = rows.map(([first, ...cells]) => {
    const others = cells.map((cell) => html`<td>${cell}</td>`);
    return html`<tr><th scope="row">${first}</th>${others}</tr>\n`;
  });
  return html`<table${isTimed ? html` class="timed"` : undefined}><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table>\n`;
}

/** Returns a table that a reader opens. It is open on paper. */
export function foldedTable(options: TableOptions): Markup {
  const { caption, rows } = options;
  return html`<details><summary>${caption} (${rows.length} ${rows.length === 1 ? 'row' : 'rows'})</summary>${table(options)}</details>\n`;
}

/** Returns a table, folded when it is long. */
export function tableOf(options: TableOptions): Markup {
  return options.rows.length > maxOpenRows ? foldedTable(options) : table(options);
}
