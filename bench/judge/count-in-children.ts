import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunSize } from './bars.js';
import type { CountTask } from './count-worlds.js';
import type { FalseStops } from './false-stops.js';
import type { World } from './worlds.js';

const program = fileURLToPath(new URL('count-worlds.ts', import.meta.url));

/** Counts the false stops of every world in child processes, while this one is busy with other tables. */
export async function countInChildren(
  list: readonly World[],
  { shifts, looks, seed }: RunSize,
  children: number,
): Promise<(world: World, looks: number) => FalseStops> {
  const tasks = list.flatMap(({ name }) => looks.map((it): CountTask => ({ name, looks: it, shifts, seed })));
  const parts = Array.from({ length: children }, (_, child) =>
    tasks.filter((_task, index) => index % children === child),
  );
  const results = await Promise.all(parts.map(runChild));
  const stops = new Map(results.flat());
  return (world, of) => {
    const found = stops.get(`${world.name} ${of}`);
    if (found === undefined) throw new Error(`No counts of world ${world.name} with ${of} looks`);
    return found;
  };
}

async function runChild(tasks: readonly CountTask[]): Promise<[string, FalseStops][]> {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [...process.execArgv, program, JSON.stringify(tasks)]);
  return JSON.parse(stdout) as [string, FalseStops][];
}
