import { describe, expect, test } from 'vitest';
import { throwIfReturnedFailure } from '../../src/core/returned-failure.js';
import { codeDeployHook, type EcsHookStages, ecsLifecycleHook } from '../../src/hooks/index.js';
import { runToEnd } from '../../src/resumable/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { callUntilEnd, hookEvent, makeContext, makeLogger } from '../support/ecs-hook.js';
import { makeEcsPauseWorld } from '../support/ecs-pause-world.js';
import { SwapWorld } from '../support/swap-world.js';

const failures: [unknown, string][] = [
  [false, 'returned false. Throw an error with the reason instead'],
  [{ hookStatus: 'FAILED' }, 'returned the hookStatus FAILED. Throw'],
  [{ hookStatus: 'IN_PROGRESS' }, 'To wait in an ECS hook, use a step with isDone or waitFor'],
  [{ hookStatus: 7 }, 'returned the hookStatus 7'],
  [{ status: 'Failed' }, 'returned the status Failed'],
  [{ status: 'FAILED' }, 'returned the status FAILED'],
  [{ outcome: 'rolledBack', reason: 'too many errors' }, 'returned the outcome rolledBack'],
  [{ outcome: 'halted' }, 'returned the outcome halted'],
  [{ outcome: 'inconclusive', detail: 'no data' }, 'returned the outcome inconclusive'],
];

const successes: unknown[] = [
  undefined,
  null,
  true,
  0,
  '',
  'false',
  [],
  {},
  new Response('', { status: 500 }),
  { hookStatus: 'SUCCEEDED' },
  { hookStatus: undefined },
  { status: 'Succeeded' },
  { outcome: 'succeeded' },
  { outcome: 'pass' },
  { status: 'ACTIVE' },
  { status: false },
  Object.create(null),
  new Proxy(
    {},
    {
      get: () => {
        throw new Error('unreadable');
      },
    },
  ),
];

const returns = (value: unknown) => async () => value;

async function codeDeployStatus(value: unknown) {
  const cloud = new SimulatedCloud();
  const logger = makeLogger();
  const hook = codeDeployHook(returns(value), { clients: cloud.clients, clock: cloud.clock, logger });
  return hook(cloud.codeDeploy.openHookExecution(), makeContext(cloud.clock));
}

async function ecsStatus(stages: EcsHookStages) {
  const { clock } = new SimulatedCloud();
  const logger = makeLogger();
  const handler = ecsLifecycleHook(stages, { clock, logger });
  const responses = await callUntilEnd(handler, hookEvent('POST_SCALE_UP'), { clock });
  const error = logger.error.mock.lastCall?.[1].error as string | undefined;
  return { status: responses.at(-1)?.response.hookStatus, error };
}

async function pauseOutcome(value: unknown) {
  const { pause, serviceDeploymentArn, deployment, clock } = makeEcsPauseWorld();
  const stages = { POST_TEST_TRAFFIC_SHIFT: { steps: [{ name: 'smoke', run: returns(value) }] } };
  const pauses = pause({ ...stages, PRE_PRODUCTION_TRAFFIC_SHIFT: {} });
  const { outcome, reason } = await runToEnd(pauses, { serviceDeploymentArn }, { clock });
  return { outcome, reason, status: deployment.status };
}

describe('throwIfReturnedFailure', () => {
  test.each(failures)('throws for %j', (value, message) => {
    expect(() => throwIfReturnedFailure(value, 'Function of step "smoke"')).toThrowError(message);
  });

  test('accepts every other value', () => {
    for (const value of successes) expect(() => throwIfReturnedFailure(value, 'It')).not.toThrowError();
  });
});

describe.each(failures)('a function that returns %j', (value, message) => {
  test('fails a CodeDeploy hook', async () => {
    const result = await codeDeployStatus(value);

    expect(result).toMatchObject({ status: 'Failed', reason: expect.stringContaining(message) });
  });

  test.each<[string, EcsHookStages]>([
    ['a function', { POST_SCALE_UP: returns(value) }],
    ['a direction', { POST_SCALE_UP: { forward: returns(value), unknown: returns(value) } }],
    ['a step', { POST_SCALE_UP: [{ name: 'smoke', run: returns(value) }] }],
    ['a waitFor step', { POST_SCALE_UP: [{ name: 'smoke', waitFor: returns(value) }] }],
  ])('fails %s of an ECS hook', async (_what, stages) => {
    const { status, error } = await ecsStatus(stages);

    expect([status, error]).toEqual(['FAILED', expect.stringContaining(message)]);
  });

  test('rolls back a deployment that EcsPause works on', async () => {
    const { outcome, reason } = await pauseOutcome(value);

    expect([outcome, reason]).toEqual(['rolledBack', expect.stringContaining(message)]);
  });

  test.each(['prepare', 'test'] as const)('rolls back a swap as a step of %s', async (phase) => {
    const world = new SwapWorld();
    const before = world.state;
    const smoke = { name: 'smoke', run: returns(value), undo: 'none' as const };
    const swap = world.swap({ ...world.plan(), [phase]: [smoke] });

    const { outcome, reason } = await swap.run();

    expect([outcome, world.state]).toEqual(['rolledBack', before]);
    expect(reason).toContain(message);
  });

  test('leaves a step of retire to be completed', async () => {
    const world = new SwapWorld();
    const smoke = { name: 'smoke', run: returns(value), undo: 'none' as const };

    const { outcome } = await world.swap({ ...world.plan(), retire: [smoke] }).run();

    expect(outcome).toBe('succeeded');
    expect(JSON.stringify(world.record.item)).toContain('smoke');
  });

  test('fails the undo of a step', async () => {
    const world = new SwapWorld();
    const step = { name: 'job', run: () => {}, undo: returns(value) };
    const failing = world.test('smoke', () => Promise.reject(new Error('broken')));
    const swap = world.swap({ prepare: [step], test: [failing], retire: [] });

    const { outcome } = await swap.run();

    expect(outcome).not.toBe('rolledBack');
  });
});

describe('a function that returns another value', () => {
  test.each([undefined, true, 'false', { status: 'ACTIVE' }])('succeeds with %j', async (value) => {
    const world = new SwapWorld();
    const smoke = { name: 'smoke', run: returns(value), undo: 'none' as const };

    expect(await codeDeployStatus(value)).toMatchObject({ status: 'Succeeded' });
    expect(await ecsStatus({ POST_SCALE_UP: returns(value) })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await pauseOutcome(value)).toMatchObject({ outcome: 'succeeded' });
    expect(await world.swap({ ...world.plan(), test: [smoke] }).run()).toMatchObject({
      outcome: 'succeeded',
    });
  });

  test('fails an isDone of an ECS hook that returns a failed status', async () => {
    const step = { name: 'ready', isDone: (): never => ({ hookStatus: 'FAILED' }) as never };

    expect(await ecsStatus({ POST_SCALE_UP: [step] })).toMatchObject({ status: 'FAILED' });
  });
});
