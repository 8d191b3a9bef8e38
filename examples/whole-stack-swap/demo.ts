import type { SwapEvent } from 'aws-blue-green-toolkit/swap';
import { type ReportOptions, writeReport } from '../write-report.js';
import type { Scenario } from './scenarios.js';
import { stepNames } from './step-names.js';
import { runSwap, type SwapDocument } from './swap.js';
import { liveView, plainView } from './views.js';
import type { StackState } from './world.js';

/** Runs a scenario, prints it, and writes the report to the given file. */
export async function demonstrateSwap({
  scenario,
  ...options
}: ReportOptions & { readonly scenario: Scenario }): Promise<void> {
  const events: SwapEvent[] = [];
  const onEvent = (event: SwapEvent) => events.push(event);
  const document = options.json ? await runSwap({ scenario, onEvent }) : await show(scenario, onEvent);
  if (options.json) console.log(JSON.stringify(document, undefined, 2));
  const { messages, cloud } = document;
  await writeReport(options, () => ({
    facts: {
      'Messages published': messages.published,
      'Messages lost': messages.lost,
      'AWS calls': cloud.calls,
    },
    swap: { history: events },
  }));
}

async function show(scenario: Scenario, onEvent: (event: SwapEvent) => void): Promise<SwapDocument> {
  console.log(`Swapping a whole stack in a simulated AWS (scenario: ${scenario})\n`);
  const view = process.stdout.isTTY ? liveView(stepNames) : plainView;
  const document = await runSwap({ scenario, listener: view, onEvent });
  await view.close();
  printOutcome(document);
  return document;
}

function printOutcome({ outcome, activeStack, messages, cloud, preview }: SwapDocument): void {
  if (preview !== undefined) {
    console.log([preview.table, '', ...preview.times].join('\n'));
    console.log(`\nFrom ${preview.live} to ${preview.incoming}: nothing was changed`);
    console.log(`IAM policy: ${JSON.stringify(preview.policy, undefined, 2)}`);
    return;
  }
  console.log('\nState before and after:');
  printStates({
    'blue before': cloud.before.blue,
    'blue after': cloud.after.blue,
    'green before': cloud.before.green,
    'green after': cloud.after.green,
  });
  const { published, consumedByActive, lost } = messages;
  const idle = activeStack === 'green' ? 'blue' : 'green';
  if (cloud.after[idle].messagesWaiting > 0) {
    console.log(`\nMessages are waiting in ${idle}: SNS may apply the old filter policy for 15 minutes.`);
    console.log('The next deployment purges them before it reads anything (step 3).');
  }
  console.log(`\nOutcome: ${outcome}; the active stack is ${activeStack}`);
  console.log(`Messages: ${published} published, ${consumedByActive} read by the active stack, ${lost} lost`);
  console.log(
    `AWS calls of the swap: ${cloud.calls}; virtual time: ${Math.round(cloud.virtualSeconds / 60)} minutes`,
  );
}

function printStates(states: Readonly<Record<string, StackState>>): void {
  const rows = Object.entries(states);
  const fields = Object.keys(rows[0]?.[1] ?? {}) as (keyof StackState)[];
  const cells = [
    ['', ...rows.map(([title]) => title)],
    ...fields.map((field) => [field, ...rows.map(([, state]) => String(state[field]))]),
  ];
  const widths = rows
    .concat(rows.slice(0, 1))
    .map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  for (const row of cells)
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
}
