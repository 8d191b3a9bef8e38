import { execute, lambdaInvoke } from '../../../examples/step-functions/state-machine.js';
import { stepFunctionsDefinition, stepFunctionsHandler } from '../../../src/step-functions/index.js';
import { makeContext, makeLogger } from '../../support/ecs-hook.js';
import { type Engine, restartWhenever } from './engine-world.js';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:traffic-shift';

const outcomes: Readonly<Record<string, 'rolledBack' | 'halted'>> = {
  ShiftRolledBack: 'rolledBack',
  ShiftHalted: 'halted',
};

/** The state machine in an independent interpreter, with its handler. */
export const stepFunctions: Engine = async (world, { request }) => {
  const { cloud, makeShifter, isApproved } = world;
  const { clock } = cloud;
  const stop = restartWhenever(cloud);
  const handler = stepFunctionsHandler(() => makeShifter(), {
    clock,
    logger: makeLogger(),
    isApproved: ({ key }) => isApproved(Number(key)),
  });
  try {
    const execution = await execute(
      stepFunctionsDefinition({ functionArn }),
      { request },
      { clock, integrations: lambdaInvoke({ [functionArn]: (event) => handler(event, makeContext(clock)) }) },
    );
    if (execution.status === 'SUCCEEDED') return { outcome: 'succeeded', reason: undefined };
    const outcome = outcomes[execution.error];
    if (outcome === undefined) throw new Error(`${execution.error}: ${execution.cause}`);
    return { outcome, reason: execution.cause };
  } finally {
    stop();
  }
};
