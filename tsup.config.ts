import { copyFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';
import { publicEntries, requireExportsMatch } from './scripts/public-entries.js';

const entries = publicEntries();
requireExportsMatch(entries);

export default defineConfig({
  // The last two are entries that nobody imports: so they get chunks of their own, which a bundler leaves out as a whole.
  // Within a chunk it would keep the schemas, because it cannot know that calling valibot changes nothing.
  entry: [
    ...Object.values(entries),
    'src/ecs/definitions/load-definitions.ts',
    'src/hooks/ecs-lifecycle-hook.ts',
  ],
  outDir: 'dist',
  clean: true,
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  // Without splitting, CommonJS would get a copy of every shared class per subpath.
  splitting: true,
  // A tool's schema takes a few kilobytes of valibot, a check two functions of simple-statistics; as dependencies their
  // users would load all of them.
  noExternal: ['valibot', 'simple-statistics'],
  // The output is as readable as the source, and source maps would double the package.
  sourcemap: false,
  minify: false,
  // tsup sets `baseUrl`, which TypeScript 6 calls deprecated, and keeps nothing for a next time.
  dts: { compilerOptions: { ignoreDeprecations: '6.0', incremental: false } },
  // What is bundled keeps its copyright notice.
  onSuccess: async () => {
    await copyFile('node_modules/valibot/LICENSE.md', 'dist/valibot-license.md');
    await copyFile('node_modules/simple-statistics/LICENSE', 'dist/simple-statistics-license.txt');
  },
});
