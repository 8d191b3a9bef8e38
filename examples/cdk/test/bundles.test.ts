import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { resourcesOf, text } from './resources.js';
import { synthesize } from './synthesize.js';

afterEach(() => void vi.unstubAllEnvs());

test.each([
  { deployedBy: 'codeDeploy', functions: 8, bundles: 3 },
  { deployedBy: 'ecs', functions: 3, bundles: 3 },
])(
  'loads each bundled function with its environment variables: $deployedBy',
  ({ deployedBy, functions, bundles }) => {
    const { app, template } = synthesize({ bundles: true, context: { deployedBy } });
    const assembly = app.synth().directory;
    const load = createRequire(import.meta.url);
    vi.stubEnv('AWS_REGION', 'eu-west-1');

    const hashes = new Set<string>();
    const handlers = [...resourcesOf(template, 'AWS::Lambda::Function')].map(([, { Properties }]) => {
      for (const [name, value] of Object.entries(Properties['Environment'].Variables))
        vi.stubEnv(name, text(value));
      const [hash] = Properties['Code'].S3Key.split('.');
      hashes.add(hash);
      const folder = join(assembly, `asset.${hash}`);
      expect(readdirSync(folder)).toEqual(['index.js']);
      const [file, name] = Properties['Handler'].split('.');
      return load(join(folder, `${file}.js`))[name];
    });

    expect(handlers.map((handler) => typeof handler)).toEqual(Array(functions).fill('function'));
    // The functions of the hooks share one bundle.
    expect(hashes.size).toBe(bundles);
  },
);
