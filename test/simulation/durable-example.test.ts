import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeWorld, type World } from '../../examples/canary/world.js';
import { makeShiftTraffic } from '../../examples/durable/shift-traffic.js';
import { silentLogger } from '../../src/core/logger.js';
import type { DurableRequest, DurableResult } from '../../src/durable/index.js';
import type { ShiftRequest, ShiftState } from '../../src/traffic/index.js';
import { type DurableRunner, makeRunner, setUpRunners, tearRunnersDown } from '../support/durable-runner.js';
import { answerOn } from './engines/durable.js';

const request: DurableRequest<ShiftRequest, ShiftState> = {
  incoming: 'green',
  strategy: { type: 'canary', percent: 10, holdSeconds: 3600, bakeSeconds: 600 },
  approvalPercents: [10],
};

describe('durable function of the example', () => {
  beforeAll(setUpRunners);

  afterAll(tearRunnersDown);

  test('requests an approval before it passes the canary, and then shifts all the traffic to green', async () => {
    const world = makeWorld({ greenIsBad: false });
    const messages: string[] = [];
    const { runner, run } = prepare(world, async (message) => {
      messages.push(message);
      world.cloud.clock.schedule(1800, async () => {
        await world.cloud.clock.busy(() => answerOn(runner, 10).sendCallbackSuccess());
      });
    });

    const execution = await run(request);

    expect(execution.getResult()?.outcome).toBe('succeeded');
    expect(world.weightsInForce()).toEqual({ blue: 0, green: 100 });
    expect(messages).toEqual([expect.stringContaining('The green stack waits at 10 % of the traffic.')]);
    expect(messages[0]).toContain(answerOn(runner, 10).getCallbackDetails()?.callbackId);
  });

  test('rolls a bad green back while an approval is pending', async () => {
    const world = makeWorld({ greenIsBad: true, failsAfterSeconds: 4200 });
    const { run } = prepare(world, async () => {});

    const execution = await run(request);

    expect(execution.getResult()).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringContaining('5xx rate'),
    });
    // The load balancer applies the weights a moment after the write.
    await world.cloud.clock.sleep(10_000);
    expect(world.weightsInForce()).toEqual({ blue: 100, green: 0 });
  });

  test('fails on drift', async () => {
    const world = makeWorld({ greenIsBad: false });
    const { run } = prepare(world, async () => {});
    world.cloud.clock.schedule(1800, () => world.setWeightsByHand({ blue: 70, green: 30 }));

    const execution = await run({ ...request, approvalPercents: [] });

    expect(execution.getStatus()).toBe('FAILED');
    expect(execution.getError().errorMessage).toMatch(/^Traffic shift halted: /);
    expect(world.weightsInForce()).toEqual({ blue: 70, green: 30 });
  });
});

function prepare(
  { cloud, settings }: World,
  notify: (message: string) => Promise<void>,
): DurableRunner<DurableRequest<ShiftRequest, ShiftState>, DurableResult<ShiftState>> {
  const environment = {
    RULE_ARN: settings.ruleArns[0],
    LOAD_BALANCER_ARN: settings.loadBalancerArn,
    BLUE_TARGET_GROUP_ARN: settings.targetGroupArns.blue,
    GREEN_TARGET_GROUP_ARN: settings.targetGroupArns.green,
  };
  const { clients, clock } = cloud;
  return makeRunner(cloud, makeShiftTraffic({ environment, clients, clock, logger: silentLogger, notify }));
}
