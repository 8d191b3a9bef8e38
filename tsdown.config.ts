import { copyFile, readFile } from 'node:fs/promises';
import { defineConfig } from 'tsdown';
import { markTypeExports } from './scripts/exported-names.js';
import { publicEntries, requireManifestMatches } from './scripts/public-entries.js';

const entries = publicEntries();
requireManifestMatches(entries);

// The bill of materials of a release names them, too.
const bundled: string[] = JSON.parse(await readFile('scripts/bundled-packages.json', 'utf8'));

export default defineConfig({
  // The last four are entries that nobody imports: so they get files of their own, which a bundler leaves out as a whole.
  // Within a shared file it would keep the schemas, because it cannot know that calling valibot changes nothing.
  entry: [
    ...Object.values(entries),
    'src/traffic/traffic-shifter.ts',
    'src/ecs-rollout/definitions/load-definitions.ts',
    'src/hooks/ecs-lifecycle-hook.ts',
    'src/hooks/ecs-ready-steps.ts',
  ],
  outDir: 'dist',
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  // As package.json exports them: `.js` and `.cjs`.
  fixedExtension: false,
  // A tool's schema takes a few kilobytes of valibot, a check two functions of simple-statistics; as dependencies their users
  // would load all of them.
  deps: { alwaysBundle: bundled, onlyBundle: bundled },
  // An entry exports what its source does: what chunks share stays inside.
  inputOptions: { preserveEntrySignatures: 'strict' },
  outputOptions: {
    codeSplitting: {
      // What every tool needs is one file: each further one costs Node nearly a millisecond when it is loaded cold.
      groups: [
        {
          name: 'shared',
          // Without the lazy imports of the SDK: a bundler would put every one of these clients into each tool's bundle.
          test: (id) => /src\/core\/(?!sdk-modules)|valibot/.test(id) && !/\.d\.[cm]?ts/.test(id),
        },
      ],
    },
  },
  // The output is as readable as the source, and source maps would double the package.
  sourcemap: false,
  minify: false,
  // The simulated services call each other through members that are no part of the API.
  dts: { compilerOptions: { stripInternal: true } },
  report: false,
  onSuccess: async () => {
    markTypeExports(entries);
    // What is bundled keeps its copyright notice.
    await copyFile('node_modules/valibot/LICENSE.md', 'dist/valibot-license.md');
    await copyFile('node_modules/simple-statistics/LICENSE', 'dist/simple-statistics-license.txt');
  },
});
