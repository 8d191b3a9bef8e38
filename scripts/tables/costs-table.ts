import type { Costs } from './cost-meter.js';
import { alignedTable } from './markdown-table.js';
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

/** Measures every run. Returns the table of docs/guides/costs.md. */
export async function costsTable(): Promise<string> {
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
