import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { publicEntries } from '../../scripts/public-entries.js';

const { '.': root = '', ...subpaths } = publicEntries();

/** The names that an index file exports; types carry their `type`, because a type in place of a class is a mistake. */
function exportedNames(file: string): string[] {
  const statements = readFileSync(file, 'utf8').matchAll(/^export (type )?\{([^}]*)\} from/gm);
  return [...statements].flatMap(([, type = '', list = '']) =>
    list
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => `${type}${name}`),
  );
}

describe('the root', () => {
  test.each(Object.entries(subpaths))('exports what %s exports', (_subpath, file) => {
    expect(exportedNames(root)).toEqual(expect.arrayContaining(exportedNames(file)));
  });

  test('exports nothing of its own', () => {
    const ofSubpaths = Object.values(subpaths).flatMap(exportedNames);

    expect(exportedNames(root).filter((name) => !ofSubpaths.includes(name))).toEqual([]);
  });

  test('exports each name once', () => {
    const names = exportedNames(root);

    expect(names).toHaveLength(new Set(names).size);
  });
});
