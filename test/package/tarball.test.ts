import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { cdkSpecifier, manifest, packageName, specifiers } from './manifest.js';
import { localTool, run } from './run.js';

const tarball = inject('tarball');
const consumer = inject('consumer');

/** Runs a program in the consumer's folder, and parses the JSON document that it prints. */
async function runInConsumer(fileName: string, program: string): Promise<unknown> {
  await writeFile(join(consumer, fileName), program);
  return JSON.parse(await run(process.execPath, ['--no-warnings', fileName], consumer));
}

/** Prints for each subpath the number of its values, and the names of those that differ from the root's. */
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

/** Subpaths whose names the root does not export. */
const apart = [
  'cdk',
  'gates',
  'scheduler',
  'report',
  'telemetry',
  'testing',
  'swap/dynamo',
  'traffic/api-gateway',
  'traffic/application-signals',
  'traffic/global-accelerator',
  'traffic/prometheus',
  'traffic/route-53',
  'traffic/step-functions',
];

const everySubpathMatchesRoot = Object.fromEntries(
  specifiers.map((specifier) => {
    // The root has neither the simulator nor the classes that would bring a further client with them.
    const isApart = apart.some((it) => specifier === `${packageName}/${it}`);
    const foreign = isApart ? expect.any(Array) : [];
    return [specifier, { exported: expect.toSatisfy((n) => n > 0), foreign }];
  }),
);

describe('the installed tarball', () => {
  test('exports every subpath to import, with the classes of the root', async () => {
    const report = await runInConsumer(
      'every-subpath.mjs',
      `const specifiers = ${JSON.stringify(specifiers)};
      const root = await import('${packageName}');
      const loaded = specifiers.map(async (specifier) => [specifier, await import(specifier)]);
      const subpaths = Object.fromEntries(await Promise.all(loaded));
      ${compareWithRoot}`,
    );

    expect(report).toEqual(everySubpathMatchesRoot);
  });

  test('exports every subpath to require, with the classes of the root', async () => {
    const report = await runInConsumer(
      'every-subpath.cjs',
      `const specifiers = ${JSON.stringify(specifiers)};
      const root = require('${packageName}');
      const subpaths = Object.fromEntries(specifiers.map((specifier) => [specifier, require(specifier)]));
      ${compareWithRoot}`,
    );

    expect(report).toEqual(everySubpathMatchesRoot);
  });

  test('exports its manifest', async () => {
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
        plainError: esm.ToolkitError.isInstance(new Error('not of the toolkit')),
      }));`,
    );

    expect(report).toEqual({ sameClass: false, esmKnowsCjs: true, cjsKnowsEsm: true, plainError: false });
  });

  test.each([
    { subpath: 'core', clients: [] },
    { subpath: 'cdk', clients: [] },
    { subpath: 'aurora', clients: ['application-auto-scaling', 'rds'] },
    { subpath: 'cloudwatch', clients: ['cloudwatch'] },
    { subpath: 'dynamo', clients: ['dynamodb'] },
    { subpath: 'ecs', clients: ['application-auto-scaling', 'ecs'] },
    { subpath: 'ecs-deployments', clients: ['ecs'] },
    { subpath: 'ecs-rollout', clients: ['ecs', 'elastic-load-balancing-v2'] },
    { subpath: 'gates', clients: [] },
    { subpath: 'hooks', clients: ['codedeploy'] },
    { subpath: 'kinesis', clients: ['kinesis'] },
    { subpath: 'lambda', clients: ['cloudwatch', 'eventbridge', 'lambda'] },
    { subpath: 'scheduler', clients: ['scheduler'] },
    { subpath: 'report', clients: [] },
    { subpath: 'telemetry', clients: [] },
    { subpath: 'sns', clients: ['sns'] },
    { subpath: 'sqs', clients: ['sqs'] },
    { subpath: 'swap/dynamo', clients: ['dynamodb'] },
    { subpath: 'traffic/api-gateway', clients: ['api-gateway'] },
    {
      subpath: 'traffic',
      clients: ['app-mesh', 'cloudwatch', 'elastic-load-balancing-v2', 'lambda', 'vpc-lattice'],
    },
    { subpath: 'traffic/global-accelerator', clients: ['global-accelerator'] },
    { subpath: 'traffic/route-53', clients: ['route-53'] },
    { subpath: 'traffic/step-functions', clients: ['sfn'] },
    { subpath: 'traffic/application-signals', clients: ['application-signals'] },
    { subpath: 'traffic/prometheus', clients: [] },
  ])('loads only its own AWS clients: $subpath', async ({ subpath, clients }) => {
    const loaded = await runInConsumer(
      `clients-of-${subpath.replaceAll('/', '-')}.cjs`,
      `require('${packageName}/${subpath}');
      const clients = Object.keys(require.cache).map((file) => /@aws-sdk.client-([a-z0-9-]+)/.exec(file)?.[1]);
      console.log(JSON.stringify([...new Set(clients)].filter(Boolean).sort()));`,
    );

    expect(loaded).toEqual(clients);
  });

  test('loads the CDK in no subpath but ./cdk', async () => {
    const others = specifiers.filter((specifier) => specifier !== cdkSpecifier);
    const report = await runInConsumer(
      'optional-peers.cjs',
      `const isCdk = (file) => /[\\\\/](aws-cdk-lib|constructs)[\\\\/]/.test(file);
      const loaded = () => Object.keys(require.cache).filter(isCdk).length > 0;
      const before = ${JSON.stringify(others)}.map((specifier) => require(specifier)) && loaded();
      require('${cdkSpecifier}');
      console.log(JSON.stringify({ before, after: loaded() }));`,
    );

    expect(report).toEqual({ before: false, after: true });
    expect(manifest.peerDependenciesMeta).toEqual({
      'aws-cdk-lib': { optional: true },
      constructs: { optional: true },
    });
  });

  test('depends only on the AWS SDK', () => {
    const others = Object.keys(manifest.dependencies).filter((name) => !/^@(aws-sdk|smithy)\//.test(name));

    expect(others).toEqual([]);
  });

  test('contains the files that a user needs, and no others', async () => {
    const files = (await run('tar', ['-tzf', tarball], consumer)).trim().split('\n').sort();

    const expected =
      /^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|llms\.txt|docs\/api-summary\.md|dist\/.+\.(js|cjs|d\.ts|d\.cts)|dist\/[a-z-]+-license\.(md|txt))$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    for (const file of [
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'llms.txt',
      'docs/api-summary.md',
    ]) {
      expect(files).toContain(`package/${file}`);
    }
  });

  test('passes publint', async () => {
    await expect(run(localTool('publint'), ['--strict', tarball], consumer)).resolves.toBeDefined();
  });

  test('passes attw', async () => {
    await expect(run(localTool('attw'), [tarball], consumer)).resolves.toBeDefined();
  });
});
