import { describe, expect, test } from 'vitest';
import { type ExportedName, exportedNames } from '../../scripts/exported-names.js';
import { publicEntries } from '../../scripts/public-entries.js';

const { '.': root = '', ...subpaths } = publicEntries();

const ofRoot = exportedNames(root);
const ofSubpaths = Object.values(subpaths).flatMap(exportedNames);

/** The names with their mark, because a type in place of a class is a mistake. */
const marked = (names: readonly ExportedName[]) =>
  names.map(({ name, isType }) => (isType ? `type ${name}` : name));

/** Programs import these from their own subpath only. */
const apart = [
  './cdk',
  './gates',
  './scheduler',
  './report',
  './telemetry',
  './testing',
  './swap/dynamo',
  './traffic/api-gateway',
  './traffic/application-signals',
  './traffic/global-accelerator',
  './traffic/prometheus',
  './traffic/route-53',
  './traffic/step-functions',
];

/** Building blocks of the types of options, which no program writes down. */
const buildingBlocks = ['ToolOptions', 'ClientOptions'];

describe('the root', () => {
  const exporting = Object.entries(subpaths).filter(([subpath]) => !apart.includes(subpath));

  test.each(exporting)(
    'exports the classes and functions of %s, with the types of their options',
    (_subpath, file) => {
      const wanted = exportedNames(file).filter(
        ({ name, isType }) => !isType || (name.endsWith('Options') && !buildingBlocks.includes(name)),
      );

      expect(marked(ofRoot)).toEqual(expect.arrayContaining(marked(wanted)));
    },
  );

  test('exports nothing of its own', () => {
    const known = marked(ofSubpaths);

    expect(marked(ofRoot).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('exports each name once', () => {
    const names = ofRoot.map(({ name }) => name);

    expect(names).toHaveLength(new Set(names).size);
  });
});
