import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { builtSubpaths, root, type Subpath } from './subpaths.js';

/** Time in which Node loads a subpath, and the bare clients of that subpath. */
export interface ImportCost {
  readonly subpath: string;
  readonly packages: readonly string[];
  /** Time for the clients, then for the files of this package. */
  readonly milliseconds: number;
  /** Undefined when the subpath loads no package to compare with. */
  readonly bareMilliseconds: number | undefined;
  readonly ratio: number | undefined;
  /** Time for the files of this package alone. */
  readonly ownMilliseconds: number;
}

/** Imports of a program with a swap. Its switch loads the clients of the deployment on first use. */
const swapSubpaths = ['./swap', './swap/dynamo', './aurora', './sns', './sqs'];

/** Prints the time for each file. */
const script = `
for (const file of process.argv.slice(1)) {
  const startedAt = performance.now();
  await import(file);
  console.log(performance.now() - startedAt);
}
`;

/**
 * Loads each subpath in fresh processes, each time after its bare clients in the same process: the two times of one process differ
 * less from one run to the next than those of two.
 */
export async function measureImports(repetitions: number): Promise<ImportCost[]> {
  const costs: ImportCost[] = [];
  const subpaths = await builtSubpaths();
  for (const subpath of subpaths) costs.push(await measure(subpath, repetitions));
  costs.push(await measureSwapImport(subpaths, repetitions));
  return costs;
}

/** Loads a swap with its record and three tools as {@link measureImports} loads a subpath. */
export async function measureSwapImport(
  subpaths: readonly Subpath[],
  repetitions: number,
): Promise<ImportCost> {
  const used = subpaths.filter(({ name }) => swapSubpaths.includes(name));
  const packages = [...new Set(used.flatMap((it) => it.packages))].sort();
  const file = await writeImports(
    'swap-program',
    used.map((it) => pathToFileURL(it.file).href),
  );
  return measure({ name: swapSubpaths.join(', '), file, packages }, repetitions);
}

async function measure({ name, file, packages }: Subpath, repetitions: number): Promise<ImportCost> {
  const files = packages.length > 0 ? [await writeImports(name, packages), file] : [file];
  // The first process only warms the file cache.
  await load(files);
  const runs: number[][] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) runs.push(await load(files));
  // A busy machine only adds to a time, so the minimum is the best estimate.
  const [ownMilliseconds = 0, bareMilliseconds] = files
    .map((_, index) => Math.min(...runs.map((times) => times[index] ?? Number.NaN)))
    .reverse();
  const milliseconds = (bareMilliseconds ?? 0) + ownMilliseconds;
  const ratio = bareMilliseconds === undefined ? undefined : milliseconds / bareMilliseconds;
  return { subpath: name, packages, milliseconds, bareMilliseconds, ratio, ownMilliseconds };
}

async function writeImports(name: string, modules: readonly string[]): Promise<string> {
  const folder = join(root, 'node_modules/.cache/bench');
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, modules.map((it) => `import '${it}';\n`).join(''));
  return file;
}

async function load(files: readonly string[]): Promise<number[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script, ...files.map((file) => pathToFileURL(file).href)],
    { cwd: root },
  );
  return stdout.trim().split('\n').map(Number);
}
