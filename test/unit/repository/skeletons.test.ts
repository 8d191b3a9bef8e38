import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn } from '../../support/files-in.js';
import { root } from '../../support/guide-programs.js';

const skeletonsIn = (folder: string, mark: RegExp) => {
  const files = filesIn(join(root, folder));
  expect(files.length).toBeGreaterThan(10);
  return files.filter((file) => mark.test(readFileSync(file, 'utf8'))).map((file) => relative(root, file));
};

test('contains no skeleton of `npm run new` in the source', () => {
  expect(skeletonsIn('src', /\bis not written: /)).toEqual([]);
});

test('contains no skeleton of `npm run new` in the guides', () => {
  expect(skeletonsIn('docs/guides', /\bis a skeleton: |\bto be written\b/)).toEqual([]);
});
