import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSite } from './site-links.js';

/* Counts the links of the built site: `npm run docs:links` after `npm run docs`. Fails when one is broken or raw. */

const site = join(fileURLToPath(new URL('..', import.meta.url)), 'docs/api');
const { pages, links, broken, raw } = checkSite(site);
for (const { page, link, problem } of [...broken, ...raw]) console.error(`${page}: ${link} ${problem}`);
console.log(`${links} links on ${pages} pages: ${broken.length} broken, ${raw.length} raw`);
process.exitCode = broken.length + raw.length > 0 || links === 0 ? 1 : 0;
