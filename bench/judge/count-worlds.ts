import { furtherWorlds } from './doubts.js';
import { countFalseStops } from './false-stops.js';
import { regression } from './judges.js';
import { worlds } from './worlds.js';

/** Healthy shifts of one world. */
export interface CountTask {
  readonly name: string;
  readonly looks: number;
  readonly shifts: number;
  readonly seed: number;
}

/** A child process of `run.ts`: counts the false stops of the tasks in its argument. */
const tasks = JSON.parse(process.argv[2] ?? '[]') as CountTask[];
const counts = tasks.map((task) => {
  const world = [...worlds, ...furtherWorlds].find(({ name }) => name === task.name);
  if (world === undefined) throw new Error(`Unknown world ${task.name}`);
  console.error(`world ${task.name}, ${task.looks} looks`);
  return [`${task.name} ${task.looks}`, countFalseStops(world, regression(), task)];
});
console.log(JSON.stringify(counts));
