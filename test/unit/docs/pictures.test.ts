import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pictures } from '../../../scripts/pictures/pictures.js';

const folder = new URL('../../../docs/pictures/', import.meta.url);

test.each(Object.entries(pictures))(
  'shows the code as it runs: %s; npm run docs:pictures draws it again',
  async (file, draw) => {
    expect(readFileSync(new URL(file, folder), 'utf8')).toBe(await draw());
  },
);

test('draws every picture of the documentation', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(pictures).sort());
});
