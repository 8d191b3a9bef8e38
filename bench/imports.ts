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
  readonly milliseconds: number;
  /** Undefined when the subpath loads no package to compare with. */
  readonly bareMilliseconds: number | undefined;
  readonly ratio: number | undefined;
  /** Time for the files of this package alone, when the clients are loaded already. */
  readonly ownMilliseconds: number;
}

/** Prints the time for the last file, after the files before it are loaded. */
const script = `
const files = process.argv.slice(1);
const last = files.pop();
for (const file of files) await import(file);
const startedAt = performance.now();
await import(last);
console.log(performance.now() - startedAt);
`;

/** Loads each subpath in fresh processes, alternating with the bare clients, so that a busy machine slows both alike. */
export async function measureImports(repetitions: number): Promise<ImportCost[]> {
  const costs: ImportCost[] = [];
  for (const subpath of await builtSubpaths()) costs.push(await measure(subpath, repetitions));
  return costs;
}

async function measure({ name, file, packages }: Subpath, repetitions: number): Promise<ImportCost> {
  const bareFile = packages.length > 0 ? await writeBareImports(name, packages) : undefined;
  const whole: number[] = [];
  const bare: number[] = [];
  const own: number[] = [];
  for (let repetition = -1; repetition < repetitions; repetition += 1) {
    const times = [
      await load(file),
      bareFile && (await load(bareFile)),
      bareFile && (await load(bareFile, file)),
    ];
    // The first round only warms the file cache.
    if (repetition === -1) continue;
    for (const [index, list] of [whole, bare, own].entries()) {
      const time = times[index];
      if (typeof time === 'number') list.push(time);
    }
  }
  // A busy machine only adds to a time, so the minimum is the best estimate.
  const milliseconds = Math.min(...whole);
  if (bareFile === undefined)
    return {
      subpath: name,
      packages,
      milliseconds,
      bareMilliseconds: undefined,
      ratio: undefined,
      ownMilliseconds: milliseconds,
    };
  const bareMilliseconds = Math.min(...bare);
  return {
    subpath: name,
    packages,
    milliseconds,
    bareMilliseconds,
    ratio: milliseconds / bareMilliseconds,
    ownMilliseconds: Math.min(...own),
  };
}

async function writeBareImports(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(root, 'node_modules/.cache/bench');
  const file = join(folder, `${name.replaceAll(/[./]+/g, '-')}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, packages.map((it) => `import '${it}';\n`).join(''));
  return file;
}

async function load(...files: string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script, ...files.map((file) => pathToFileURL(file).href)],
    { cwd: root },
  );
  return Number(stdout);
}
