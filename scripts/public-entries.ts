import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Subpaths of the package with their entry files in `src`, such as `./sqs` with `src/sqs/index.ts`. */
export type PublicEntries = Readonly<Record<string, string>>;

/** Lists the subpaths: every folder below `src` that has an index file, and `src` itself. */
export function publicEntries(): PublicEntries {
  const entries = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === 'index.ts' && dirname(file) !== '.')
    .map((file) => [`./${dirname(file)}`, `src/${file}`] as const)
    .sort(([one], [other]) => one.localeCompare(other));
  return Object.fromEntries([['.', 'src/index.ts'], ...entries]);
}

/** Computes the fields of package.json that point to the built files of these entries. */
export function manifestFieldsFor(entries: PublicEntries): Record<string, unknown> {
  const rootBase = builtBase(entries['.'] ?? '');
  return {
    // For tools without `exports`: TypeScript's node10 resolution reads these three.
    main: `${rootBase}.cjs`,
    types: `${rootBase}.d.cts`,
    typesVersions: { '*': declarationsBySubpath(entries) },
    exports: exportsFor(entries),
  };
}

function exportsFor(entries: PublicEntries): Record<string, unknown> {
  const targets = Object.entries(entries).map(([subpath, file]) => {
    const base = builtBase(file);
    return [
      subpath,
      {
        import: { types: `${base}.d.ts`, default: `${base}.js` },
        // Under bundler resolution, TypeScript 6 resolves `require` for a CommonJS module, but names types as in an ES module. It finds
        // the declarations of `require` only under this condition.
        types: `${base}.d.cts`,
        require: { types: `${base}.d.cts`, default: `${base}.cjs` },
      },
    ];
  });
  return { ...Object.fromEntries(targets), './package.json': './package.json' };
}

function declarationsBySubpath(entries: PublicEntries): Record<string, [string]> {
  const subpaths = Object.entries(entries).filter(([subpath]) => subpath !== '.');
  return Object.fromEntries(
    subpaths.map(([subpath, file]) => [subpath.replace('./', ''), [`${builtBase(file)}.d.cts`]]),
  );
}

/** Returns the path of the built entry file without its extension: `./dist/sqs/index`. */
export function builtBase(file: string): string {
  return file.replace(/^src/, './dist').replace(/\.ts$/, '');
}

/**
 * Compares package.json with the entry files.
 *
 * @throws Error when `main`, `types`, `typesVersions` or `exports` does not match the files that the build writes.
 */
export function requireManifestMatches(entries: PublicEntries): void {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  const problems = Object.entries(manifestFieldsFor(entries)).flatMap(([field, expected]) =>
    differences(field, expected, manifest[field]),
  );
  if (problems.length > 0)
    throw new Error(
      `package.json does not match the entry files in src.\n${problems.join('\n')}\nCorrect package.json.`,
    );
}

function differences(path: string, expected: unknown, actual: unknown): string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  if (!isObject(expected) || !isObject(actual))
    return [`${path}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`];
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return keys.flatMap((key) => differences(`${path}[${JSON.stringify(key)}]`, expected[key], actual[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
