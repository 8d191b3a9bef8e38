import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { resourcesOf, text } from './resources.js';
import { synthesize } from './synthesize.js';

test('loads each bundled function with its environment variables', () => {
  const { app, template } = synthesize({ bundles: true });
  const assembly = app.synth().directory;
  const load = createRequire(import.meta.url);
  vi.stubEnv('AWS_REGION', 'eu-west-1');

  const functions = [...resourcesOf(template, 'AWS::Lambda::Function')];
  const handlers = functions.map(([, { Properties }]) => {
    for (const [name, value] of Object.entries(Properties['Environment'].Variables)) {
      vi.stubEnv(name, text(value));
    }
    const [hash] = Properties['Code'].S3Key.split('.');
    const folder = join(assembly, `asset.${hash}`);
    expect(readdirSync(folder)).toEqual(['index.js']);
    return load(join(folder, 'index.js')).handler;
  });

  expect(handlers.map((handler) => typeof handler)).toEqual(Array(5).fill('function'));
  vi.unstubAllEnvs();
});
