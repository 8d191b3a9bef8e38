import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { manifest, packageName } from './manifest.js';
import { repositoryFolder, run } from './run.js';
import { cdkProgram, usageProgramWithoutCdk } from './usage-program.js';

const tarball = inject('tarball');
const consumer = inject('consumer');

const setups = [
  {
    compiler: 'typescript',
    resolution: 'nodenext',
    module: 'nodenext',
    files: ['consumer.mts', 'consumer.cts'],
  },
  { compiler: 'typescript', resolution: 'bundler', module: 'esnext', files: ['consumer.ts'] },
  { compiler: 'typescript-5.9', resolution: 'node10', module: 'commonjs', files: ['consumer.ts'] },
] as const;

/** Compiles files of the consumer. */
async function compile(
  { compiler, resolution, module }: (typeof setups)[number],
  options: object,
  files: readonly string[],
): Promise<string> {
  const project = `tsconfig.${resolution}.json`;
  const compilerOptions = {
    module,
    moduleResolution: resolution,
    target: 'es2022',
    lib: ['es2023'],
    strict: true,
    noEmit: true,
    typeRoots: [join(repositoryFolder, 'node_modules', '@types')],
    types: ['node'],
    ...options,
  };
  await writeFile(join(consumer, project), JSON.stringify({ compilerOptions, files }));
  // Both compilers have a `tsc` in node_modules/.bin, so this names the file.
  const tsc = join(repositoryFolder, 'node_modules', compiler, 'bin', 'tsc');
  return run(process.execPath, [tsc, '--project', project], consumer);
}

describe('the types of the installed tarball', () => {
  beforeAll(async () => {
    for (const fileName of ['consumer.mts', 'consumer.cts', 'consumer.ts']) {
      await writeFile(join(consumer, fileName), usageProgramWithoutCdk);
      await writeFile(join(consumer, fileName.replace('consumer', 'cdk')), cdkProgram);
    }
  });

  test.each(setups)('compile without errors under $resolution', async (setup) => {
    // Also checks the declarations themselves, not only their use.
    const options = { exactOptionalPropertyTypes: true, skipLibCheck: false };

    await expect(compile(setup, options, setup.files)).resolves.toBe('');
  });

  test.each(setups)('compile constructs of the CDK under $resolution', async (setup) => {
    const files = setup.files.map((file) => file.replace('consumer', 'cdk'));

    await expect(compile(setup, { skipLibCheck: true }, files)).resolves.toBe('');
  });

  test('import only packages that are installed with it', async () => {
    const files = (await run('tar', ['-tzf', tarball], consumer)).trim().split('\n');
    const declarations = files.filter((file) => /\.d\.c?ts$/.test(file));
    const { dependencies, peerDependencies } = manifest;
    const known = [...Object.keys(dependencies), ...Object.keys(peerDependencies), 'node:', '.'];

    for (const file of declarations) {
      const path = join(consumer, 'node_modules', packageName, file.replace('package/', ''));
      const text = await readFile(path, 'utf8');
      // Examples in comments may import other packages; declarations may not.
      const code = text.replace(/\/\*.*?\*\//gs, '');
      const imported = [...code.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)].map(
        ([, specifier = '']) => specifier,
      );
      const strangers = imported.filter(
        (specifier) =>
          !specifier.startsWith(packageName) && !known.some((start) => specifier.startsWith(start)),
      );
      expect(strangers, file).toEqual([]);
    }
  });
});
