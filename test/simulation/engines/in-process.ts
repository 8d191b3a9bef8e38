import { outcomeOf } from '../../../src/traffic/shift/shift-outcome.js';
import { parseShiftRequest } from '../../../src/traffic/shift/shift-request.js';
import { advanceRun, approve, beginRun } from '../../../src/traffic/shift/shift-run.js';
import { type Engine, restartWhenever } from './engine-world.js';

/** `shiftTo`, or a loop over `advance` for a scenario with approvals. */
export const inProcess: Engine = async (world, { request }) => {
  const { cloud, makeShifter } = world;
  const stop = restartWhenever(cloud);
  try {
    const { incoming, strategy, approvalPercents, maxDurationSeconds } = parseShiftRequest(request);
    if (approvalPercents.length > 0) return await loop(world, request);
    const deadline = new AbortController();
    if (maxDurationSeconds !== undefined) {
      cloud.clock.schedule(maxDurationSeconds, () => deadline.abort(new Error('Its time is over')));
    }
    const { outcome, reason } = await makeShifter().shiftTo(incoming, strategy, { signal: deadline.signal });
    return { outcome, reason };
  } finally {
    stop();
  }
};

async function loop({ cloud, makeShifter, isApproved }: Parameters<Engine>[0], request: unknown) {
  let run = await beginRun(makeShifter(), parseShiftRequest(request));
  for (;;) {
    const progress = await advanceRun(makeShifter(), run);
    run = progress.run;
    if (progress.done) break;
    const { heldAtPercent } = progress;
    if (heldAtPercent !== undefined && isApproved(heldAtPercent)) run = approve(run, heldAtPercent);
    else await cloud.clock.sleep(progress.waitSeconds * 1000);
  }
  const { outcome, reason } = outcomeOf(run.state);
  return { outcome, reason };
}
