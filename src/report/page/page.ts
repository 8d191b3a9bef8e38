import { createHash } from 'node:crypto';
import { type Content, html, Markup } from './markup.js';
import { styleSheet } from './style.js';

/** Returns the complete page. It makes no request, and the policy allows none, no script and no other style. */
export function pageOf({ title, heading, header, body }: PageParts): string {
  const style = new Markup(styleSheet);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${heading}</h1>
${header}</header>
<main>
${body}</main>
</body>
</html>
`.toString();
}

/** Parts of a page. */
export interface PageParts {
  /** Title of the browser's tab. */
  readonly title: string;
  readonly heading: string;
  readonly header: Content;
  readonly body: Content;
}

function policy(): string {
  const hash = createHash('sha256').update(styleSheet).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

/** Returns a list of figures with their names. */
export function factsOf(entries: readonly (readonly [term: string, value: Content])[]): Markup {
  return html`<dl>${entries.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>\n`;
}
