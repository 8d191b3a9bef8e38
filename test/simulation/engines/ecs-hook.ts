import { ecsLifecycleHook } from '../../../src/hooks/ecs-lifecycle-hook.js';
import { callUntilEnd, hookEvent, makeLogger } from '../../support/ecs-hook.js';
import { type Engine, restartWhenever } from './engine-world.js';

/** The hook's own step, called as ECS does: with what it has answered the last time, after the delay that it has named. */
export const ecsHook: Engine = async ({ cloud, makeShifter, isApproved }, { request }) => {
  const stop = restartWhenever(cloud);
  const logger = makeLogger();
  // A new shifter for each invocation: nothing may be kept in between.
  const handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) =>
    ecsLifecycleHook(
      {
        POST_TEST_TRAFFIC_SHIFT: [
          { name: 'shift', shifter: makeShifter(), request, isApproved: (percent) => isApproved(percent) },
        ],
      },
      { clock: cloud.clock, logger },
    )(event, context);
  try {
    const calls = await callUntilEnd(handler, hookEvent('POST_TEST_TRAFFIC_SHIFT'), { clock: cloud.clock });
    const status = calls.at(-1)?.answer.hookStatus;
    const reason = logger.error.mock.lastCall?.[1]?.error as string | undefined;
    if (status === 'SUCCEEDED') return { outcome: 'succeeded', reason: undefined };
    expectEnd(status);
    return { outcome: reason?.includes('was rolled back') ? 'rolledBack' : 'halted', reason };
  } finally {
    stop();
  }
};

function expectEnd(status: string | undefined): void {
  if (status !== 'FAILED') throw new Error(`The last answer was ${status}`);
}
