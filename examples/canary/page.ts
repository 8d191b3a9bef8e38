import { asText } from './drawing.js';

/** Returns a self-contained HTML page, light or dark by the reader's setting. */
export function pageWith(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${asText(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${asText(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

/** Returns a list of figures with their names. */
export function factsOf(entries: readonly (readonly [term: string, value: string])[]): string {
  return `<dl>${entries.map(([term, value]) => `<div><dt>${term}</dt><dd>${asText(value)}</dd></div>`).join('')}</dl>`;
}

/** Returns a table of text. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headings.map((it) => `<th scope="col">${it}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell) => `<td>${asText(cell)}</td>`).join('')}</tr>`)
    .join('\n');
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

const style = `
:root { --ground: #ffffff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --blue: #2f6fd0; --green: #1a7f4b;
  --bad: #c0262d; --mark: #8250df; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --ink: #e6edf3; --quiet: #9da7b3; --line: #30363d; --blue: #6aa8ff; --green: #4cc38a;
    --bad: #ff7b72; --mark: #c297ff; }
}
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin-top: 2rem; }
dl { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 1rem 0; }
dt { color: var(--quiet); font-size: .875rem; } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.drawing { overflow-x: auto; } svg { width: 100%; min-width: 40rem; height: auto; display: block; }
svg text { fill: var(--ink); font-size: 14px; } svg .quiet { fill: var(--quiet); }
.heading { font-weight: 600; }
.grid { stroke: var(--line); } .event { stroke: var(--mark); stroke-dasharray: 2 4; }
.blue { stroke: var(--blue); } .green { stroke: var(--green); } .bad { stroke: var(--bad); }
.series { fill: none; stroke-width: 3; } .dashed { stroke-dasharray: 9 5; }
.bound { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 8 5; }
svg .blue-ink { fill: var(--blue); } svg .green-ink { fill: var(--green); } svg .bad-ink { fill: var(--bad); }
svg .mark-ink { fill: var(--mark); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { white-space: nowrap; font-variant-numeric: tabular-nums; }
`;
