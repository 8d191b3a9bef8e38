import { setTimeout as realTime } from 'node:timers/promises';
import { writeReport } from '../write-report.js';
import { reportOf } from './report.js';
import { type CanaryDocument, type CanaryScenario, runCanary } from './run.js';
import { liveShiftView, plainShiftView } from './views.js';

/** Runs a scenario, prints it, and writes the report to the given file. */
export async function demonstrateCanary({
  scenario,
  json,
  report,
}: {
  readonly scenario: CanaryScenario;
  readonly json: boolean;
  readonly report: string | undefined;
}): Promise<void> {
  const document = json ? await runCanary({ scenario }) : await show(scenario);
  if (json) console.log(JSON.stringify(document, undefined, 2));
  await writeReport({ json, report }, () => reportOf(document, scenario));
}

async function show(scenario: CanaryScenario): Promise<CanaryDocument> {
  console.log(`Shifting traffic through a simulated load balancer (scenario: ${scenario})\n`);
  // The live view cannot erase lines that a narrow terminal wraps.
  const isLive = process.stdout.isTTY && process.stdout.columns >= 80;
  const view = isLive ? liveShiftView(realTime) : plainShiftView;
  const document = await runCanary({ scenario, listener: view });
  printOutcome(document);
  return document;
}

function printOutcome({ outcome, reason, requests, awsCalls, weights, rollback }: CanaryDocument): void {
  const { blue, green, failedTotal, wouldHaveFailedAllAtOnce } = requests;
  const last = weights.at(-1);
  console.log(`\nOutcome: ${outcome}${reason === undefined ? '' : ` (${reason})`}`);
  console.log(`Weights in effect: blue ${last?.blue} %, green ${last?.green} %`);
  console.log(
    `Requests: blue ${blue.served} (${blue.failed} failed), green ${green.served} (${green.failed} failed)`,
  );
  console.log(`Failed: ${failedTotal}; all at once it would have been ${wouldHaveFailedAllAtOnce}`);
  if (rollback !== undefined) {
    console.log(
      `From the first failing data point in CloudWatch to the verified rollback: ${rollback.seconds} s (a check every ${rollback.checkIntervalSeconds} s)`,
    );
  }
  console.log(`AWS calls: ${awsCalls}`);
}
