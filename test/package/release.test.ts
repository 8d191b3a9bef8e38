import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { localTool, repositoryFolder, run } from './run.js';

/*
 * Real releases into a bare repository on this machine: what .releaserc.json says, but npm and GitHub are left out. The
 * history is the test's own, because that of a shallow clone depends on who has cloned.
 */

let folder: string;
let clone: string;
let bare: string;

const git = (...args: string[]) => run('git', args, clone);
const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;

async function commit(message: string): Promise<void> {
  await git('commit', '--allow-empty', '-m', message);
  await git('push', 'origin', 'main');
}

async function release(): Promise<string> {
  return run('env', [...environment, localTool('semantic-release'), '--no-ci'], clone);
}

/** What a machine that builds for others sets would make semantic-release ask for that machine's service. */
const environment = [
  ...['CI', 'GITHUB_ACTIONS', 'GITHUB_REF', 'GITHUB_EVENT_NAME'].flatMap((name) => ['-u', name]),
  'GIT_AUTHOR_NAME=release',
  'GIT_AUTHOR_EMAIL=release@localhost',
  'GIT_COMMITTER_NAME=release',
  'GIT_COMMITTER_EMAIL=release@localhost',
];

async function withoutServices(path: string): Promise<void> {
  const { plugins, ...rest } = (await readJson(path)) as { plugins: (string | [string, unknown])[] };
  const local = plugins
    .filter((plugin) => plugin !== '@semantic-release/github')
    .map((plugin) =>
      plugin === '@semantic-release/npm' ? [plugin, { npmPublish: false, tarballDir: 'release' }] : plugin,
    );
  await writeFile(path, JSON.stringify({ ...rest, repositoryUrl: pathToFileURL(bare).href, plugins: local }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aws-blue-green-toolkit-release-'));
  clone = join(folder, 'clone');
  bare = join(folder, 'origin.git');
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], folder);
  await run('git', ['clone', '--quiet', bare, clone], folder);
  const published = ['package.json', 'package-lock.json', '.releaserc.json', 'CHANGELOG.md', 'README.md'];
  for (const name of [...published, 'LICENSE', 'dist']) {
    await cp(join(repositoryFolder, name), join(clone, name), { recursive: true });
  }
  await symlink(join(repositoryFolder, 'node_modules'), join(clone, 'node_modules'));
  // The build has been made already, from the sources that are not here.
  await writeFile(join(clone, '.npmrc'), 'ignore-scripts=true\n');
  await writeFile(join(clone, '.gitignore'), 'node_modules\ndist\nrelease\n.npmrc\n');
  await withoutServices(join(clone, '.releaserc.json'));
  await git('config', 'user.name', 'release');
  await git('config', 'user.email', 'release@localhost');
  await git('checkout', '--quiet', '-b', 'main');
  await git('add', '.');
  await commit('feat(sqs): purge the queues of a stack');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a release', () => {
  test('has a version, a tag, a changelog and a tarball, made from the commit messages', async () => {
    await release();

    expect((await git('tag', '--list')).trim()).toBe('v1.0.0');
    expect(await readJson(join(clone, 'package.json'))).toMatchObject({ version: '1.0.0' });
    expect(await readJson(join(clone, 'package-lock.json'))).toMatchObject({ version: '1.0.0' });
    const changelog = await readFile(join(clone, 'CHANGELOG.md'), 'utf8');
    expect(changelog).toMatch(/^# Changelog\n/);
    expect(changelog).toContain('1.0.0');
    expect(changelog).toContain('**sqs:** purge the queues of a stack');
    expect(await run('git', ['log', '-1', '--format=%s', 'main'], bare)).toContain('chore(release): 1.0.0');
    const packed = await run('tar', ['-tzf', 'release/aws-blue-green-toolkit-1.0.0.tgz'], clone);
    expect(packed).toContain('package/dist/index.js');
  });

  test.each([
    ['fix(sns): a filter policy is kept', '1.0.1', 'Bug Fixes'],
    ['feat(ecs): one canary task before the service changes', '1.1.0', 'Features'],
    ['feat(core)!: Node 22 is needed', '2.0.0', 'BREAKING CHANGES'],
  ])('of "%s" is %s', async (message, version, heading) => {
    await commit(message);

    await release();

    expect((await run('git', ['tag', '--list'], bare)).split('\n')).toContain(`v${version}`);
    const changelog = await readFile(join(clone, 'CHANGELOG.md'), 'utf8');
    expect(changelog.indexOf(version)).toBeLessThan(changelog.indexOf('1.0.0'));
    expect(changelog).toContain(heading);
  });

  test('is not made of what changes nothing for users', async () => {
    const before = await run('git', ['rev-parse', 'main'], bare);
    await commit('docs: say more about alarms');
    const after = await run('git', ['rev-parse', 'main'], bare);

    expect(await release()).toContain('no new version is released');

    expect(await run('git', ['rev-parse', 'main'], bare)).toBe(after);
    expect(after).not.toBe(before);
  });
});

describe('the tarball', () => {
  test('holds only what a user needs', async () => {
    const files = (await run('tar', ['-tzf', inject('tarball')], folder)).trim().split('\n');

    const kinds = new Set(
      files.map((file) => file.replace(/^package\/dist\/.*?(\.d\.c?ts|\.c?js)$/, 'dist *$1')),
    );
    expect([...kinds].sort()).toEqual([
      'dist *.cjs',
      'dist *.d.cts',
      'dist *.d.ts',
      'dist *.js',
      'package/CHANGELOG.md',
      'package/LICENSE',
      'package/README.md',
      'package/dist/simple-statistics-license.txt',
      'package/dist/valibot-license.md',
      'package/package.json',
    ]);
  });
});
