import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type DeclaredSubpath, declaredSubpaths } from './declared-surface.js';
import { manifest, packageName, specifiers } from './manifest.js';
import { repositoryFolder, run } from './run.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed tarball. */
    tarball: string;
    /** A folder outside the repository whose only dependency is the tarball. */
    consumer: string;
    /** The same in pnpm's layout: this folder cannot import the dependencies of our package. */
    strictConsumer: string;
    /** Declarations of each subpath. */
    subpaths: readonly DeclaredSubpath[];
  }
}

/** Builds and packs the package, and installs it in an empty folder, as a user does. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'aws-blue-green-toolkit-'));
  const consumer = join(folder, 'consumer');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    if (process.env['ALREADY_BUILT'] === undefined) await run('npm', ['run', 'build'], repositoryFolder);
    const tarball = await pack(folder);
    await mkdir(consumer);
    await writeFile(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], consumer);
    await linkPeers(join(consumer, 'node_modules'));
    project.provide('tarball', tarball);
    project.provide('consumer', consumer);
    project.provide('subpaths', declaredSubpaths(consumer, specifiers));
    project.provide('strictConsumer', await linkAsPnpmDoes(consumer, join(folder, 'strict-consumer')));
  } catch (error) {
    await remove();
    throw error;
  }
  return remove;
}

async function linkAsPnpmDoes(consumer: string, folder: string): Promise<string> {
  const installed = join(consumer, 'node_modules');
  const modules = join(folder, 'node_modules');
  const store = join(modules, '.pnpm', packageName, 'node_modules');
  await mkdir(store, { recursive: true });
  await cp(join(installed, packageName), join(store, packageName), { recursive: true });
  for (const scope of ['@aws-sdk', '@smithy']) await symlink(join(installed, scope), join(store, scope));
  await symlink(join(store, packageName), join(modules, packageName));
  await linkPeers(modules);
  await linkPeers(store);
  return folder;
}

/** Links the optional peers of this repository, because their installation takes long. */
async function linkPeers(modules: string): Promise<void> {
  for (const peer of Object.keys(manifest.peerDependencies))
    await symlink(join(repositoryFolder, 'node_modules', peer), join(modules, peer));
}

async function pack(folder: string): Promise<string> {
  const output = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    repositoryFolder,
  );
  const response: unknown = JSON.parse(output);
  // npm prints a list, or an object by package name, depending on its version.
  const [packed] = Object.values(response as Record<string, { filename: string }>);
  if (packed === undefined) throw new Error(`npm pack: expected the file name of the tarball, got ${output}`);
  return join(folder, packed.filename);
}
