import { setTimeout as realTime } from 'node:timers/promises';
import type { ReportInput } from 'aws-blue-green-toolkit/report';
import { type ReportOptions, withTime, writeReport } from '../write-report.js';
import { type RolloutDocument, type RolloutScenario, runRollout } from './run.js';
import { liveView, plainView, type RolloutCommand } from './views.js';

/** Real milliseconds of a tick of the live view, so that changes are visible. */
const tickMilliseconds = 40;

const headings: Readonly<Record<RolloutCommand, string>> = {
  up: 'rollout.ts up deploy        (IMAGE=…/shop/web:1)',
  rollout: 'rollout.ts rollout deploy   (IMAGE=…/shop/web:2)',
};

/** Runs a scenario, shows it, and writes the report to the given file. */
export async function demonstrateRollout({
  scenario,
  ...options
}: ReportOptions & { readonly scenario: RolloutScenario }): Promise<void> {
  const document = options.json ? await runRollout({ scenario }) : await show(scenario);
  if (options.json) console.log(JSON.stringify(document, undefined, 2));
  await writeReport(options, () => reportOf(document));
}

async function show(scenario: RolloutScenario): Promise<RolloutDocument> {
  console.log(`Creating and rolling a service in a simulated ECS (scenario: ${scenario})`);
  const isLive = process.stdout.isTTY;
  const document = await runRollout({
    scenario,
    viewOf: (command) => {
      console.log(`\n$ ${headings[command]}`);
      return isLive ? liveView(command) : plainView();
    },
    ...(isLive && { onTick: () => realTime(tickMilliseconds) }),
  });
  printOutcome(document);
  return document;
}

function reportOf({ commands, service, failedTasks }: RolloutDocument): ReportInput {
  const history = commands.at(-1)?.events ?? [];
  return {
    facts: {
      'Fewest tasks of the service': `${service.fewestTasksRunning} of ${service.desiredCount}`,
      'Failed canaries': failedTasks.canaries,
    },
    rollout: { history: history.map((event) => withTime(event)) },
  };
}

function printOutcome({ outcome, reason, service, failedTasks, leftovers, commands }: RolloutDocument): void {
  const revision = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);
  const { taskDefinitionBefore: before, taskDefinitionAfter: after } = service;
  console.log(`\nOutcome: ${outcome}${reason === undefined ? '' : ` (${reason})`}`);
  console.log(
    `The service ran ${revision(before)}, and runs ${revision(after)}; it is ${service.intact ? '' : 'not '}intact`,
  );
  console.log(
    `Its tasks during the rollout: never fewer than ${service.fewestTasksRunning} of ${service.desiredCount}`,
  );
  console.log(
    `Tasks that failed: ${failedTasks.canaries} canary, ${failedTasks.ofService} of the service; ` +
      `without a canary ${failedTasks.ofServiceWithoutCanary} of the service within ten minutes`,
  );
  console.log(
    `Leftovers: ${leftovers.tasks} tasks, ${leftovers.targets} targets, ${leftovers.problems} problems`,
  );
  console.log(`AWS calls: ${commands.map(({ command, awsCalls }) => `${awsCalls} (${command})`).join(', ')}`);
}
