import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { publicEntries } from '../scripts/public-entries.js';

/** Root folder of the package. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** A subpath of the built package. */
export interface Subpath {
  /** Name as in package.json: `./sqs`. */
  readonly name: string;
  /** Absolute path of its ES module. */
  readonly file: string;
  /** Packages that Node loads with it, without dynamic imports. */
  readonly packages: readonly string[];
}

/** Lists every subpath in `dist`, with the packages that it loads. */
export async function builtSubpaths(): Promise<Subpath[]> {
  const entries = Object.entries(publicEntries()).map(([name, source]) => {
    const file = join(root, source.replace(/^src/, 'dist').replace(/\.ts$/, '.js'));
    return { name, file };
  });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map(({ file }) => file),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    // Node runs every imported module, also one without side effects.
    ignoreAnnotations: true,
    write: false,
    outdir: 'unused',
    metafile: true,
  });
  return entries.map(({ name, file }) => ({
    name,
    file,
    packages: [...loadedBy(relative(root, file), metafile)].sort(),
  }));
}

function loadedBy(entry: string, { inputs }: Metafile): Set<string> {
  const packages = new Set<string>();
  const modules = new Set<string>();
  const visit = (module: string): void => {
    if (modules.has(module)) return;
    modules.add(module);
    for (const { path, kind, external } of inputs[module]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (!external) visit(path);
      else if (!isBuiltin(path)) packages.add(path);
    }
  };
  visit(entry);
  return packages;
}

/** Returns the built file of a subpath. */
export function subpathFile(name: string): string {
  return resolve(root, 'dist', name, 'index.js');
}

/** Returns the source of a subpath. */
export function sourceFile(name: string): string {
  return resolve(root, 'src', name, 'index.ts');
}
