/** Colours of the pictures, with a contrast of 4.5 for every text. They follow the reader's setting for light or dark. */
const css = `
  svg { color-scheme: light dark; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --back: #ffffff; --box: #f6f8fa; --hook: #0969da; --aws: #bf5700; --tick: #1a7f37; --bad: #cf222e; --blue: #54aeff; --green: #4ac26b }
  @media (prefers-color-scheme: dark) { svg { --ink: #f0f6fc; --faint: #9198a1; --line: #3d444d; --back: #0d1117; --box: #151b23; --hook: #4493f8; --aws: #f0883e; --tick: #3fb950; --bad: #f85149; --blue: #1f6feb; --green: #238636 } }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: var(--ink) }
  .faint { fill: var(--faint); font-size: 12px } .right { text-anchor: end } .middle { text-anchor: middle } .strong { font-weight: 600 }
  .grid { stroke: var(--line) } .back { fill: var(--back) }
  .wait { fill: var(--hook); opacity: .18 } .hook { fill: var(--hook) } .aws { fill: var(--aws) } .tick { fill: var(--tick) } .bad { fill: var(--bad) } .blue { fill: var(--blue) } .green { fill: var(--green) }
  .box { fill: var(--box); stroke: var(--line) } .box.good { stroke: var(--tick); stroke-width: 2 } .box.wrong { stroke: var(--bad); stroke-width: 2 } .box.work { stroke: var(--hook); stroke-width: 2 }
  .edge { fill: none; stroke: var(--faint); stroke-width: 1.5 } .edge.wrong { stroke: var(--bad); stroke-dasharray: 5 3 } .head { fill: var(--faint) } .event { stroke: var(--bad); stroke-dasharray: 3 3 }
`;

/** Picture with its text for readers who do not see it. */
export interface Picture {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly content: readonly string[];
}

/** Returns a picture as a file that needs no other. */
export function svgOf({ title, description, width, height, content }: Picture): string {
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>${css}</style>`,
    `<rect class="back" width="${width}" height="${height}"/>`,
    `<text class="strong" x="12" y="24">${escaped(title)}</text>`,
    ...content,
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
