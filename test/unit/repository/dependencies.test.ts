import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface LockedPackage {
  readonly integrity?: string;
  readonly resolved?: string;
  /** A link to a folder of this repository. */
  readonly link?: boolean;
  /** Comes in the tarball of the package above it, whose integrity covers it. */
  readonly inBundle?: boolean;
}

interface Update {
  readonly 'package-ecosystem': string;
  readonly directory: string;
  readonly groups?: Readonly<Record<string, { readonly patterns?: readonly string[] }>>;
}

const examples = readdirSync('examples')
  .map((name) => `examples/${name}`)
  .filter((folder) => existsSync(join(folder, 'package.json')));
const folders = ['.', ...examples];

describe.each(folders)('the lock of %s', (folder) => {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>;
  };

  test('has the integrity of everything that comes from a registry', () => {
    const fromRegistry = Object.entries(packages).filter(
      ([path, { link, inBundle, resolved = '' }]) =>
        path !== '' && !link && !inBundle && !resolved.startsWith('file:'),
    );

    expect(fromRegistry.length).toBeGreaterThan(0);
    expect(
      fromRegistry.filter(([, { integrity = '' }]) => !/^sha512-/.test(integrity)).map(([path]) => path),
    ).toEqual([]);
  });

  test('takes nothing from a repository or an address', () => {
    const addresses = Object.values(packages).flatMap(({ resolved }) => resolved ?? []);

    expect(addresses.filter((address) => /^(?:git|http:)/.test(address))).toEqual([]);
  });
});

describe('Dependabot', () => {
  const { updates } = parse(readFileSync('.github/dependabot.yml', 'utf8')) as { updates: readonly Update[] };
  const of = (ecosystem: string) => updates.filter((update) => update['package-ecosystem'] === ecosystem);

  test('updates every folder that has a package of its own', () => {
    expect(of('npm').map(({ directory }) => directory)).toEqual(folders.map((folder) => join('/', folder)));
  });

  test('groups the AWS SDK, the development tools and the actions', () => {
    const [root] = of('npm');
    const [actions] = of('github-actions');

    expect(root?.groups).toMatchObject({
      'aws-sdk': { patterns: ['@aws-sdk/*', '@smithy/*'] },
      development: {},
    });
    expect(actions?.groups).toEqual({ actions: { patterns: ['*'] } });
  });
});
