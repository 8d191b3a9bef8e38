import { readFileSync, writeFileSync } from 'node:fs';
import { withCostsTable } from './costs/costs-table.js';

const page = new URL('../docs/guides/costs.md', import.meta.url);
writeFileSync(page, await withCostsTable(readFileSync(page, 'utf8')));
