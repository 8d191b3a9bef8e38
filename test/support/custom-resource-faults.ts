import { describe, expect, test } from 'vitest';
import type { FaultKind, SimulatedStackStatus } from '../../src/testing/index.js';
import { errorRateQuery, type ManagedRuleOptions, managedRule } from './managed-rule.js';

export type World = ReturnType<typeof managedRule>;

/** Users who send requests through the rule, and a green stack with a rate of failures. */
export function addUsers({ cloud, weights, targetGroups, loadBalancer }: World, greenErrorRate: number) {
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
export function watched({ targetGroups, loadBalancer }: World, watches: 'blue' | 'green') {
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

/**
 * Injects every kind of fault into the calls of each operation.
 *
 * @param every - into every call, every second call …
 */
export function testFaultsOfOperations(every: number): void {
  describe.each(Object.keys(operations))('%s', { timeout: 3_600_000 }, (name) => {
    test('reaches the same end with one response, with each passing fault at each of its calls', async () => {
      const undisturbed = await carryOut(name);
      expect(undisturbed.status).toBe(undisturbed.comesTo);
      expect(undisturbed.requests.map(({ responses }) => responses)).toEqual(
        undisturbed.requests.map(() => [expect.anything()]),
      );
      for (const [index, kind] of passingFaults.entries()) {
        for (const atCall of pointsIn(undisturbed.calls, every, index)) {
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
      for (const [index, kind] of lastingFaults.entries()) {
        for (const atCall of pointsIn(calls, every, index)) {
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
      for (const atCall of pointsIn(calls, every)) {
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
}

/** Every `every`-th call; another kind of fault begins at another call. */
function pointsIn(calls: readonly unknown[], every: number, kind = 0): number[] {
  return calls.map((_, index) => index + 1).filter((call) => (call - 1) % every === kind % every);
}
