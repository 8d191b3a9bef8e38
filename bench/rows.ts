import type { ScaleCost } from './at-scale.js';
import type { BundleCost, BundleSize } from './bundles.js';
import type { ImportCost } from './imports.js';
import { totalCalls } from './scale-minimum.js';
import type { SimulatorSpeed } from './simulator.js';
import type { StepCost, SwapCost } from './swap-calls.js';
import type { Row } from './table.js';

/** Maximum ratios. */
const goals = { import: 1.05, bundle: 1.03, rootBundle: 1.01, calls: 1.1, wall: 1.25 } as const;

/** Formats the rows of cold imports. */
export function importRows(costs: readonly ImportCost[]): Row[] {
  return costs.map(({ subpath, packages, milliseconds, bareMilliseconds, ratio, ownMilliseconds }) => {
    const clients = packages.filter((name) => name.startsWith('@aws-sdk/')).length;
    return {
      what: `import \`${subpath}\``,
      measured: `${milliseconds.toFixed(0)} ms`,
      comparedWith:
        bareMilliseconds === undefined
          ? 'it loads no package'
          : `${bareMilliseconds.toFixed(0)} ms: ${plural(clients, 'bare client')}`,
      ratio,
      goal: ratio === undefined ? undefined : goals.import,
      difference: `${ownMilliseconds.toFixed(1)} ms: files of this package`,
    };
  });
}

/** Formats the rows of bundle sizes. */
export function bundleRows(costs: readonly BundleCost[]): Row[] {
  return costs.flatMap(({ tool, alone, hook, hookOfModules, rootBytes, parts, hookParts }) => [
    { ...sizeRow(`bundle of ${tool}`, alone), difference: listParts(parts) },
    {
      ...sizeRow(`bundle of a hook with ${tool}`, hook),
      difference: `the same, and ${listParts(hookParts)}`,
    },
    {
      what: 'that hook, imported from the root',
      measured: kilobytes(rootBytes),
      comparedWith: `${kilobytes(hook.bytes)} by subpath`,
      ratio: rootBytes / hook.bytes,
      goal: goals.rootBundle,
    },
    sizeRow('that hook, of ES modules', hookOfModules),
  ]);
}

function listParts(parts: ReadonlyMap<string, number>): string {
  return [...parts].map(([name, bytes]) => `${name} ${kilobytes(bytes)}`).join(', ');
}

function sizeRow(what: string, { bytes, bareBytes }: BundleSize): Row {
  return {
    what,
    measured: kilobytes(bytes),
    comparedWith: `${kilobytes(bareBytes)}: bare clients and commands`,
    ratio: bytes / bareBytes,
    goal: goals.bundle,
  };
}

/** Formats the rows of the swap's calls and round trips. */
export function swapRows({ steps, record, recordWrites, deployment, total }: SwapCost): Row[] {
  const rows = steps.map(({ number, name, counted, expected }) =>
    callsRow(
      `step ${number}: ${name}`,
      { calls: counted.actions.length, roundTrips: counted.roundTrips, polls: counted.polls },
      { calls: callsOf(expected), roundTrips: expected.roundTrips },
    ),
  );
  const sum = (count: (step: StepCost) => number) => steps.reduce((all, step) => all + count(step), 0);
  const whole = callsRow(
    'the whole swap',
    {
      calls: sum(({ counted }) => counted.actions.length),
      roundTrips: sum(({ counted }) => counted.roundTrips),
      polls: sum(({ counted }) => counted.polls),
    },
    {
      calls: sum(({ expected }) => callsOf(expected)),
      roundTrips: sum(({ expected }) => expected.roundTrips),
    },
  );
  return [
    ...rows,
    whole,
    {
      what: 'its writes of the record for the steps of the plan',
      measured: `${sum((step) => step.recordWrites)} writes for ${sum(({ planSteps }) => planSteps)} steps, ${recordWrites} in all`,
      comparedWith: `${2 * sum(({ planSteps }) => planSteps)}: a claim and a result each`,
      ratio: sum((step) => step.recordWrites) / (2 * sum(({ planSteps }) => planSteps)),
      goal: 1,
    },
    {
      what: 'its record, deployment and traffic, read at each wake',
      measured: `${record} calls of the record, ${deployment} about the deployment`,
      comparedWith: `${total} calls in all`,
      ratio: undefined,
      goal: undefined,
    },
  ];
}

function callsOf({ calls, verification }: StepCost['expected']): number {
  return calls.length + verification.length;
}

function callsRow(
  what: string,
  counted: { calls: number; roundTrips: number; polls: number },
  minimum: { calls: number; roundTrips: number },
): Row {
  const polls = counted.polls === 0 ? '' : `, and ${plural(counted.polls, 'poll')}`;
  return {
    what,
    measured: `${plural(counted.calls, 'call')} in ${plural(counted.roundTrips, 'round trip')}${polls}`,
    comparedWith: `${plural(minimum.calls, 'call')} in ${plural(minimum.roundTrips, 'round trip')}`,
    ratio: counted.calls / minimum.calls,
    goal: goals.calls,
  };
}

/** Formats the rows of calls and virtual time at scale. */
export function scaleRows(costs: readonly ScaleCost[], names: Readonly<Record<string, string>>): Row[] {
  return costs.map(({ part, calls, throttled, wallSeconds, minimum, criticalPathSeconds }) => ({
    what: `switch ${names[part] ?? part}`,
    measured: `${wallSeconds.toFixed(2)} s, ${calls} calls and ${throttled} throttled`,
    comparedWith: `${criticalPathSeconds.toFixed(2)} s, ${totalCalls(minimum)} calls`,
    ratio: wallSeconds / criticalPathSeconds,
    goal: goals.wall,
  }));
}

/** Formats the row of the simulator's speed. */
export function simulatorRows({ virtualHoursPerSecond, callsPerSwap }: SimulatorSpeed): Row[] {
  return [
    {
      what: 'SimulatedCloud, the whole swap',
      measured: `${virtualHoursPerSecond.toFixed(1)} virtual hours per second`,
      comparedWith: `${callsPerSwap} calls and a message every 5 s`,
      ratio: undefined,
      goal: undefined,
    },
  ];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
