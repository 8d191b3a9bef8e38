import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replaceBetween } from '../marks.js';
import { root } from '../subpaths.js';
import { renderCells } from '../table.js';
import { before } from './before.js';
import { cellsOf, figuresOf, fleetColumns } from './figures.js';
import { simulateFleet } from './simulate.js';

/** Simulates fleets of canaries in one account: `npm run bench:fleet`, with `-- --write` for the page. */
const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    shifts: { type: 'string', default: '10,100,1000' },
    share: { type: 'string', default: '1' },
    start: { type: 'string', default: '1' },
    interval: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
const [rateShare, secondsPerStart, seed] = [Number(values.share), Number(values.start), Number(values.seed)];
const intervalSeconds = Number(values.interval);
if (!(intervalSeconds >= 1))
  throw new Error(`--interval: expected seconds between two checks, got ${values.interval}`);
const sizes = values.shifts.split(',').map(Number);
if (!sizes.every((size) => Number.isInteger(size) && size > 0))
  throw new Error(`--shifts: expected whole numbers above 0, got ${values.shifts}`);
if (!(secondsPerStart >= 0))
  throw new Error(`--start: expected seconds between two starts, got ${values.start}`);
if (!(rateShare > 0 && rateShare <= 1))
  throw new Error(`--share: expected a share above 0, at most 1, got ${values.share}`);

const rows: string[][] = before
  .filter(
    (it) => sizes.includes(it.shifts) && it.rateShare === rateShare && it.secondsPerStart === secondsPerStart,
  )
  .map((it) => cellsOf('before, checks every 60 s', it));
const begin = Date.now();
for (const shifts of sizes) {
  const result = await simulateFleet({
    shifts,
    rateShare,
    seed,
    settings: { maxAttempts: 3, policy: { intervalSeconds } },
    startWithinSeconds: shifts * secondsPerStart,
    onProgress: (seconds, ended) => {
      const isShown = seconds % 300 === 0;
      if (isShown) console.error(`${shifts} shifts: ${ended} ended after ${seconds} s of virtual time`);
    },
  });
  rows.push(
    cellsOf(
      `now, checks every ${intervalSeconds} s`,
      figuresOf(result, { shifts, rateShare, secondsPerStart }),
    ),
  );
}
const table = renderCells(
  fleetColumns,
  rows.toSorted(([one = ''], [other = '']) => sizeOf(one) - sizeOf(other)),
);
console.log(table);
console.error(`${Math.round((Date.now() - begin) / 1000)} s`);
if (values.write) {
  const page = join(root, 'docs/performance.md');
  await writeFile(page, replaceBetween('bench:fleet', await readFile(page, 'utf8'), table));
}

function sizeOf(cell: string): number {
  return Number.parseInt(cell.replaceAll(',', ''), 10);
}
