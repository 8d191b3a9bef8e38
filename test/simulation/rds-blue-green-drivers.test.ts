import { describe, expect, test } from 'vitest';
import type { BlueGreenEvent, BlueGreenRequest, BlueGreenState } from '../../src/aurora/index.js';
import { silentLogger } from '../../src/core/logger.js';
import { runDurably } from '../../src/durable/index.js';
import {
  type ExecutionInput,
  type StepFunctionsHandlerOptions,
  stepFunctionsDefinition,
  stepFunctionsHandler,
} from '../../src/step-functions/index.js';
import { makeBlueGreenWorld } from '../support/blue-green-world.js';
import { DurableJournal } from '../support/durable-journal.js';
import { makeContext } from '../support/ecs-hook.js';
import { execute } from '../support/state-machine.js';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:upgrade';
const request: BlueGreenRequest = {
  name: 'orders-to-17',
  green: { engineVersion: '17.4' },
  switchOver: 'afterApproval',
};

function setUp() {
  const world = makeBlueGreenWorld();
  return { ...world, before: world.read(), make: () => world.make({ intervalSeconds: 300 }) };
}

type World = ReturnType<typeof setUp>;
type HandlerOptions = StepFunctionsHandlerOptions<ExecutionInput, BlueGreenState, BlueGreenEvent>;

async function runInStateMachine({ clock, make }: World, isApproved: HandlerOptions['isApproved']) {
  const handler = stepFunctionsHandler(make, { clock, logger: silentLogger, isApproved });
  return execute(
    stepFunctionsDefinition({ functionArn }),
    { request },
    {
      clock,
      functions: {
        [functionArn]: (payload) => handler(JSON.parse(JSON.stringify(payload)), makeContext(clock)),
      },
    },
  );
}

const versionOf = ({ cloud }: World) => cloud.rds.cluster('orders').settings.EngineVersion;

describe('RdsBlueGreen in a state machine', () => {
  test('upgrades the database after its approval', async () => {
    const world = setUp();

    const { status } = await runInStateMachine(world, () => true);

    expect([status, versionOf(world)]).toEqual(['SUCCEEDED', '17.4']);
  });

  test('leaves nothing behind when the switchover is refused', async () => {
    const world = setUp();

    const execution = await runInStateMachine(world, () => 'refused');

    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'ShiftRolledBack',
      cause: expect.stringMatching(/refused to switch over the blue\/green deployment of .* cluster orders/),
    });
    expect(world.read()).toEqual(world.before);
  });
});

describe('RdsBlueGreen in a durable function', () => {
  test('upgrades the database', async () => {
    const world = setUp();
    const { clock, make } = world;

    const result = await new DurableJournal({ clock }).run((context) =>
      runDurably(context, make(), { ...request, switchOver: 'atOnce' }, { clock, logger: silentLogger }),
    );

    expect(result).toMatchObject({ outcome: 'succeeded' });
    expect(versionOf(world)).toBe('17.4');
  });
});
