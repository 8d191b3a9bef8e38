import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { manifest, packageName, specifiers } from './manifest.js';
import { localTool, run } from './run.js';

const tarball = inject('tarball');
const consumer = inject('consumer');

/** Runs a program in the consumer's folder; it prints one JSON document. */
async function runInConsumer(fileName: string, program: string): Promise<unknown> {
  await writeFile(join(consumer, fileName), program);
  return JSON.parse(await run(process.execPath, ['--no-warnings', fileName], consumer));
}

/** For each subpath: how many values it exports, and those that are not the root's own. */
const compareWithRoot = `
  const report = Object.entries(subpaths).map(([specifier, module]) => [
    specifier,
    {
      exported: Object.keys(module).length,
      foreign: Object.keys(module).filter((key) => key !== 'default' && module[key] !== root[key]),
    },
  ]);
  console.log(JSON.stringify(Object.fromEntries(report)));
`;

const everySubpathIsTheRoots = Object.fromEntries(
  specifiers.map((specifier) => [specifier, { exported: expect.toSatisfy((n) => n > 0), foreign: [] }]),
);

describe('the installed tarball', () => {
  test('gives every subpath to import, with the very classes of the root', async () => {
    const report = await runInConsumer(
      'every-subpath.mjs',
      `const specifiers = ${JSON.stringify(specifiers)};
      const root = await import('${packageName}');
      const loaded = specifiers.map(async (specifier) => [specifier, await import(specifier)]);
      const subpaths = Object.fromEntries(await Promise.all(loaded));
      ${compareWithRoot}`,
    );

    expect(report).toEqual(everySubpathIsTheRoots);
  });

  test('gives every subpath to require, with the very classes of the root', async () => {
    const report = await runInConsumer(
      'every-subpath.cjs',
      `const specifiers = ${JSON.stringify(specifiers)};
      const root = require('${packageName}');
      const subpaths = Object.fromEntries(specifiers.map((specifier) => [specifier, require(specifier)]));
      ${compareWithRoot}`,
    );

    expect(report).toEqual(everySubpathIsTheRoots);
  });

  test('gives its manifest', async () => {
    const name = await runInConsumer(
      'manifest.cjs',
      `console.log(JSON.stringify(require('${packageName}/package.json').name))`,
    );

    expect(name).toBe(packageName);
  });

  test('recognises its errors across the ESM and the CommonJS copy', async () => {
    const report = await runInConsumer(
      'across-copies.mjs',
      `import { createRequire } from 'node:module';
      import * as esm from '${packageName}/core';
      const cjs = createRequire(import.meta.url)('${packageName}/core');
      const failureOf = ({ parseStackReference }) => {
        try {
          return parseStackReference('red');
        } catch (error) {
          return error;
        }
      };
      console.log(JSON.stringify({
        sameClass: esm.ToolkitError === cjs.ToolkitError,
        esmKnowsCjs: esm.ToolkitError.isInstance(failureOf(cjs)),
        cjsKnowsEsm: cjs.ToolkitError.isInstance(failureOf(esm)),
        plainError: esm.ToolkitError.isInstance(new Error('of somebody else')),
      }));`,
    );

    expect(report).toEqual({ sameClass: false, esmKnowsCjs: true, cjsKnowsEsm: true, plainError: false });
  });

  test.each([
    { subpath: 'core', clients: [] },
    { subpath: 'aurora', clients: ['application-auto-scaling', 'rds'] },
    { subpath: 'cloudwatch', clients: ['cloudwatch'] },
    { subpath: 'dynamo', clients: ['dynamodb'] },
    { subpath: 'ecs', clients: ['application-auto-scaling', 'ecs'] },
    { subpath: 'ecs-rollout', clients: ['ecs', 'elastic-load-balancing-v2'] },
    { subpath: 'hooks', clients: ['codedeploy'] },
    { subpath: 'kinesis', clients: ['kinesis'] },
    { subpath: 'lambda', clients: ['cloudwatch', 'eventbridge', 'lambda'] },
    { subpath: 'sns', clients: ['sns'] },
    { subpath: 'sqs', clients: ['sqs'] },
  ])('loads only the AWS clients that it works with: $subpath', async ({ subpath, clients }) => {
    const loaded = await runInConsumer(
      `clients-of-${subpath}.cjs`,
      `require('${packageName}/${subpath}');
      const clients = Object.keys(require.cache).map((file) => /client-([a-z0-9-]+)/.exec(file)?.[1]);
      console.log(JSON.stringify([...new Set(clients)].filter(Boolean).sort()));`,
    );

    expect(loaded).toEqual(clients);
  });

  test('depends on the AWS SDK alone', () => {
    const others = Object.keys(manifest.dependencies).filter((name) => !/^@(aws-sdk|smithy)\//.test(name));

    expect(others).toEqual([]);
  });

  test('holds what a user needs, and nothing else', async () => {
    const files = (await run('tar', ['-tzf', tarball], consumer)).trim().split('\n').sort();

    const expected =
      /^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.+\.(js|cjs|d\.ts|d\.cts)|dist\/[a-z-]+-license\.(md|txt))$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
      expect(files).toContain(`package/${file}`);
    }
  });

  test('is clean for publint', async () => {
    await expect(run(localTool('publint'), ['--strict', tarball], consumer)).resolves.toBeDefined();
  });

  test('is clean for attw', async () => {
    await expect(run(localTool('attw'), [tarball], consumer)).resolves.toBeDefined();
  });
});
