import { runSwap, type SwapDocument } from '../../examples/whole-stack-swap/swap.js';
import { escaped, round, svgOf } from './svg.js';

type Step = SwapDocument['steps'][number];

const rowHeight = 26;
const top = 92;
const labels = 438;
const chart = { left: labels + 12, right: 930 };
const width = 960;

/** Names that fit the width of the labels, by the number of the step. */
const shortNames: Readonly<Record<number, string>> = {
  2: "Its readers are scaled to the active cluster's size",
  3: 'Database and queues are emptied, the schema is created',
  4: 'Subscriptions of the replacement are enabled',
  5: 'Queue reader, stream consumer, alarms are switched on',
  10: "The active cluster's minimum of readers is reset",
  12: 'Old queue reader, consumer and alarms are switched off',
  13: 'Old database is stopped, its session table is deleted',
};

/** Groups of the steps by their runner, with the class of their bars. */
const runners: readonly { readonly by: string; readonly title: string; readonly style: string }[] = [
  { by: 'hook', title: 'your hooks', style: 'hook' },
  { by: 'CodeDeploy', title: 'CodeDeploy', style: 'aws' },
  { by: 'deploymentEnded', title: 'after the deployment', style: 'tick' },
];

/** Draws the swap of a whole stack over time, from a run of the demo. */
export async function swapPicture(): Promise<string> {
  const { steps } = await runSwap({ scenario: 'swap' });
  const begin = Math.min(...steps.map(({ startedAt }) => Date.parse(startedAt)));
  const end = Math.max(...steps.map(({ endedAt }) => Date.parse(endedAt)));
  const xOf = (time: string) =>
    chart.left + ((Date.parse(time) - begin) / (end - begin)) * (chart.right - chart.left);
  const bottom = top + steps.length * rowHeight;
  const minutes = Math.round((end - begin) / 60_000);
  const title = `The swap of a whole stack: ${steps.length} steps in ${minutes} minutes`;
  return svgOf({
    title,
    description: steps.map(({ number, name, by }) => `${number}. ${name} (${by})`).join('; '),
    width,
    height: bottom + 34,
    content: [
      ...legend(),
      ...axis(begin, end, bottom),
      ...users(steps, xOf),
      ...steps.map((step, row) => bar(step, row, xOf)),
    ],
  });
}

function legend(): string[] {
  return runners.map(({ title, style }, index) => {
    const x = chart.left + index * 130;
    return `<rect class="${style}" x="${x}" y="14" width="12" height="12" rx="2"/><text class="faint" x="${x + 17}" y="24">${title}</text>`;
  });
}

function axis(begin: number, end: number, bottom: number): string[] {
  const marks = Array.from({ length: Math.floor((end - begin) / 600_000) + 1 }, (_, index) => index * 10);
  return marks.map((minutes) => {
    const x = round(chart.left + ((minutes * 60_000) / (end - begin)) * (chart.right - chart.left));
    return `<path class="grid" d="M${x} ${top - 8}V${bottom + 4}"/><text class="faint middle" x="${x}" y="${bottom + 20}">${minutes} min</text>`;
  });
}

/** Draws the traffic of the users above the steps: of the old stack, then of the new one. */
function users(steps: readonly Step[], xOf: (time: string) => number): string[] {
  const shift = steps.find(({ number }) => number === 9);
  if (shift === undefined) return [];
  const [from, to] = [round(xOf(shift.startedAt)), round(xOf(shift.endedAt))];
  const [y, height] = [44, 22];
  return [
    `<text class="right" x="${labels}" y="${y + 16}">Traffic of the users</text>`,
    `<path class="blue" d="M${chart.left} ${y}H${from}L${to} ${y + height}H${chart.left}Z"/>`,
    `<path class="green" d="M${from} ${y}H${chart.right}V${y + height}H${to}Z"/>`,
    `<text x="${chart.left + 8}" y="${y + 16}">blue</text>`,
    `<text class="right" x="${chart.right - 8}" y="${y + 16}">green</text>`,
  ];
}

function bar(
  { number, name, by, startedAt, endedAt }: Step,
  row: number,
  xOf: (time: string) => number,
): string {
  const y = top + row * rowHeight;
  const x = round(xOf(startedAt));
  const length = Math.max(3, round(xOf(endedAt) - xOf(startedAt)));
  const style = runners.find((runner) => by.includes(runner.by))?.style ?? 'aws';
  const wait = number === 4 ? propagation(x + length, y, xOf, endedAt) : '';
  return `${wait}<text class="right" x="${labels}" y="${y + 16}">${escaped(shortNames[number] ?? name)}</text><rect class="${style}" x="${x}" y="${y + 4}" width="${length}" height="16" rx="3"/>`;
}

/** Draws the time until SNS has applied a subscription everywhere, for which the later hooks wait. */
function propagation(x: number, y: number, xOf: (time: string) => number, from: string): string {
  const minutes = 15;
  const end = round(xOf(new Date(Date.parse(from) + minutes * 60_000).toISOString()));
  return `<rect class="wait" x="${x}" y="${y + 4}" width="${round(end - x)}" height="16" rx="3"/><text class="faint" x="${x + 6}" y="${y + 16}">in effect ${minutes} min later</text>`;
}
