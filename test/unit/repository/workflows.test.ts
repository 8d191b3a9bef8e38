import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = '.github/workflows';
const files = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  return { name, text, workflow: parse(text) as Workflow };
});
const allJobs = files.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).map(([job, definition]) => ({ at: `${name}: ${job}`, ...definition })),
);
const release = files.find(({ name }) => name === 'release.yml')?.workflow as Workflow;

/** An action at a full commit, with its version beside it. */
const pinned = /^\s*(?:- )?uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

const expression = (text: string) => `\${{ ${text} }}`;

const checkouts = (job: Job) => job.steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));

describe('the workflows', () => {
  test.each(files)(
    'pin every action of $name to a commit, with its version beside it',
    ({ text, workflow }) => {
      const lines = text.split('\n').filter((line) => /\buses:/.test(line));
      const uses = Object.values(workflow.jobs).flatMap(({ steps }) =>
        steps.flatMap(({ uses }) => uses ?? []),
      );

      expect(lines.filter((line) => !pinned.test(line))).toEqual([]);
      expect(lines).toHaveLength(uses.length);
    },
  );

  test('use each action at one commit only', () => {
    const uses = files.flatMap(({ text }) => text.match(/uses: .+$/gm) ?? []);
    const actions = new Set(uses.map((line) => line.replace(/@.+/, '')));

    expect(new Set(uses.map((line) => line.trim())).size).toBe(actions.size);
  });

  test.each(files)('give $name no permission that a job does not ask for', ({ workflow }) => {
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs)) expect(job.permissions).toBeDefined();
  });

  test('let no job but the release write anything', () => {
    const writing = allJobs.filter(({ permissions = {} }) => Object.values(permissions).includes('write'));

    expect(writing.map(({ at }) => at)).toEqual(['release.yml: build', 'release.yml: publish']);
  });

  test('keep no credentials in a checkout', () => {
    for (const job of allJobs)
      for (const step of checkouts(job)) expect(step.with?.['persist-credentials'], job.at).toBe(false);
  });

  test('run no install script of a dependency', () => {
    const commands = allJobs.flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    const installs = [...commands, readFileSync('.ci/run', 'utf8')].flatMap(
      (command) => command.match(/^npm (?:ci|install).*/gm) ?? [],
    );

    expect(installs.length).toBeGreaterThan(0);
    expect(installs.filter((command) => !command.includes('--ignore-scripts'))).toEqual([]);
  });

  test('never run with the rights of the repository on the code of a pull request', () => {
    expect(files.filter(({ workflow }) => 'pull_request_target' in workflow.on)).toEqual([]);
  });

  test('hold no npm token', () => {
    for (const { text } of files) expect(text).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN|_authToken/);
  });
});

describe('the release workflow', () => {
  const { build, publish } = release.jobs as { build: Job; publish: Job };

  test('has two jobs, and only the one that publishes can ask for an identity', () => {
    expect(Object.keys(release.jobs)).toEqual(['build', 'publish']);
    expect(allJobs.filter(({ permissions = {} }) => 'id-token' in permissions).map(({ at }) => at)).toEqual([
      'release.yml: publish',
    ]);
    expect(publish.permissions).toEqual({ 'id-token': 'write' });
  });

  test('starts after CI has passed for a push to main', () => {
    expect(release.on).toEqual({
      workflow_run: { workflows: ['CI'], types: ['completed'], branches: ['main'] },
    });
    expect(build.if).toContain("github.event.workflow_run.conclusion == 'success'");
    expect(build.if).toContain("github.event.workflow_run.event == 'push'");
  });

  test('checks out the commit that CI has tested, and skips it when main has moved on', () => {
    expect(checkouts(build).map((step) => step.with?.['ref'])).toEqual([
      expression('github.event.workflow_run.head_sha'),
    ]);
    expect(build.if).toContain('github.event.workflow_run.head_sha == github.sha');
  });

  test('publishes the tarball that the build has uploaded, and runs nothing else', () => {
    const uploaded = build.steps.find(({ uses = '' }) => uses.startsWith('actions/upload-artifact@'));
    const downloaded = publish.steps.find(({ uses = '' }) => uses.startsWith('actions/download-artifact@'));

    expect(publish.needs).toBe('build');
    expect(checkouts(publish)).toEqual([]);
    expect(downloaded?.with?.['name']).toBe(uploaded?.with?.['name']);
    expect(publish.steps.flatMap(({ run }) => run ?? [])).toEqual([
      'npm publish ./release/*.tgz --access public --provenance --ignore-scripts',
    ]);
  });

  test('gives the token of the repository to semantic-release alone', () => {
    const withSecrets = [...build.steps, ...publish.steps].filter((step) =>
      JSON.stringify(step).includes('secrets.'),
    );

    expect(withSecrets).toEqual([
      { run: 'npx semantic-release', env: { GITHUB_TOKEN: expression('secrets.GITHUB_TOKEN') } },
    ]);
  });

  test('has a configuration that packs without publishing and attaches the bill of materials', () => {
    const { plugins } = parse(readFileSync('.releaserc', 'utf8')) as { plugins: unknown[] };

    expect(plugins).toContainEqual(['@semantic-release/npm', { npmPublish: false, tarballDir: 'release' }]);
    expect(plugins).toContainEqual(['@semantic-release/github', { assets: ['release/*'] }]);
    expect(plugins).toContain('./scripts/write-sbom.mjs');
  });
});
