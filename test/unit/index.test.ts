import { describe, expect, test } from 'vitest';
import { type ExportedName, exportedNames } from '../../scripts/exported-names.js';
import { publicEntries } from '../../scripts/public-entries.js';

const { '.': root = '', ...subpaths } = publicEntries();

const ofRoot = exportedNames(root);
const ofSubpaths = Object.values(subpaths).flatMap(exportedNames);

/** The names with their mark, because a type in place of a class is a mistake. */
const marked = (names: readonly ExportedName[]) =>
  names.map(({ name, isType }) => (isType ? `type ${name}` : name));

/** A subpath may export only the type of a class that another one exports. */
const asInRoot = ({ name, isType }: ExportedName): ExportedName => ({
  name,
  isType: isType && !ofSubpaths.some((other) => other.name === name && !other.isType),
});

describe('the root', () => {
  test.each(Object.entries(subpaths))('exports what %s exports', (_subpath, file) => {
    expect(marked(ofRoot)).toEqual(expect.arrayContaining(marked(exportedNames(file).map(asInRoot))));
  });

  test('exports nothing of its own', () => {
    const known = marked(ofSubpaths);

    expect(marked(ofRoot).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('exports each name once', () => {
    const names = ofRoot.map(({ name }) => name);

    expect(names).toHaveLength(new Set(names).size);
  });
});
