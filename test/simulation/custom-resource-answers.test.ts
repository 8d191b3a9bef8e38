import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { managedListenerRuleHandler } from '../../src/custom-resource/index.js';
import type { SimulatedResponseFault } from '../../src/testing/index.js';
import { errorRateQuery, managedRule } from '../support/managed-rule.js';

type World = ReturnType<typeof managedRule>;

const answerCounts = ({ stack }: World) => stack.requests.map(({ responses }) => responses.length);
const lastRequest = ({ stack }: World) => stack.requests.at(-1);

/** Writes of the rule's weights, in percent of blue. */
function writtenShares({ cloud, targetGroups }: World): number[] {
  return cloud.calls
    .filter(({ action, outcome }) => action === 'elasticloadbalancing:ModifyRule' && outcome === 'ok')
    .map(({ input }) => {
      const tuples = (
        input as {
          Actions: { ForwardConfig: { TargetGroups: { TargetGroupArn: string; Weight: number }[] } }[];
        }
      ).Actions[0]?.ForwardConfig.TargetGroups;
      return tuples?.find(({ TargetGroupArn }) => TargetGroupArn === targetGroups.blue)?.Weight ?? 0;
    });
}

describe('managedListenerRuleHandler › Lambda deadline', () => {
  test.each([20, 60, 120, 300])(
    'with %i s left rolls a longer rollout back, and responds in time',
    async (timeoutSeconds) => {
      const world = managedRule({ timeoutSeconds, cloud: { latencyMilliseconds: 100 } });
      const { stack, template, weights } = world;
      await stack.create(template({ blue: 0, green: 100 }));
      // The rollout takes as long as the Lambda has, so it is not rejected beforehand.
      const secondsForWork = timeoutSeconds - Math.min(60, timeoutSeconds / 2);
      const properties = {
        StepWeight: 10,
        StepInterval: `${Math.floor(((secondsForWork - 0.5) / 9) * 1000)}ms`,
      };

      const status = await stack.update(template({ blue: 100, green: 0 }, properties));

      const [, update] = stack.requests;
      expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(update?.reason).toMatch(
        /time is nearly over.*The traffic was rolled back to blue 0 %, green 100 %/,
      );
      expect((update?.endedAt ?? 0) - (update?.startedAt ?? 0)).toBeLessThan(timeoutSeconds * 1000);
      expect(weights()).toEqual({ blue: 0, green: 100 });
      expect(answerCounts(world)).toEqual([1, 1, 1]);
      expect(update?.invocations.map(({ outcome }) => outcome)).toEqual(['returned']);
    },
  );

  test.each(['ModifyRule', 'AddTags'])('names the last refusal of %s', async (operation) => {
    const world = managedRule();
    const { cloud, stack, template } = world;
    const action = `elasticloadbalancing:${operation}`;
    if (operation === 'ModifyRule') await stack.create(template({ blue: 0, green: 100 }));
    cloud.injectFault({ kind: 'throttle', action, times: Number.POSITIVE_INFINITY });

    const properties = template({ blue: 100, green: 0 });
    await (operation === 'ModifyRule' ? stack.update(properties) : stack.create(properties));

    const failed = stack.requests.find(({ outcome }) => outcome === 'FAILED');
    expect(failed?.reason).toMatch(
      /(time is nearly over|no response within).*last error was:? .*[Rr]ate exceeded/,
    );
  });

  test('continues no rollback after its response, when the process is thawed for the next request', async () => {
    const world = managedRule({ timeoutSeconds: 60 });
    const { cloud, stack, template, weights } = world;
    const action = 'elasticloadbalancing:ModifyRule';
    await stack.create(template({ blue: 0, green: 100 }));
    cloud.clock.schedule(20, () =>
      cloud.injectFault({ kind: 'serverError', action, times: Number.POSITIVE_INFINITY }),
    );

    const status = await stack.update(
      template({ blue: 100, green: 0 }, { StepWeight: 50, StepInterval: '29s' }),
    );
    cloud.clearFaults();
    const callsBefore = cloud.calls.filter((call) => call.action === action).length;
    await cloud.clock.sleep(86_400_000);

    expect(status).toBe('UPDATE_ROLLBACK_FAILED');
    expect(answerCounts(world)).toEqual([1, 1, 1]);
    expect(weights()).toEqual({ blue: 50, green: 50 });
    expect(cloud.calls.filter((call) => call.action === action)).toHaveLength(callsBefore);
  });

  test('responds when AWS no longer responds', async () => {
    const world = managedRule({ timeoutSeconds: 60 });
    const { cloud, stack, template } = world;
    await stack.create(template({ blue: 0, green: 100 }));
    // The SDK hangs: each call takes longer than the Lambda.
    const slow = managedRule({ timeoutSeconds: 60, cloud: { latencyMilliseconds: 600_000 } });

    const status = await slow.stack.create(slow.template({ blue: 0, green: 100 }));
    await cloud.clock.sleep(1);

    // The creation may or may not have created a rule.
    expect(status).toBe('ROLLBACK_FAILED');
    expect(answerCounts(slow)).toEqual([1, 1]);
    expect(slow.stack.requests[0]?.invocations.map(({ outcome }) => outcome)).toEqual(['returned']);
  });

  test('rejects a rollout that cannot end in time, and writes nothing', async () => {
    const world = managedRule();
    const { cloud, stack, template } = world;
    await stack.create(template({ blue: 0, green: 100 }));
    const before = cloud.elasticLoadBalancing.rulesOf(world.listenerArn);

    const status = await stack.update(
      template({ blue: 100, green: 0 }, { StepWeight: 10, StepInterval: '2m' }),
    );

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.requests[1]?.reason).toMatch(
      /StepInterval: expected steps that end within the 8\d\d s that the Lambda function's time-out leaves .*got 10 steps that take 1080 s at least/,
    );
    expect(cloud.elasticLoadBalancing.rulesOf(world.listenerArn)).toEqual(before);
    expect(answerCounts(world)).toEqual([1, 1, 1]);
  });

  test('observes a ServiceTimeout that is shorter than its own time', async () => {
    const world = managedRule();
    const { stack, template, weights } = world;
    await stack.create(template({ blue: 0, green: 100 }));

    const status = await stack.update(
      template({ blue: 100, green: 0 }, { StepWeight: 10, StepInterval: '25s', ServiceTimeout: 300 }),
    );

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(weights()).toEqual({ blue: 0, green: 100 });
    expect(answerCounts(world)).toEqual([1, 1, 1]);
  });
});

