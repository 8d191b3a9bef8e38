import { type EcsLifecycleHookHandler, ecsLifecycleHook } from '../../../src/hooks/index.js';
import { makeLogger } from '../../support/ecs-hook.js';
import { type Engine, restartWhenever } from './engine-world.js';

/** The hook's own step in a simulated ECS deployment. A failed shift rolls the deployment back. */
export const ecsHook: Engine = async ({ cloud, makeShifter, isApproved }, { request }) => {
  const stop = restartWhenever(cloud);
  const logger = makeLogger();
  // A new shifter for each invocation, so that no state is kept between them.
  const handler: EcsLifecycleHookHandler = (event, context) =>
    ecsLifecycleHook(
      {
        POST_TEST_TRAFFIC_SHIFT: [
          { name: 'shift', shifter: makeShifter(), request, isApproved: (percent) => isApproved(percent) },
        ],
      },
      { clock: cloud.clock, logger },
    )(event, context);
  try {
    const { status } = await cloud.ecsDeployments.run({
      hooks: [{ stages: ['POST_TEST_TRAFFIC_SHIFT'], handler }],
      scaleUpSeconds: 0,
    });
    if (status === 'SUCCESSFUL') return { outcome: 'succeeded', reason: undefined };
    const reason: unknown = logger.error.mock.lastCall?.[1]?.error;
    const wasRolledBack = String(reason).includes('was rolled back');
    return { outcome: wasRolledBack ? 'rolledBack' : 'halted', reason: String(reason) };
  } finally {
    stop();
  }
};
