import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { packageName } from './manifest.js';

const consumer = inject('consumer');
const requireFromConsumer = createRequire(pathToFileURL(join(consumer, 'subject.cjs')));

describe.each(inject('subpaths'))('the declarations of $specifier', (subpath) => {
  // The root has the types of options only; the subpath of a class has every type that its signatures mention.
  if (subpath.specifier !== packageName)
    test('mention only types that the subpath exports', () => {
      expect(subpath.missing).toEqual([]);
    });

  test('declare as values exactly the names that exist at run time', () => {
    const loaded: object = requireFromConsumer(subpath.specifier);

    expect([...subpath.values].sort()).toEqual(Object.keys(loaded).sort());
  });

  test('list members and functions for the test that infers their types', () => {
    expect(subpath.inferring).toContain('export const');
  });
});