describe('managedListenerRuleHandler › response', () => {
  test.each<[SimulatedResponseFault, number]>([
    ['slowDown', 1],
    ['reset', 1],
    ['hang', 1],
    ['lostConfirmation', 2],
  ])('arrives after %s', async (fault, puts) => {
    const world = managedRule();
    world.cloud.cloudFormation.injectResponseFault(fault);

    const status = await world.stack.create(world.template({ blue: 0, green: 100 }));
    await world.cloud.clock.sleep(900_000);

    const responses = lastRequest(world)?.responses ?? [];
    expect(status).toBe('CREATE_COMPLETE');
    expect(responses).toHaveLength(puts);
    // A repeated PUT has the same body.
    expect(new Set(responses.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(lastRequest(world)?.invocations).toHaveLength(1);
  });

  test('is not repeated when the URL has expired', async () => {
    const world = managedRule();
    for (let put = 0; put < 9; put += 1) world.cloud.cloudFormation.injectResponseFault('expired');
    const creating = world.stack.create(world.template({ blue: 0, green: 100 }));
    await world.cloud.clock.sleep(1_800_000);

    expect(lastRequest(world)?.invocations).toMatchObject([
      { outcome: 'returned', result: { status: 'SUCCESS', isConfirmed: false } },
    ]);
    await creating;
  });

  test("is sent by Lambda's retry when no attempt could be sent", async () => {
    const world = managedRule({ timeoutSeconds: 30 });
    const { cloud, template } = world;
    let isDown = true;
    const { clock, clients, cloudFormation } = cloud;
    const handler = managedListenerRuleHandler({
      clients: { elasticLoadBalancing: clients.elasticLoadBalancing, cloudWatch: clients.cloudWatch },
      fetch: async (...request) => {
        if (isDown)
          throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) });
        return cloudFormation.fetch(...request);
      },
      clock,
      logger: silentLogger,
    });
    const stack = cloudFormation.addStack({ name: 'offline', lambda: { handler, timeoutSeconds: 30 } });
    clock.schedule(60, () => {
      isDown = false;
    });

    const status = await stack.create(template({ blue: 0, green: 100 }));
    await clock.sleep(1);

    expect(status).toBe('CREATE_COMPLETE');
    expect(stack.requests[0]?.invocations.map(({ outcome }) => outcome)).toEqual(['threw', 'returned']);
    expect(stack.requests[0]?.responses).toHaveLength(1);
    expect(cloud.elasticLoadBalancing.rulesOf(world.listenerArn)).toHaveLength(1);
  });
});

