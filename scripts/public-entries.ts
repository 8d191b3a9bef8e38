import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The package's subpaths with their entry file in `src`, such as `./sqs` with `src/sqs/index.ts`. */
export type PublicEntries = Readonly<Record<string, string>>;

/** Every folder below `src` that has an index file is a subpath of the package; so is `src` itself. */
export function publicEntries(): PublicEntries {
  const entries = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === 'index.ts' && dirname(file) !== '.')
    .map((file) => [`./${dirname(file)}`, `src/${file}`] as const)
    .sort(([one], [other]) => one.localeCompare(other));
  return Object.fromEntries([['.', 'src/index.ts'], ...entries]);
}

/** What package.json has to export for these entries. */
export function exportsFor(entries: PublicEntries): Record<string, unknown> {
  const targets = Object.entries(entries).map(([subpath, file]) => {
    const base = file.replace(/^src/, './dist').replace(/\.ts$/, '');
    return [
      subpath,
      {
        import: { types: `${base}.d.ts`, default: `${base}.js` },
        require: { types: `${base}.d.cts`, default: `${base}.cjs` },
      },
    ];
  });
  return { ...Object.fromEntries(targets), './package.json': './package.json' };
}

/**
 * Compares package.json's exports with the entry files.
 *
 * @throws when a subpath has no entry file, an entry file has no subpath, or a target is not what the build makes.
 */
export function requireExportsMatch(entries: PublicEntries): void {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  const wanted = exportsFor(entries);
  const subpaths = [...new Set([...Object.keys(wanted), ...Object.keys(manifest.exports)])];
  const different = subpaths.filter(
    (subpath) => !isDeepStrictEqual(wanted[subpath], manifest.exports[subpath]),
  );
  if (different.length === 0) return;
  const problems = different.map(
    (subpath) =>
      `${subpath}: the files in src ask for ${JSON.stringify(wanted[subpath])}, ` +
      `package.json exports ${JSON.stringify(manifest.exports[subpath])}`,
  );
  throw new Error(`The exports of package.json and the entry files differ.\n${problems.join('\n')}`);
}
