import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { localTool, repositoryFolder, run } from './run.js';

/*
 * Releases into a bare repository on this machine with the configuration of .releaserc, without GitHub. The test creates its own
 * history, because that of a shallow clone depends on the clone.
 */

let folder: string;
let clone: string;
let bare: string;

const git = (...args: string[]) => run('git', args, clone);
const readJson = async <Content = Record<string, unknown>>(path: string): Promise<Content> =>
  JSON.parse(await readFile(path, 'utf8'));

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
}

interface Bill {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly dev?: boolean }>>;
}

async function commit(message: string): Promise<void> {
  await git('commit', '--allow-empty', '-m', message);
  await git('push', 'origin', 'main');
}

/** Releases like the workflow: in a checkout of one commit, without a branch. */
async function release(): Promise<string> {
  await git('checkout', '--quiet', '--detach');
  try {
    return await run('env', [...environment, localTool('semantic-release')], clone);
  } finally {
    await git('fetch', '--quiet', 'origin');
    await git('checkout', '--quiet', 'main');
    await git('reset', '--quiet', '--hard', 'origin/main');
  }
}

/** The environment of a workflow_run on main, on any machine. */
const environment = [
  ...['GITHUB_EVENT_PATH', 'GITHUB_ACTION', 'GITHUB_SHA'].flatMap((name) => ['-u', name]),
  'CI=true',
  'GITHUB_ACTIONS=true',
  'GITHUB_REF=refs/heads/main',
  'GITHUB_EVENT_NAME=workflow_run',
  'GIT_AUTHOR_NAME=release',
  'GIT_AUTHOR_EMAIL=release@localhost',
  'GIT_COMMITTER_NAME=release',
  'GIT_COMMITTER_EMAIL=release@localhost',
];

async function withoutGitHub(path: string): Promise<void> {
  const { plugins, ...rest } = await readJson<{ plugins: (string | [string, unknown])[] }>(path);
  const local = plugins.filter((plugin) => plugin[0] !== '@semantic-release/github');
  await writeFile(path, JSON.stringify({ ...rest, repositoryUrl: pathToFileURL(bare).href, plugins: local }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aws-blue-green-toolkit-release-'));
  clone = join(folder, 'clone');
  bare = join(folder, 'origin.git');
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], folder);
  await run('git', ['clone', '--quiet', bare, clone], folder);
  const published = ['package.json', 'package-lock.json', '.releaserc', 'CHANGELOG.md', 'README.md'];
  const steps = ['scripts/write-sbom.mjs', 'scripts/bundled-packages.json'];
  for (const name of [...published, ...steps, 'LICENSE', 'dist']) {
    await cp(join(repositoryFolder, name), join(clone, name), { recursive: true });
  }
  await symlink(join(repositoryFolder, 'node_modules'), join(clone, 'node_modules'));
  // The package is built already, and the sources are not in this folder.
  await writeFile(join(clone, '.npmrc'), 'ignore-scripts=true\n');
  await writeFile(join(clone, '.gitignore'), 'node_modules\ndist\nrelease\n.npmrc\n');
  await withoutGitHub(join(clone, '.releaserc'));
  await git('config', 'user.name', 'release');
  await git('config', 'user.email', 'release@localhost');
  await git('checkout', '--quiet', '-b', 'main');
  await git('add', '.');
  await commit('feat(sqs): purge the queues of a stack');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a release', () => {
  test('creates a version, a tag, a changelog and a tarball from the commit messages', async () => {
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

  test('lists in its bill of materials exactly the packages that a user runs', async () => {
    const bill = await readJson<Bill>(join(clone, 'release/aws-blue-green-toolkit-1.0.0.cdx.json'));
    const refs = new Set(
      [bill.metadata.component, ...bill.components].map((component) => component['bom-ref']),
    );
    const { packages } = await readJson<Lock>(join(clone, 'package-lock.json'));
    const installed = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
    const versions = installed.map(
      ([path, { version }]) => `${path.replace(/.*node_modules\//, '')}@${version}`,
    );
    const bundled = ['valibot', 'simple-statistics'].map(
      (name) => `${name}@${packages[`node_modules/${name}`]?.version}`,
    );

    expect(bill).toMatchObject({ bomFormat: 'CycloneDX' });
    expect(bill.metadata.component).toMatchObject({ name: 'aws-blue-green-toolkit', version: '1.0.0' });
    expect(bill.components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      [...new Set([...versions, ...bundled])].sort(),
    );
    for (const { ref, dependsOn } of bill.dependencies)
      expect([ref, ...dependsOn].filter((each) => !refs.has(each))).toEqual([]);
  });

  test.each([
    ['fix(sns): a filter policy is kept', '1.0.1', 'Bug Fixes'],
    ['feat(ecs): one canary task before the service changes', '1.1.0', 'Features'],
    ['feat(core)!: Node 22 is needed', '2.0.0', 'BREAKING CHANGES'],
  ])('publishes "%s" as %s', async (message, version, heading) => {
    await commit(message);

    await release();

    expect((await run('git', ['tag', '--list'], bare)).split('\n')).toContain(`v${version}`);
    const changelog = await readFile(join(clone, 'CHANGELOG.md'), 'utf8');
    expect(changelog.indexOf(version)).toBeLessThan(changelog.indexOf('1.0.0'));
    expect(changelog).toContain(heading);
  });

  test('skips a commit that main has moved past', async () => {
    await commit('fix(aurora): wait for the writer');
    const tested = (await git('rev-parse', 'HEAD')).trim();
    await commit('feat(kinesis): a newer commit, not yet tested');
    const before = await run('git', ['tag', '--list'], bare);
    await git('reset', '--quiet', '--hard', tested);

    const output = await release();

    expect(output).toContain("is behind the remote one, therefore a new version won't be published");
    expect(await run('git', ['tag', '--list'], bare)).toBe(before);
    await release();
    expect(await run('git', ['tag', '--list'], bare)).toContain('v2.1.0');
  });

  test('skips commits that change nothing for users', async () => {
    const before = await run('git', ['rev-parse', 'main'], bare);
    await commit('docs: say more about alarms');
    const after = await run('git', ['rev-parse', 'main'], bare);

    expect(await release()).toContain('no new version is released');

    expect(await run('git', ['rev-parse', 'main'], bare)).toBe(after);
    expect(after).not.toBe(before);
  });
});

describe('the tarball', () => {
  test('contains only the files that a user needs', async () => {
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
      'package/docs/api-summary.md',
      'package/llms.txt',
      'package/package.json',
    ]);
  });
});
