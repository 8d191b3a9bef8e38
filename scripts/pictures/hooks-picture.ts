import { runSwap, type SwapDocument } from '../../examples/whole-stack-swap/swap.js';
import { escaped, svgOf } from './svg.js';

const width = 960;
const rowHeight = 24;
const [nameRight, barLeft, top] = [176, 190, 44];

/** Lifecycle events in their order, with the event of CodeDeploy that contains each step of its own. */
const events = [
  { name: 'BeforeInstall', by: 'hook' },
  { name: 'Install', by: 'CodeDeploy', steps: [6] },
  { name: 'AfterInstall', by: 'hook', note: 'waits until the changes are in effect: 15 minutes for SNS' },
  { name: 'AllowTestTraffic', by: 'CodeDeploy', steps: [7] },
  { name: 'AfterAllowTestTraffic', by: 'hook' },
  { name: 'BeforeAllowTraffic', by: 'hook', note: 'verifies that everything that was prepared still holds' },
  { name: 'AllowTraffic', by: 'CodeDeploy', steps: [9] },
  { name: 'AfterAllowTraffic', by: 'hook', note: 'verifies that the new stack has all the traffic' },
  { name: 'TerminateOriginal', by: 'CodeDeploy', steps: [15], note: 'after the termination wait' },
  { name: 'deploymentEnded', by: 'tick' },
] as const;

type Step = SwapDocument['steps'][number];

/** Draws the fifteen steps under the lifecycle events that run them, from a run of the demo. */
export async function hooksPicture(): Promise<string> {
  const { steps } = await runSwap({ scenario: 'swap' });
  const groups = events.map((event) => ({ ...event, lines: linesOf(event, steps) }));
  const drawn = groups.flatMap(({ lines }) => lines.filter((line) => /^\d/.test(line)));
  if (drawn.length !== steps.length)
    throw new Error(`${drawn.length} of ${steps.length} steps have a lifecycle event in the picture`);
  let y = top;
  const content = groups.flatMap((group) => {
    const drawing = drawGroup(group, y);
    y += group.lines.length * rowHeight + 10;
    return drawing;
  });
  return svgOf({
    title: 'The steps of a swap, by lifecycle event',
    description: groups.map(({ name, lines }) => `${name}: ${lines.join(', ')}`).join('; '),
    width,
    height: y + 6,
    content: [...legend(), ...content],
  });
}

function linesOf(
  event: {
    readonly name: string;
    readonly by: string;
    readonly steps?: readonly number[];
    readonly note?: string;
  },
  steps: readonly Step[],
): string[] {
  const own = steps.filter(({ number, by }) =>
    event.steps === undefined ? by.split(' ')[0] === event.name : event.steps.includes(number),
  );
  const lines = own.map(({ number, name }) => `${number}. ${name}`);
  return event.note === undefined ? lines : [...lines, event.note];
}

function drawGroup(
  { name, by, lines }: { readonly name: string; readonly by: string; readonly lines: readonly string[] },
  y: number,
): string[] {
  const style = by === 'CodeDeploy' ? 'aws' : by;
  return [
    `<text class="right strong" x="${nameRight}" y="${y + 16}">${name}</text>`,
    `<rect class="${style}" x="${barLeft - 6}" y="${y}" width="5" height="${lines.length * rowHeight}" rx="2"/>`,
    ...lines.map((line, index) => {
      const isStep = /^\d/.test(line);
      return `<text${isStep ? '' : ' class="faint"'} x="${barLeft + 8}" y="${y + index * rowHeight + 16}">${escaped(line)}</text>`;
    }),
  ];
}

function legend(): string[] {
  const kinds = [
    ['hook', 'your hook'],
    ['aws', 'CodeDeploy itself'],
    ['tick', 'after the deployment'],
  ] as const;
  return kinds.map(([style, title], index) => {
    const x = 470 + index * 160;
    return `<rect class="${style}" x="${x}" y="14" width="12" height="12" rx="2"/><text class="faint" x="${x + 17}" y="24">${title}</text>`;
  });
}
