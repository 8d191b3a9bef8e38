import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withCostsTable } from '../../../scripts/costs/costs-table.js';

test('has the figures of the simulated runs; npm run docs:costs writes them again', {
  timeout: 180_000,
}, async () => {
  const page = readFileSync(new URL('../../../docs/guides/costs.md', import.meta.url), 'utf8');

  expect(page).toBe(await withCostsTable(page));
});
