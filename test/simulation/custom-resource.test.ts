import { describe, expect, test } from 'vitest';
import type { FaultKind, SimulatedStackStatus } from '../../src/testing/index.js';
import { errorRateQuery, type ManagedRuleOptions, managedRule } from '../support/managed-rule.js';

type World = ReturnType<typeof managedRule>;

/** Users who send requests through the rule, and a green stack with a rate of failures. */
function addUsers({ cloud, weights, targetGroups, loadBalancer }: World, greenErrorRate: number) {
  return cloud.addTraffic({
    through: () => weights() ?? { blue: 0, green: 0 },
    loadBalancerArn: loadBalancer.arn,
    requestsPerSecond: 50,
    stacks: {
      blue: { targetGroupArn: targetGroups.blue, errorRate: 0 },
      green: { targetGroupArn: targetGroups.green, errorRate: greenErrorRate },
    },
  });
}

/** The properties of a canary with a check of its errors. */
function watched({ targetGroups, loadBalancer }: World, watches: 'blue' | 'green') {
  return {
    StepWeight: 25,
    StepInterval: '1m',
    CloudWatchMetric: {
      Query: errorRateQuery(targetGroups[watches], loadBalancer.arn),
      Max: '5.0',
      Interval: '60s',
    },
  };
}

const answerCounts = ({ stack }: World) => stack.requests.map(({ responses }) => responses.length);
const requestTypes = ({ stack }: World) =>
  stack.requests.map(({ event, outcome }) => `${event.RequestType} ${outcome}`);

