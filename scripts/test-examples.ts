import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/*
 * Tests the examples that `npm test` skips: those that are packages of their own, with the current build of this package, and the
 * templates, with cfn-lint. Arguments are passed to vitest, each time with another results file.
 */
const vitestArguments = process.argv.slice(2);

/** A child process failed or was stopped. It has printed the reason itself. */
class ChildFailedError extends Error {
  override readonly name = 'ChildFailedError';
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ChildFailedError)) throw error;
  console.error(`test:examples failed: ${error.message}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  if (process.env['ALREADY_BUILT'] === undefined) await run('npm', ['run', 'build']);
  for (const example of await ownPackages()) {
    const folder = join('examples', example);
    await requireFreshLock(folder);
    await run('npm', ['ci', '--ignore-scripts'], folder);
    await run('npm', ['run', 'types'], folder);
    await run('npm', ['test', '--', ...argumentsFor(example)], folder);
  }
  await run('npx', ['vitest', 'run', '--config', 'vitest.examples.config.ts', ...argumentsFor('templates')]);
}

async function ownPackages(): Promise<string[]> {
  const folders = await readdir('examples');
  return folders.filter((folder) => existsSync(join('examples', folder, 'package.json')));
}

/** Throws when the lock file has other dependencies of this package than package.json, because `npm ci` reads only the lock. */
async function requireFreshLock(folder: string): Promise<void> {
  const { name, dependencies } = await readJson('package.json');
  const { packages } = await readJson(join(folder, 'package-lock.json'));
  if (isDeepStrictEqual(packages[`node_modules/${name}`]?.dependencies, dependencies)) return;
  throw new ChildFailedError(
    `the dependencies of this package differ from ${folder}/package-lock.json: run \`npm update ${name}\` in ${folder}`,
  );
}

// biome-ignore lint/suspicious/noExplicitAny: npm's files have no types
async function readJson(file: string): Promise<any> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Names the results file after the run, so that runs do not overwrite each other's results. */
function argumentsFor(name: string): string[] {
  return vitestArguments.map((it) => it.replace(/^(--outputFile\.json=.+)\.json$/, `$1-${name}.json`));
}

async function run(program: string, args: readonly string[], cwd = '.'): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: 'inherit' });
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (exitCode === 0) return;
  throw new ChildFailedError(`${program} ${args.join(' ')} in ${cwd} ended with ${exitCode ?? signal}`);
}
