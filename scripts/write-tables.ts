import { readFileSync, writeFileSync } from 'node:fs';
import { withTable } from './tables/markdown-table.js';
import { measuredTables } from './tables/measured-tables.js';

for (const [name, measure] of Object.entries(measuredTables)) {
  const page = new URL(`../${name}`, import.meta.url);
  writeFileSync(page, withTable(readFileSync(page, 'utf8'), await measure()));
}
