import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { sourceText } from '../../support/files-in.js';
import { root } from '../../support/guide-programs.js';

const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

/** Rows of Node's table: the version, and whether it is supported. */
const rows = [...textOf('docs/support.md').matchAll(/^\| (\d+) +\| (yes|no) +\|/gm)].map(
  ([, version, isSupported]) => ({ version: Number(version), isSupported: isSupported === 'yes' }),
);
const supported = rows.filter(({ isSupported }) => isSupported).map(({ version }) => version);

describe('docs/support.md', () => {
  const { jobs } = parse(textOf('.github/workflows/ci.yml'));

  test('supports the versions of Node that CI tests', () => {
    expect(supported.length).toBeGreaterThan(1);
    expect(jobs.node.strategy.matrix['node-version']).toEqual(supported);
  });

  test('supports the versions of Node from that of the manifest on', () => {
    const { engines } = JSON.parse(textOf('package.json'));

    expect(engines.node).toBe(`>=${Math.min(...supported)}`);
  });

  test.each([
    ['CI runs .ci/run', () => jobs.checks.steps.map((step: { with?: object }) => step.with)],
    ['the devcontainer', () => textOf('.devcontainer/Dockerfile')],
    ['the build', () => textOf('tsdown.config.ts')],
  ])('supports the oldest version of Node, with which %s', (_what, read) => {
    const oldest = Math.min(...supported);

    expect(JSON.stringify(read())).toMatch(
      new RegExp(`"node-version":${oldest}\\b|node:${oldest}-|node${oldest}'`),
    );
  });

  test('names the versions of TypeScript that are tested', () => {
    const { devDependencies } = JSON.parse(textOf('package.json'));
    const [, named = ''] = /TypeScript ([\d.]+ and [\d.]+)/.exec(textOf('docs/support.md')) ?? [];

    expect(named.split(' and ')).toEqual(
      [devDependencies['typescript-5.9'].replace('npm:typescript@', ''), devDependencies.typescript].map(
        (version: string) => version.replace(/\.\d+$/, ''),
      ),
    );
  });
});

describe('the devcontainer', () => {
  const { build, postCreateCommand } = JSON.parse(textOf('.devcontainer/devcontainer.json'));

  test('has an image with Node and Python, and installs the packages without their scripts', () => {
    const image = textOf(`.devcontainer/${build.dockerfile}`);

    expect(image).toMatch(/^FROM node:\d+-/m);
    expect(image).toContain('python3');
    expect(postCreateCommand).toBe('npm ci --ignore-scripts');
  });
});

describe('docs/threat-model.md', () => {
  const page = textOf('docs/threat-model.md');

  test('names only methods, options and fields that the code has', () => {
    const names = [...page.matchAll(/`([A-Za-z]+(?:\.[a-z][A-Za-z]+)?)`/g)]
      .map(([, name = '']) => name)
      // Actions of IAM that another row spells out, and a metric of Step Functions.
      .filter(
        (name) => !/^(UpdateItem|DeleteTable|RemoveTags|ExecutionsAborted|https|true|false)$/.test(name),
      );
    const code = sourceText();

    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !code.includes(name.replace(/^.*\./, '')))).toEqual([]);
  });

  test('covers the hooks, the record, the custom resource, and the state of both engines', () => {
    for (const heading of [
      "The hook's role",
      "The record's table",
      'The custom resource',
      'The state in Step Functions',
    ])
      expect(page).toContain(`\n## ${heading}`);
  });
});
