import { setTimeout as realTime } from 'node:timers/promises';
import { type RolloutDocument, type RolloutScenario, runRollout } from './run.js';
import { liveView, plainView, type RolloutCommand } from './views.js';

/** Real milliseconds of a tick of the live view, so that changes are visible. */
const tickMilliseconds = 40;

const headings: Readonly<Record<RolloutCommand, string>> = {
  up: 'rollout.ts up deploy        (IMAGE=…/shop/web:1)',
  rollout: 'rollout.ts rollout deploy   (IMAGE=…/shop/web:2)',
};

/** Runs a scenario and shows it. */
export async function demonstrateRollout({
  scenario,
  json,
}: {
  readonly scenario: RolloutScenario;
  readonly json: boolean;
}): Promise<void> {
  if (json) {
    console.log(JSON.stringify(await runRollout({ scenario }), undefined, 2));
    return;
  }
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
