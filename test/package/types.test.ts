import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { manifest, packageName, specifiers } from './manifest.js';
import { localTool, repositoryFolder, run } from './run.js';

const tarball = inject('tarball');
const consumer = inject('consumer');

describe('the types of the installed tarball', () => {
  beforeAll(async () => {
    const imports = specifiers.map((specifier, index) => `import * as module${index} from '${specifier}';`);
    const program = `${imports.join('\n')}
      import { type StackReference, SqsTools } from '${packageName}';
      import { SqsTools as SameSqsTools } from '${packageName}/sqs';
      import { SimulatedCloud } from '${packageName}/testing';

      export const modules = [${specifiers.map((_, index) => `module${index}`).join(', ')}];
      const cloud = new SimulatedCloud();
      const tools: SameSqsTools = new SqsTools({
        blue: { queue: 'blue' },
        green: { queue: 'green' },
        clients: cloud.clients,
        clock: cloud.clock,
      });
      const active: StackReference = 'blue';
      export const purged: Promise<void> = tools.purgeQueues(active);
      // @ts-expect-error: there is no such stack
      void tools.purgeQueues('red');
      // @ts-expect-error: every subpath has real types, not any
      export const wrong: number = new SqsTools({ blue: { queue: 1 }, green: { queue: 'green' } });
    `;
    for (const fileName of ['consumer.mts', 'consumer.cts', 'consumer.ts']) {
      await writeFile(join(consumer, fileName), program);
    }
  });

  test.each([
    { resolution: 'nodenext', module: 'nodenext', files: ['consumer.mts', 'consumer.cts'] },
    { resolution: 'bundler', module: 'esnext', files: ['consumer.ts'] },
  ])('resolve under $resolution', async ({ resolution, module, files }) => {
    const project = `tsconfig.${resolution}.json`;
    const compilerOptions = {
      module,
      moduleResolution: resolution,
      target: 'es2022',
      lib: ['es2023'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      // The declarations themselves have to be right too, not only their use.
      skipLibCheck: false,
      typeRoots: [join(repositoryFolder, 'node_modules', '@types')],
      types: ['node'],
    };
    await writeFile(join(consumer, project), JSON.stringify({ compilerOptions, files }));

    await expect(run(localTool('tsc'), ['--project', project], consumer)).resolves.toBe('');
  });

  test('mention no package that is not installed with it', async () => {
    const files = (await run('tar', ['-tzf', tarball], consumer)).trim().split('\n');
    const declarations = files.filter((file) => /\.d\.c?ts$/.test(file));
    const known = [...Object.keys(manifest.dependencies), 'node:', '.'];

    for (const file of declarations) {
      const path = join(consumer, 'node_modules', packageName, file.replace('package/', ''));
      const text = await readFile(path, 'utf8');
      // An example may use what its reader has; a declaration may not.
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
