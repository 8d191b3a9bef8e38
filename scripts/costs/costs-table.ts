import type { Costs } from './cost-meter.js';
import { shiftInDurableFunction, shiftInProcess, shiftInStateMachine } from './shift-costs.js';
import { swapWithCodeDeploy, swapWithEcs } from './swap-costs.js';

const fifteenMinutes = { holdSeconds: 900 };
const sixHours = { holdSeconds: 21_600 };

/** Measured runs, in the order of the table. */
const runs: readonly (readonly [string, () => Promise<Costs>])[] = [
  ['canary of 15 minutes, in a process of yours', () => shiftInProcess(fifteenMinutes)],
  ['the same, rolled back', () => shiftInProcess({ ...fifteenMinutes, greenIsBad: true })],
  ['the same canary, in Step Functions', () => shiftInStateMachine(fifteenMinutes)],
  ['the same canary, in a durable function', () => shiftInDurableFunction(fifteenMinutes)],
  ['canary of 6 hours, in Step Functions', () => shiftInStateMachine(sixHours)],
  ['canary of 6 hours, in a durable function', () => shiftInDurableFunction(sixHours)],
  ['swap with the hooks of CodeDeploy', () => swapWithCodeDeploy()],
  ["swap with ECS's own deployments", () => swapWithEcs()],
  ['a day of the schedule, without a swap', () => swapWithCodeDeploy({ deploys: false })],
];

const columns: readonly (readonly [string, (costs: Costs) => number])[] = [
  ['minutes', ({ seconds }) => seconds / 60],
  ['invocations', ({ invocations }) => invocations],
  ['Lambda seconds', ({ lambdaSeconds }) => lambdaSeconds],
  ['transitions', ({ transitions }) => transitions],
  ['durable operations', ({ durableOperations }) => durableOperations],
  ['metrics', ({ metrics }) => metrics],
  ['read units', ({ readUnits }) => readUnits],
  ['write units', ({ writeUnits }) => writeUnits],
  ['other calls', ({ otherCalls }) => otherCalls],
];

const [begin, end] = ['<!-- table: npm run docs:costs -->', '<!-- end of table -->'];

/** Measures every run, and replaces the table of the page. */
export async function withCostsTable(page: string): Promise<string> {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`No table to replace: expected the lines ${begin} and ${end}`);
  return `${before}${begin}\n\n${await costsTable()}\n\n${end}${after}`;
}

async function costsTable(): Promise<string> {
  const rows = [['run', ...columns.map(([title]) => title)]];
  for (const [name, measure] of runs) {
    const costs = await measure();
    rows.push([name, ...columns.map(([, read]) => numberText(read(costs)))]);
  }
  return alignedTable(rows);
}

function numberText(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Pads the cells as the formatter of the repository does. */
function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: (text: string, width: number, column: number) => string) =>
    `| ${cells.map((text, column) => fill(text, widths[column] ?? 0, column)).join(' | ')} |`;
  const cell = (text: string, width: number, column: number) =>
    column === 0 ? text.padEnd(width) : text.padStart(width);
  const rule = (_: string, width: number, column: number) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`;
  const [titles = [], ...body] = rows;
  return [line(titles, cell), line(titles, rule), ...body.map((row) => line(row, cell))].join('\n');
}