describe('managedListenerRuleHandler › life of a stack', () => {
  test('sends one response to each creation, update, failed update, rollback and deletion', async () => {
    const world = managedRule();
    const { cloud, stack, template, weights, listenerArn } = world;

    const created = await stack.create(template({ blue: 100, green: 0 }, watched(world, 'green')));
    const ruleArn = stack.physicalResourceId;
    const good = addUsers(world, 0.001);
    const updated = await stack.update(template({ blue: 0, green: 100 }, watched(world, 'green')));
    const back = await stack.update(template({ blue: 100, green: 0 }, watched(world, 'blue')));
    good.stop();
    addUsers(world, 0.3);
    const badlyUpdated = await stack.update(template({ blue: 0, green: 100 }, watched(world, 'green')));
    const inTheEnd = weights();
    const idInTheEnd = stack.physicalResourceId;
    const deleted = await stack.delete();

    expect([created, updated, back, badlyUpdated, deleted]).toEqual([
      'CREATE_COMPLETE',
      'UPDATE_COMPLETE',
      'UPDATE_COMPLETE',
      'UPDATE_ROLLBACK_COMPLETE',
      'DELETE_COMPLETE',
    ]);
    expect(requestTypes(world)).toEqual([
      'Create SUCCESS',
      'Update SUCCESS',
      'Update SUCCESS',
      'Update FAILED',
      'Update SUCCESS',
      'Delete SUCCESS',
    ]);
    expect(answerCounts(world)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(stack.requests[3]?.reason).toMatch(
      /rolled back to blue 100 %, green 0 %.*CloudWatchMetric failed once: .* is above the maximum of 5/,
    );
    expect(inTheEnd).toEqual({ blue: 100, green: 0 });
    expect(idInTheEnd).toBe(ruleArn);
    expect(cloud.elasticLoadBalancing.rulesOf(listenerArn)).toEqual([]);
  });

  test('rolls back when another resource of the stack fails after it', async () => {
    const world = managedRule();
    const { stack, template, weights } = world;
    await stack.create(template({ blue: 0, green: 100 }));

    const status = await stack.update(template({ blue: 100, green: 0 }), { failsAfterwards: true });

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(weights()).toEqual({ blue: 0, green: 100 });
    expect(answerCounts(world)).toEqual([1, 1, 1]);
  });

  test('creates another rule in another listener, and restores the old one in a rollback of the stack', async () => {
    const world = managedRule();
    const { cloud, stack, template, listenerArn, addListener } = world;
    const rulesOf = (listener: string) => cloud.elasticLoadBalancing.rulesOf(listener);
    await stack.create(template({ blue: 0, green: 100 }));
    const first = stack.physicalResourceId;
    const otherListener = addListener(8443);

    const failed = await stack.update(template({ blue: 0, green: 100 }, { ListenerArn: otherListener }), {
      failsAfterwards: true,
    });
    const afterRollback = [
      rulesOf(listenerArn).length,
      rulesOf(otherListener).length,
      stack.physicalResourceId,
    ];
    const moved = await stack.update(template({ blue: 0, green: 100 }, { ListenerArn: otherListener }));

    expect(failed).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(afterRollback).toEqual([1, 0, first]);
    expect(moved).toBe('UPDATE_COMPLETE');
    expect([rulesOf(listenerArn).length, rulesOf(otherListener).length]).toEqual([0, 1]);
    expect(requestTypes(world).every((it) => it.endsWith('SUCCESS'))).toBe(true);
  });
});

/** An operation on a stack, its preparation, and its end. */
interface Operation {
  readonly prepare?: () => Promise<unknown>;
  readonly act: () => Promise<SimulatedStackStatus>;
  readonly comesTo: SimulatedStackStatus;
}

const operations: Readonly<Record<string, (world: World) => Operation>> = {
  'a creation': ({ stack, template }) => ({
    act: () => stack.create(template({ blue: 0, green: 100 })),
    comesTo: 'CREATE_COMPLETE',
  }),
  'an adoption': ({ cloud, stack, template, listenerArn, targetGroups }) => ({
    prepare: async () => {
      cloud.elasticLoadBalancing.addRule({
        listenerArn,
        priority: 11,
        conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
        actions: [{ Type: 'forward', TargetGroupArn: targetGroups.blue }],
      });
    },
    act: () => stack.create(template({ blue: 0, green: 100 }, { AdoptExisting: true, StepWeight: 50 })),
    comesTo: 'CREATE_COMPLETE',
  }),
  'a shift': ({ stack, template }) => ({
    prepare: () => stack.create(template({ blue: 0, green: 100 })),
    act: () => stack.update(template({ blue: 100, green: 0 }, { StepWeight: 50 })),
    comesTo: 'UPDATE_COMPLETE',
  }),
  'a change of everything': ({ stack, template, targetGroups }) => ({
    prepare: () => stack.create(template({ blue: 0, green: 100 })),
    act: () =>
      stack.update(
        template(
          { blue: 100, green: 0 },
          {
            Priority: 12,
            Hosts: ['www.example.com'],
            StepWeight: 100,
            Destinations: [
              { TargetGroupArn: targetGroups.purple, Weight: 70 },
              { TargetGroupArn: targetGroups.green, Weight: 30 },
            ],
          },
        ),
      ),
    comesTo: 'UPDATE_COMPLETE',
  }),
  'another listener': ({ stack, template, addListener }) => ({
    prepare: () => stack.create(template({ blue: 0, green: 100 })),
    act: () => stack.update(template({ blue: 0, green: 100 }, { ListenerArn: addListener(80) })),
    comesTo: 'UPDATE_COMPLETE',
  }),
  'a bad release': (world) => ({
    prepare: async () => {
      await world.stack.create(world.template({ blue: 100, green: 0 }, watched(world, 'green')));
    },
    act: async () => {
      const users = addUsers(world, 0.3);
      const status = await world.stack.update(
        world.template({ blue: 0, green: 100 }, watched(world, 'green')),
      );
      users.stop();
      return status;
    },
    comesTo: 'UPDATE_ROLLBACK_COMPLETE',
  }),
  'a deletion': ({ stack, template }) => ({
    prepare: () => stack.create(template({ blue: 0, green: 100 })),
    act: () => stack.delete(),
    comesTo: 'DELETE_COMPLETE',
  }),
};

/** Runs an operation with faults from its beginning on. */
async function carryOut(
  name: string,
  { disturb, ...options }: ManagedRuleOptions & { disturb?: (world: World) => void } = {},
) {
  const world = managedRule(options);
  const operation = operations[name]?.(world);
  await operation?.prepare?.();
  const before = { calls: world.cloud.calls.length, requests: world.stack.requests.length };
  disturb?.(world);
  const status = await operation?.act();
  await world.cloud.clock.sleep(3_600_000);
  const { calls } = world.cloud;
  return {
    world,
    comesTo: operation?.comesTo,
    status,
    calls: calls.slice(before.calls),
    requests: world.stack.requests.slice(before.requests),
    rules: world.cloud.elasticLoadBalancing.rulesOf(world.listenerArn),
  };
}

/** Faults that the SDK's own retries handle. */
const passingFaults: FaultKind[] = ['throttle', 'serverError', 'timeout', 'lostResponse'];
const lastingFaults: FaultKind[] = ['accessDenied', 'staleRead', 'serverError', 'timeout', 'throttle'];

describe.each(Object.keys(operations))('%s', { timeout: 240_000 }, (name) => {
  test('reaches the same end with one response, with each passing fault at each of its calls', async () => {
    const undisturbed = await carryOut(name);
    expect(undisturbed.status).toBe(undisturbed.comesTo);
    expect(undisturbed.requests.map(({ responses }) => responses)).toEqual(
      undisturbed.requests.map(() => [expect.anything()]),
    );
    for (const kind of passingFaults) {
      for (let atCall = 1; atCall <= undisturbed.calls.length; atCall += 1) {
        const disturbed = await carryOut(name, {
          disturb: ({ cloud }) => cloud.injectFault({ kind, atCall }),
        });
        const where = `${kind} at call ${atCall} (${undisturbed.calls[atCall - 1]?.action})`;
        expect(disturbed.status, where).toBe(undisturbed.status);
        expect(disturbed.rules, where).toEqual(undisturbed.rules);
        expect(
          disturbed.requests.map(({ responses }) => responses.length),
          where,
        ).toEqual(undisturbed.requests.map(() => 1));
      }
    }
  });

  test('sends one response with each lasting fault from each of its calls on', async () => {
    const { calls } = await carryOut(name);
    for (const kind of lastingFaults) {
      for (let atCall = 1; atCall <= calls.length; atCall += 1) {
        for (const times of [3, Number.POSITIVE_INFINITY]) {
          const { requests } = await carryOut(name, {
            disturb: ({ cloud }) => cloud.injectFault({ kind, atCall, times }),
          });
          expect(
            requests.map(({ responses }) => responses.length),
            `${kind} ${times} times at call ${atCall} (${calls[atCall - 1]?.action})`,
          ).toEqual(requests.map(() => 1));
        }
      }
    }
  });

  test("sends one response in time when any of its calls hangs until the Lambda's deadline", async () => {
    const { calls } = await carryOut(name);
    for (let atCall = 1; atCall <= calls.length; atCall += 1) {
      let isDisturbed = false;
      let seen = 0;
      const { requests } = await carryOut(name, {
        timeoutSeconds: 600,
        hangs: () => {
          if (isDisturbed) seen += 1;
          return isDisturbed && seen === atCall;
        },
        disturb: () => {
          isDisturbed = true;
        },
      });
      const where = `hanging at call ${atCall} (${calls[atCall - 1]?.action})`;
      expect(
        requests.map(({ responses }) => responses.length),
        where,
      ).toEqual(requests.map(() => 1));
      expect(
        requests.flatMap(({ invocations }) => invocations.map(({ outcome }) => outcome)),
        where,
      ).toEqual(requests.map(() => 'returned'));
    }
  });
});
