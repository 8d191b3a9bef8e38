import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from './run.js';

/** Fields of package.json that the tests read. */
interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export const manifest = JSON.parse(readFileSync(join(repositoryFolder, 'package.json'), 'utf8')) as Manifest;

export const packageName = manifest.name;

/** Import specifiers of all subpaths with code, such as `aws-blue-green-toolkit/sqs`. */
export const specifiers = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => `${packageName}${subpath.slice(1)}`);

/** The subpath that needs the optional peers. */
export const cdkSpecifier = `${packageName}/cdk`;
