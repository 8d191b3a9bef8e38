import { setTimeout as realTime } from 'node:timers/promises';
import type { ShiftListener } from '../canary/run.js';
import { liveShiftView, plainShiftView } from '../canary/views.js';
import { type ReportOptions, withTime, writeReport } from '../write-report.js';
import { runStateMachine, type StateMachineDocument } from './run.js';

/** The name of the scenario. */
export const stateMachineScenario = 'step-functions';

/** Runs a canary of six hours with its state machine, and prints it. */
export async function demonstrateStateMachine(options: ReportOptions): Promise<void> {
  const document = options.json ? await runStateMachine() : await show();
  if (options.json) console.log(JSON.stringify(document, undefined, 2));
  const { events, requests, awsCalls, stateMachine } = document;
  await writeReport(options, () => ({
    facts: {
      Requests: requests.blue.served + requests.green.served,
      Failed: requests.failedTotal,
      'AWS calls': awsCalls,
      Invocations: stateMachine.invocations,
    },
    shift: { history: events.map((event) => withTime(event)) },
  }));
}

async function show(): Promise<StateMachineDocument> {
  console.log('Shifting traffic for six hours with a state machine through a simulated load balancer\n');
  // The live view cannot erase lines that a narrow terminal wraps.
  const isLive = process.stdout.isTTY && process.stdout.columns >= 80;
  const view = isLive ? liveShiftView(realTime) : plainShiftView;
  const document = await runStateMachine({ listener: withoutPasses(view) });
  printOutcome(document);
  return document;
}

/** Hides passed checks, of which six hours have hundreds. The gauge shows them. */
function withoutPasses(view: ShiftListener): ShiftListener {
  return {
    event(event, startedAt) {
      const isPass = event.type === 'checkEvaluated' && event.result.outcome === 'pass';
      if (!isPass) view.event(event, startedAt);
    },
    frame: (frame) => view.frame(frame),
  };
}

function printOutcome({
  outcome,
  reason,
  hours,
  requests,
  stateMachine,
  awsCalls,
}: StateMachineDocument): void {
  const { blue, green } = requests;
  const { Advance: advances = 0, Wait: waits = 0 } = stateMachine.entered;
  console.log(`\nOutcome: ${outcome}${reason === undefined ? '' : ` (${reason})`} after ${hours} hours`);
  console.log(`State machine: ${advances} × Advance, ${waits} × Wait; nothing runs while it waits`);
  console.log(
    `Requests: blue ${blue.served} (${blue.failed} failed), green ${green.served} (${green.failed} failed)`,
  );
  console.log(`AWS calls: ${awsCalls}`);
}
