import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { manifest, packageName } from './manifest.js';
import { repositoryFolder, run } from './run.js';
import { usageProgram } from './usage-program.js';

const tarball = inject('tarball');
const consumer = inject('consumer');

describe('the types of the installed tarball', () => {
  beforeAll(async () => {
    for (const fileName of ['consumer.mts', 'consumer.cts', 'consumer.ts']) {
      await writeFile(join(consumer, fileName), usageProgram);
    }
  });

  test.each([
    {
      compiler: 'typescript',
      resolution: 'nodenext',
      module: 'nodenext',
      files: ['consumer.mts', 'consumer.cts'],
    },
    { compiler: 'typescript', resolution: 'bundler', module: 'esnext', files: ['consumer.ts'] },
    { compiler: 'typescript-5.9', resolution: 'node10', module: 'commonjs', files: ['consumer.ts'] },
  ])('compile without errors under $resolution', async ({ compiler, resolution, module, files }) => {
    const project = `tsconfig.${resolution}.json`;
    const compilerOptions = {
      module,
      moduleResolution: resolution,
      target: 'es2022',
      lib: ['es2023'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      // Also checks the declarations themselves, not only their use.
      skipLibCheck: false,
      typeRoots: [join(repositoryFolder, 'node_modules', '@types')],
      types: ['node'],
    };
    await writeFile(join(consumer, project), JSON.stringify({ compilerOptions, files }));

    // Both compilers have a `tsc` in node_modules/.bin, so this names the file.
    const tsc = join(repositoryFolder, 'node_modules', compiler, 'bin', 'tsc');

    await expect(run(process.execPath, [tsc, '--project', project], consumer)).resolves.toBe('');
  });

  test('import only packages that are installed with it', async () => {
    const files = (await run('tar', ['-tzf', tarball], consumer)).trim().split('\n');
    const declarations = files.filter((file) => /\.d\.c?ts$/.test(file));
    const known = [...Object.keys(manifest.dependencies), 'node:', '.'];

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
