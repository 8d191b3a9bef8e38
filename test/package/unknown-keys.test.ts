import { describe, expect, inject, test } from 'vitest';
import { compilerFor } from './compile.js';
import { readDeclarations } from './installed-declarations.js';
import { packageName, specifiers } from './manifest.js';
import { optionPaths, pathHelpers } from './option-paths.js';

const unknownKey = "'thisKeyIsUnknown' does not exist in type";

/** The root has no types of its own. */
const subpaths = specifiers.filter((specifier) => specifier !== packageName);

/** Subpaths without a fixed options type: that of `iamPolicyFor` depends on its methods, see test/types. */
const withoutOptions = [`${packageName}/iam`];

/** The request of a change has the type of its class: test/types/resumable.test-d.ts has unknown keys in it. */
const ofTheChange = (path: string) => path.includes('.runDurably>[2]');

/** It can be a function too, and `Partial` of a function accepts any object: test/types/unknown-keys.test-d.ts has this key. */
const canBeFunction = (path: string) => path.includes("InvokeFunctionOptions, 'undo'>");

describe('types of the options', () => {
  const declarations = readDeclarations(inject('consumer'), subpaths);
  const compile = compilerFor({
    compiler: 'typescript',
    folder: inject('consumer'),
    extension: '.mts',
    compilerOptions: {
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2023'],
      strict: true,
      skipLibCheck: true,
      types: [],
    },
  });

  test.each(subpaths)('reject an unknown key at every level: %s', (specifier) => {
    const paths = optionPaths(declarations, specifier).filter(
      (path) => !ofTheChange(path) && !canBeFunction(path),
    );
    // Partial, so that the unknown key is the only error of the literal.
    const literals = paths.map(
      (path, index) => `export const x${index}: Partial<NonNullable<${path}>> = { thisKeyIsUnknown: 1 };`,
    );

    const { errors } = compile([pathHelpers, ...literals].join('\n'));

    const firstLine = pathHelpers.split('\n').length + 1;
    const accepting = paths.filter((_, index) => {
      const ofLine = errors.filter((error) => error.startsWith(`${firstLine + index}: `));
      return !(ofLine.length === 1 && ofLine[0]?.includes(unknownKey));
    });
    expect(accepting).toEqual([]);
    expect(paths.length > 0).toBe(!withoutOptions.includes(specifier));
  });
});
