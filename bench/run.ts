import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureScale, type ScalePart, scale } from './at-scale.js';
import { measureBundles } from './bundles.js';
import { measureImports } from './imports.js';
import { bundleRows, importRows, scaleRows, simulatorRows, swapRows } from './rows.js';
import { measureSimulator } from './simulator.js';
import { root } from './subpaths.js';
import { measureSwap } from './swap-calls.js';
import { type Row, renderTable } from './table.js';

const marks = { begin: '<!-- bench: begin -->', end: '<!-- bench: end -->' } as const;

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
if (values.write) await writeInto(join(root, 'docs/performance.md'), document);

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

/** Replaces the table between the marks of a page. */
async function writeInto(file: string, text: string): Promise<void> {
  const before = await readFile(file, 'utf8');
  const [begin, end] = [before.indexOf(marks.begin), before.indexOf(marks.end)];
  if (begin === -1 || end === -1)
    throw new Error(`${file}: expected the marks ${marks.begin} and ${marks.end}`);
  await writeFile(file, `${before.slice(0, begin + marks.begin.length)}\n\n${text}\n\n${before.slice(end)}`);
}
