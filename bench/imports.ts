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
}

const script = `
const startedAt = performance.now();
await import(process.argv[1]);
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
  const own: number[] = [];
  const bare: number[] = [];
  for (let repetition = -1; repetition < repetitions; repetition += 1) {
    const pair = [await load(file), bareFile === undefined ? undefined : await load(bareFile)] as const;
    // The first pair only warms the file cache.
    if (repetition === -1) continue;
    own.push(pair[0]);
    if (pair[1] !== undefined) bare.push(pair[1]);
  }
  // A busy machine only adds to a time, so the minimum is the best estimate.
  const milliseconds = Math.min(...own);
  const bareMilliseconds = bareFile === undefined ? undefined : Math.min(...bare);
  const ratio = bareMilliseconds === undefined ? undefined : milliseconds / bareMilliseconds;
  return { subpath: name, packages, milliseconds, bareMilliseconds, ratio };
}

async function writeBareImports(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(root, 'node_modules/.cache/bench');
  const file = join(folder, `${name.replaceAll(/[./]+/g, '-')}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, packages.map((it) => `import '${it}';\n`).join(''));
  return file;
}

async function load(file: string): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script, pathToFileURL(file).href],
    { cwd: root },
  );
  return Number(stdout);
}
