import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generatorsIn } from '../support/generators.js';
import { copyOfRepository, repositoryFiles } from '../support/repository-copy.js';

const skeletons = [
  ['target', 'my-target'],
  ['check', 'my-check'],
  ['strategy', 'my-strategy'],
  ['method', 'sqs', 'countMessages'],
  ['operation', 'sqs', 'ListQueues'],
] as const;

const repository = copyOfRepository(repositoryFiles());

beforeAll(async () => {
  for (const [generator, ...answers] of skeletons) {
    const generators = await generatorsIn(repository.root);
    expect((await generators.run(generator, answers)).failures).toEqual([]);
  }
});

afterAll(() => repository.remove());

/** Runs a tool of the repository in the copy. */
function run(bin: string, ...args: string[]) {
  const file = join(repository.root, 'node_modules', bin);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: repository.root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    env: { ...process.env, NO_COLOR: '1', VITEST: undefined },
  });
  return { status, output: `${stdout}${stderr}` };
}

function expectSuccess(bin: string, ...args: string[]) {
  const { status, output } = run(bin, ...args);
  expect(status, output).toBe(0);
}

const runTests = (...args: string[]) =>
  run('vitest/vitest.mjs', 'run', '--typecheck.enabled=false', '--reporter=verbose', ...args);

test('compiles the skeletons of `npm run new`', { timeout: 600_000 }, () => {
  expectSuccess('typescript/bin/tsc', '--noEmit', '-p', '.');
});

test('finds no fault of style and nothing unused in the skeletons', { timeout: 600_000 }, () => {
  expectSuccess('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.');
  expectSuccess('knip/bin/knip.js');
});

test('passes the tests of exports, options and links with the skeletons', { timeout: 600_000 }, () => {
  const { status, output } = runTests(
    'test/unit/index.test.ts',
    'test/unit/iam',
    'test/unit/docs/links.test.ts',
    'test/unit/traffic/targets/options.test.ts',
    'test/unit/traffic/checks/options.test.ts',
  );

  expect(status, output).toBe(0);
  expect(output).toMatch(/Tests +\d+ passed/);
});

test.each([
  ['test/contract/traffic-targets.test.ts', 'MyTarget.readWeights is not written: read the resource'],
  ['test/contract/traffic-targets.test.ts', 'test/contract/my-target.ts is not written: create the resource'],
  ['test/simulation/permissions.test.ts', 'myCheck is not written: measure from weightsSince on'],
  ['test/simulation/fault-matrix.test.ts', 'the scenario of SqsTools.countMessages is not written: create'],
  ['test/unit/traffic/strategies.test.ts', 'myStrategy is not written: return parseStrategy'],
  ['test/unit/repository/skeletons.test.ts', 'src/testing/services/sqs/simulated-sqs.ts'],
])('fails %s with the work to do: %s', { timeout: 600_000 }, (file, message) => {
  const { status, output } = runTests(file, '-t', 'MyTarget|my|countMessages|skeleton');

  expect(status).toBe(1);
  expect(output).toContain(message);
});
