import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withTable } from '../../../scripts/tables/markdown-table.js';
import { measuredTables } from '../../../scripts/tables/measured-tables.js';
import { root } from '../../support/guide-programs.js';

test.each(Object.entries(measuredTables))(
  'has the figures of the simulated runs: %s; npm run docs:tables measures them again',
  { timeout: 180_000 },
  async (name, measure) => {
    const page = readFileSync(join(root, name), 'utf8');

    expect(page).toBe(withTable(page, await measure()));
  },
);
