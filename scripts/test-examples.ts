import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/*
 * Tests what `npm test` leaves out of the examples: those that are packages of their own, with this package as it is built
 * now, and the templates, with cfn-lint. Arguments go to vitest, each time with another file for the results.
 */
const vitestArguments = process.argv.slice(2);

/** A child that was told to stop, or failed; it has said why itself. */
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
  await run('npm', ['run', 'build']);
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

/** `npm ci` goes by the lock alone, which has a copy of what this package depends on. */
async function requireFreshLock(folder: string): Promise<void> {
  const { name, dependencies } = await readJson('package.json');
  const { packages } = await readJson(join(folder, 'package-lock.json'));
  if (isDeepStrictEqual(packages[`node_modules/${name}`]?.dependencies, dependencies)) return;
  throw new ChildFailedError(
    `the dependencies of this package have changed: run \`npm update ${name}\` in ${folder}`,
  );
}

// biome-ignore lint/suspicious/noExplicitAny: files of npm's
async function readJson(file: string): Promise<any> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** One run must not write over the results of another. */
function argumentsFor(name: string): string[] {
  return vitestArguments.map((it) => it.replace(/^(--outputFile\.json=.+)\.json$/, `$1-${name}.json`));
}

async function run(program: string, args: readonly string[], cwd = '.'): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: 'inherit' });
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (exitCode === 0) return;
  throw new ChildFailedError(`${program} ${args.join(' ')} in ${cwd} ended with ${exitCode ?? signal}`);
}
