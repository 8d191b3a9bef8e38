import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replaceBetween } from '../marks.js';
import { root } from '../subpaths.js';
import type { RunSize } from './bars.js';
import { renderAll } from './tables.js';

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
  lateShifts: shifts,
  repetitions: Math.min(shifts, 1000),
  seed: Number(values.seed),
};
const begin = Date.now();
const tables = renderAll(size);
const document = `Simulated on ${new Date().toISOString().slice(0, 10)} with seed ${size.seed}: ${shifts} healthy shifts for each cell of judgeRegression, 1,000 for the others, ${size.repetitions} bad ones.\n\n${tables}`;
console.log(document);
console.error(`${Math.round((Date.now() - begin) / 1000)} s`);
if (values.write) {
  const page = join(root, 'docs/performance.md');
  await writeFile(page, replaceBetween('bench:judge', await readFile(page, 'utf8'), document));
}
