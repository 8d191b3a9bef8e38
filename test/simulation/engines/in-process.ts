import { runToEnd } from '../../../src/resumable/run-to-end.js';
import { parseShiftRequest } from '../../../src/traffic/shift/shift-request.js';
import { type Engine, restartWhenever } from './engine-world.js';

/** `shiftTo`, or `runToEnd` for a scenario with approvals. */
export const inProcess: Engine = async (world, { request }) => {
  const { cloud, makeShifter, isApproved } = world;
  const stop = restartWhenever(cloud);
  try {
    const { incoming, strategy, approvalPercents, maxDurationSeconds } = parseShiftRequest(request);
    if (approvalPercents.length > 0) {
      const { outcome, reason } = await runToEnd(makeShifter(), request, {
        clock: cloud.clock,
        isApproved: ({ key }) => isApproved(Number(key)),
      });
      return { outcome, reason };
    }
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