describe('managedListenerRuleHandler › Lambda that dies half-way', () => {
  test("continues the rollout in Lambda's retry, and rolls back to the weights of the template before", async () => {
    const world = managedRule();
    const { cloud, template, loadBalancer, targetGroups, weights } = world;
    let invocations = 0;
    let isDead = false;
    const lambda = managedListenerRuleHandler({
      clients: {
        elasticLoadBalancing: cloud.clients.elasticLoadBalancing,
        cloudWatch: cloud.clients.cloudWatch,
      },
      fetch: (...request) => (isDead ? new Promise(() => {}) : cloud.cloudFormation.fetch(...request)),
      clock: cloud.clock,
      logger: silentLogger,
    });
    const stack = cloud.cloudFormation.addStack({
      name: 'mortal',
      lambda: {
        timeoutSeconds: 600,
        // The first run of the update dies in its fourth minute and does not continue.
        handler: (event, context) => {
          if (event.RequestType !== 'Update' || event.RequestId !== stack.requests[1]?.event.RequestId)
            return lambda(event, context);
          invocations += 1;
          if (invocations > 1) return lambda(event, context);
          cloud.clock.schedule(200, () => {
            cloud.injectFault({ kind: 'crashBefore' });
            isDead = true;
          });
          void lambda(event, context).catch(() => {});
          cloud.clock.schedule(600, () => {
            cloud.clearFaults();
            cloud.restart();
            isDead = false;
          });
          return new Promise(() => {});
        },
      },
    });
    const metric = {
      StepWeight: 25,
      StepInterval: '1m',
      CloudWatchMetric: { Query: errorRateQuery(targetGroups.green, loadBalancer.arn), Max: 5 },
    };
    await stack.create(template({ blue: 100, green: 0 }, metric));
    let errorRate = 0;
    cloud.addTraffic({
      through: () => weights() ?? { blue: 0, green: 0 },
      loadBalancerArn: loadBalancer.arn,
      requestsPerSecond: 50,
      stacks: {
        blue: { targetGroupArn: targetGroups.blue },
        green: { targetGroupArn: targetGroups.green, errorRate: () => errorRate },
      },
    });
    cloud.clock.schedule(300, () => {
      errorRate = 0.5;
    });

    const status = await stack.update(template({ blue: 0, green: 100 }, metric));

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.requests[1]?.invocations.map(({ outcome }) => outcome)).toEqual(['timedOut', 'returned']);
    expect(stack.requests[1]?.reason).toMatch(
      /rolled back to blue 100 %, green 0 %.*CloudWatchMetric failed/,
    );
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1, 1]);
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });
});

describe('faults of courier', () => {
  test('a late tick after the rollback raises the canary again: writes nothing after the rollback', async () => {
    const world = managedRule({ cloud: { latencyMilliseconds: 200 } });
    const { cloud, stack, template, targetGroups, loadBalancer, weights } = world;
    const metric = {
      StepWeight: 20,
      StepInterval: '65s',
      CloudWatchMetric: { Query: errorRateQuery(targetGroups.green, loadBalancer.arn), Max: 5 },
    };
    await stack.create(template({ blue: 100, green: 0 }, metric));
    cloud.addTraffic({
      through: () => weights() ?? { blue: 0, green: 0 },
      loadBalancerArn: loadBalancer.arn,
      requestsPerSecond: 50,
      stacks: {
        blue: { targetGroupArn: targetGroups.blue },
        // Fails from its second step on.
        green: {
          targetGroupArn: targetGroups.green,
          errorRate: ({ sharePercent }) => (sharePercent > 20 ? 0.5 : 0),
        },
      },
    });

    await stack.update(template({ blue: 0, green: 100 }, metric));
    await cloud.clock.sleep(3_600_000);

    expect(writtenShares(world)).toEqual([80, 60, 100]);
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('nothing is deleted on delete: deletes the rule, unless RetainOnDelete keeps it', async () => {
    const world = managedRule();
    const { cloud, stack, template, listenerArn } = world;
    await stack.create(template({ blue: 0, green: 100 }));
    await stack.delete();
    expect(cloud.elasticLoadBalancing.rulesOf(listenerArn)).toEqual([]);

    await stack.create(template({ blue: 0, green: 100 }, { RetainOnDelete: true }));
    await stack.delete();

    expect(cloud.elasticLoadBalancing.rulesOf(listenerArn)).toHaveLength(1);
  });

  test('the error rate of its README is inverted: passes a good release and rolls a bad one back', async () => {
    const outcomes: string[] = [];
    for (const errorRate of [0, 0.5]) {
      const world = managedRule();
      const { cloud, stack, template, targetGroups, loadBalancer, weights } = world;
      const metric = {
        StepWeight: 50,
        CloudWatchMetric: {
          Query: errorRateQuery(targetGroups.green, loadBalancer.arn),
          Max: '5.0',
          Interval: '60s',
        },
      };
      await stack.create(template({ blue: 100, green: 0 }, metric));
      cloud.addTraffic({
        through: () => weights() ?? { blue: 0, green: 0 },
        loadBalancerArn: loadBalancer.arn,
        requestsPerSecond: 50,
        stacks: {
          blue: { targetGroupArn: targetGroups.blue },
          green: { targetGroupArn: targetGroups.green, errorRate },
        },
      });
      outcomes.push(await stack.update(template({ blue: 0, green: 100 }, metric)));
    }

    expect(outcomes).toEqual(['UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']);
  });
});
