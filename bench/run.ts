import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureScale, type ScalePart, scale } from './at-scale.js';
import { measureBundles } from './bundles.js';
import { measureImports } from './imports.js';
import { replaceBetween } from './marks.js';
import { bundleRows, importRows, scaleRows, simulatorRows, swapRows } from './rows.js';
import { measureSimulator } from './simulator.js';
import { root } from './subpaths.js';
import { measureSwap } from './swap-calls.js';
import { type Row, renderTable } from './table.js';

const partNames: Readonly<Record<ScalePart, string>> = {
  alarms: `${scale.alarms} alarms`,
  mappings: `${scale.mappings} event source mappings`,
  rules: `${scale.rules} rules`,
  queues: `${scale.queues} queues`,
  readers: `${scale.readers} readers`,
  everything: 'all of these side by side',
};

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    repetitions: { type: 'string', default: '9' },
  },
});
const repetitions = Number(values.repetitions);
if (!(Number.isInteger(repetitions) && repetitions > 0))
  throw new Error(`--repetitions: expected a whole number above 0, got ${values.repetitions}`);

const document = await measureAll();
console.log(document);
if (values.write) {
  const page = join(root, 'docs/performance.md');
  await writeFile(page, replaceBetween('bench', await readFile(page, 'utf8'), document));
}

async function measureAll(): Promise<string> {
  const parts = Object.keys(partNames) as ScalePart[];
  const rows: Row[] = [
    ...importRows(await measureImports(repetitions)),
    ...bundleRows(await measureBundles()),
    ...swapRows(await measureSwap()),
    ...scaleRows(await Promise.all(parts.map(measureScale)), partNames),
    ...simulatorRows(await measureSimulator(repetitions)),
  ];
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}`;
  return `Measured on ${date}: ${machine}, the fastest of ${repetitions} runs.\n\n${renderTable(rows)}`;
}
