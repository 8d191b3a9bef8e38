import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replaceBetween } from '../marks.js';
import { root } from '../subpaths.js';
import { otherBars, type RunSize } from './bars.js';
import { countInChildren } from './count-in-children.js';
import { furtherWorlds } from './doubts.js';
import { falseStopTable, renderBars, renderOthers } from './tables.js';
import { worlds } from './worlds.js';

/** Simulates how often checks stop a healthy release, and how soon a bad one: `npm run bench:judge`, with `-- --write` for the page. */
const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    shifts: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const shifts = Number(values.shifts);
if (!(Number.isInteger(shifts) && shifts > 0))
  throw new Error(`--shifts: expected a whole number above 0, got ${values.shifts}`);

const size: RunSize = {
  shifts,
  looks: [60, 600],
  lateShifts: Math.min(shifts, 4000),
  repetitions: Math.min(shifts, 300),
  seed: Number(values.seed),
};
const begin = Date.now();
const counting = countInChildren([...worlds, ...furtherWorlds], size, availableParallelism());
const [bars, others] = [otherBars(size), renderOthers(size)];
const countOf = await counting;
const tables = [
  ['False stops, in percent of the shifts, at α = 1 % / 5 %', falseStopTable(worlds, size, countOf)],
  ['Bars of late data and of the times', renderBars(bars)],
  ['False stops in further worlds, in percent', falseStopTable(furtherWorlds, size, countOf)],
  ...others,
]
  .map(([title, table]) => `### ${title}\n\n${table}`)
  .join('\n\n');
const document = `Simulated on ${new Date().toISOString().slice(0, 10)} with seed ${size.seed}: ${shifts} healthy shifts for each cell of judgeRegression, ${size.lateShifts} with late data, 300 for the others; ${size.repetitions} bad ones, 1,000 of the README.\n\n${tables}`;
console.log(document);
console.error(`${Math.round((Date.now() - begin) / 1000)} s`);
if (values.write) {
  const page = join(root, 'docs/performance.md');
  await writeFile(page, replaceBetween('bench:judge', await readFile(page, 'utf8'), document));
}
