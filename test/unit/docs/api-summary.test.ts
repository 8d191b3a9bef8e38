import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiSummary } from '../../../scripts/api-summary.js';
import { llmsText } from '../../../scripts/llms-text.js';
import { root } from '../../support/guide-programs.js';

test('lists the classes and functions that the package exports; npm run docs:summary writes it again', {
  timeout: 180_000,
}, () => {
  expect(readFileSync(join(root, 'docs/api-summary.md'), 'utf8')).toBe(apiSummary());
});

test('lists the guides for language models; npm run docs:summary writes it again', () => {
  expect(readFileSync(join(root, 'llms.txt'), 'utf8')).toBe(llmsText());
});
