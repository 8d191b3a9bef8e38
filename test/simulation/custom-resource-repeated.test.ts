import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { managedListenerRuleHandler } from '../../src/custom-resource/index.js';
import { stepFunctionsHandler } from '../../src/step-functions/index.js';
import { errorRateQuery, managedRule } from '../support/managed-rule.js';

type World = ReturnType<typeof managedRule>;

const minutes = { getRemainingTimeInMillis: () => 900_000 };
const eventOf = ({ stack }: World, request: number) => stack.requests[request]?.event;
const rulesOf = ({ cloud, listenerArn }: World) => cloud.elasticLoadBalancing.rulesOf(listenerArn);

/** Writes, except for the tags of the ledger. */
const writesOf = ({ cloud }: World, since: number) =>
  cloud.calls.slice(since).filter(({ action }) => !/:(Describe|AddTags)/.test(action));

/** Sends an earlier request again, and returns the writes. */
async function repeat(world: World, request: number) {
  const { length } = world.cloud.calls;
  const result = await world.lambda(eventOf(world, request), minutes);
  return { result, writes: writesOf(world, length) };
}

describe('managedListenerRuleHandler › event that Lambda delivers again', () => {
  test('of a failed update moves nothing, and gets the same response', async () => {
    const world = managedRule();
    const { stack, template, targetGroups, weights, cloud } = world;
    await stack.create(template({ blue: 0, green: 100 }));
    cloud.elasticLoadBalancing.setTargetHealth(targetGroups.blue, '10.0.0.1', { State: 'unhealthy' });
    await stack.update(template({ blue: 100, green: 0 }));
    cloud.elasticLoadBalancing.setTargetHealth(targetGroups.blue, '10.0.0.1', { State: 'healthy' });

    const { result, writes } = await repeat(world, 1);

    expect(stack.requests.map(({ outcome }) => outcome)).toEqual(['SUCCESS', 'FAILED', 'SUCCESS']);
    expect(result).toMatchObject({ status: 'FAILED', physicalResourceId: stack.physicalResourceId });
    expect(writes).toEqual([]);
    expect(weights()).toEqual({ blue: 0, green: 100 });
  });

  test.each([
    [0, 'the creation'],
    [1, 'an update that was rolled back, because another resource failed'],
    [3, 'an update before the last one'],
  ])('of request %i, %s, moves nothing', async (request) => {
    const world = managedRule();
    const { stack, template, weights } = world;
    await stack.create(template({ blue: 0, green: 100 }));
    await stack.update(template({ blue: 100, green: 0 }), { failsAfterwards: true });
    await stack.update(template({ blue: 100, green: 0 }));
    await stack.update(template({ blue: 50, green: 50 }));

    const { result, writes } = await repeat(world, request);

    expect(result).toMatchObject({ status: 'SUCCESS', physicalResourceId: stack.physicalResourceId });
    expect(writes).toEqual([]);
    expect(weights()).toEqual({ blue: 50, green: 50 });
  });

  test('of a creation creates no rule after the response deadline', async () => {
    const world = managedRule();
    await world.stack.create(world.template({ blue: 0, green: 100 }));
    await world.stack.delete();
    await world.cloud.clock.sleep(3_600_000);

    const { result, writes } = await repeat(world, 0);

    expect(result).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('did not wait') });
    expect(writes).toEqual([]);
  });
});

describe('managedListenerRuleHandler › creation that dies before its response', () => {
  test('leaves no rule: the deletion finds it without its ARN', async () => {
    const world = managedRule();
    const { cloud, template } = world;
    let isDead = true;
    const lambda = managedListenerRuleHandler({
      clients: {
        elasticLoadBalancing: cloud.clients.elasticLoadBalancing,
        cloudWatch: cloud.clients.cloudWatch,
      },
      fetch: (...request) => (isDead ? new Promise(() => {}) : cloud.cloudFormation.fetch(...request)),
      clock: cloud.clock,
      logger: silentLogger,
    });
    const left: number[] = [];
    const stack = cloud.cloudFormation.addStack({
      name: 'mortal',
      lambda: {
        handler: (event, context) => {
          if (event.RequestType === 'Create') {
            cloud.injectFault({ kind: 'crashAfter', action: 'elasticloadbalancing:CreateRule' });
            void lambda(event, context).catch(() => {});
            return new Promise(() => {});
          }
          isDead = false;
          cloud.clearFaults();
          cloud.restart();
          left.push(rulesOf(world).length);
          return lambda(event, context);
        },
      },
    });

    const status = await stack.create(template({ blue: 0, green: 100 }, { ServiceTimeout: 30 }));

    expect(left).toEqual([1]);
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(stack.requests[1]?.event.PhysicalResourceId).not.toMatch(/^arn:/);
    expect(rulesOf(world)).toEqual([]);
  });

  test('does not delete the rule of a later creation of the same resource in its clean-up', async () => {
    const world = managedRule();
    await world.stack.create(world.template({ blue: 0, green: 100 }));

    const result = await world.lambda(
      { ...eventOf(world, 0), RequestType: 'Delete', RequestId: 'r-9', PhysicalResourceId: 'shop-Rule-1ABC' },
      minutes,
    );

    expect(result).toMatchObject({ status: 'SUCCESS' });
    expect(rulesOf(world)).toHaveLength(1);
  });

  test('reports no rule whose response cannot be recorded', async () => {
    const world = managedRule();
    const action = 'elasticloadbalancing:AddTags';
    world.cloud.injectFault({ kind: 'accessDenied', action, times: Number.POSITIVE_INFINITY });

    const status = await world.stack.create(world.template({ blue: 0, green: 100 }));

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(world.stack.requests[0]?.reason).toMatch(/could not be marked.*AddTags/);
    expect(rulesOf(world)).toEqual([]);
  });
});

describe('managedListenerRuleHandler › failed move to another listener', () => {
  test('leaves no rule in the new listener', async () => {
    const world = managedRule();
    const { stack, template, cloud, addListener } = world;
    await stack.create(template({ blue: 0, green: 100 }));
    const other = addListener(8443);
    const ruleArn = stack.physicalResourceId;
    cloud.injectFault({ kind: 'accessDenied', action: 'elasticloadbalancing:AddTags' });

    const status = await stack.update(template({ blue: 0, green: 100 }, { ListenerArn: other }));

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(cloud.elasticLoadBalancing.rulesOf(other)).toEqual([]);
    expect(rulesOf(world).map(({ arn }) => arn)).toEqual([ruleArn]);
  });

  test('returns to an adopted rule, also without AdoptExisting', async () => {
    const world = managedRule();
    const { stack, template, cloud, listenerArn, targetGroups, addListener } = world;
    const action = (arn: string) => ({ Type: 'forward' as const, TargetGroupArn: arn });
    const conditions = [{ Field: 'path-pattern', Values: ['/*'] }];
    const adopted = { listenerArn, priority: 11, conditions, actions: [action(targetGroups.green)] };
    cloud.elasticLoadBalancing.addRule(adopted);
    const other = addListener(8443);
    cloud.elasticLoadBalancing.addRule({ ...adopted, listenerArn: other });
    await stack.create(template({ blue: 0, green: 100 }, { AdoptExisting: true }));
    await stack.update(template({ blue: 0, green: 100 }));

    const status = await stack.update(template({ blue: 0, green: 100 }, { ListenerArn: other }));

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1, 1, 1]);
  });
});

describe('managedListenerRuleHandler › failed creation on a rule that RetainOnDelete has kept', () => {
  test.each([undefined, 'elasticloadbalancing:AddTags'])(
    'keeps the rule, also without RetainOnDelete: %s denied',
    async (action) => {
      const world = managedRule();
      const { cloud, stack, template, targetGroups, weights } = world;
      await stack.create(template({ blue: 100, green: 0 }, { RetainOnDelete: true }));
      await stack.delete();
      cloud.elasticLoadBalancing.setTargetHealth(targetGroups.green, '10.0.0.1', { State: 'unhealthy' });
      if (action) cloud.injectFault({ kind: 'accessDenied', action, times: Number.POSITIVE_INFINITY });

      const status = await stack.create(template({ blue: 0, green: 100 }));
      const { writes } = await repeat(world, 2);

      expect(status).toBe('ROLLBACK_COMPLETE');
      expect(weights()).toEqual({ blue: 100, green: 0 });
      expect(writes).toEqual([]);
    },
  );

  test('keeps the rule when only the record of the response is missing', async () => {
    const world = managedRule();
    const { cloud, stack, template, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }, { RetainOnDelete: true }));
    await stack.delete();
    const action = 'elasticloadbalancing:AddTags';
    cloud.injectFault({ kind: 'accessDenied', action, times: Number.POSITIVE_INFINITY });

    const status = await stack.create(template({ blue: 100, green: 0 }));

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });
});

describe('managedListenerRuleHandler › rollback of the stack after a failed update', () => {
  /** Metric of the new release, in the old template as well as in the new one. */
  const watched = ({ targetGroups, loadBalancer }: World) => ({
    StepWeight: 20,
    StepInterval: '1m',
    CloudWatchMetric: { Query: errorRateQuery(targetGroups.green, loadBalancer.arn), Max: 5 },
  });

  /** Users of a new release, which can fail. */
  function addUsers({ cloud, weights, targetGroups, loadBalancer }: World) {
    const release = { isBad: false };
    cloud.addTraffic({
      through: () => weights() ?? { blue: 0, green: 0 },
      loadBalancerArn: loadBalancer.arn,
      requestsPerSecond: 50,
      stacks: {
        blue: { targetGroupArn: targetGroups.blue },
        green: { targetGroupArn: targetGroups.green, errorRate: () => (release.isBad ? 0.5 : 0) },
      },
    });
    return release;
  }

  /** The update to the old template that CloudFormation sends. The new release fails its check. */
  async function rollBack(world: World, update: Awaited<ReturnType<World['stack']['openUpdate']>>) {
    const { stack, template, lambda } = world;
    const { event } = await stack.openUpdate(template({ blue: 100, green: 0 }, watched(world)));
    return lambda({ ...event, OldResourceProperties: update.event.ResourceProperties }, minutes);
  }

  test('moves the traffic from the new release despite its failed check, while the update still runs', async () => {
    const world = managedRule();
    const { cloud, stack, template, lambda, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }, watched(world)));
    const release = addUsers(world);
    const update = await stack.openUpdate(template({ blue: 0, green: 100 }, watched(world)));
    const updating = lambda(update.event, minutes);
    await cloud.clock.sleep(150_000);
    release.isBad = true;

    const cancelledAt = cloud.clock.now();
    const result = await rollBack(world, update);
    const seconds = (cloud.clock.now() - cancelledAt) / 1000;

    expect(await updating).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('halted') });
    expect(result).toMatchObject({ status: 'SUCCESS' });
    expect(weights()).toEqual({ blue: 100, green: 0 });
    expect(seconds).toBeLessThan(60);
  });

  test('moves the traffic from the new release after its state machine was stopped', async () => {
    const stateMachineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:rollouts';
    const stepFunctions = { send: async () => ({}) };
    // Loaded beforehand, because virtual time passes while a module is loaded from disk.
    await import('@aws-sdk/client-sfn');
    const world = managedRule({
      handler: { delegate: { stateMachineArn, steps: stepFunctionsHandler, stepFunctions } },
    });
    const { cloud, stack, template, lambda, weights, targetGroups } = world;
    await stack.create(template({ blue: 100, green: 0 }, watched(world)));
    const slow = { ...watched(world), StepInterval: '6m' };
    const update = await stack.openUpdate(template({ blue: 0, green: 100 }, slow));
    const updated = await lambda(update.event, minutes);
    const [rule] = rulesOf(world);
    // The last weights before the stop.
    const TargetGroups = [
      { TargetGroupArn: targetGroups.blue, Weight: 60 },
      { TargetGroupArn: targetGroups.green, Weight: 40 },
    ];
    cloud.elasticLoadBalancing.changeActions(rule?.arn ?? '', () => [
      { Type: 'forward', ForwardConfig: { TargetGroups } },
    ]);
    addUsers(world).isBad = true;
    await cloud.clock.sleep(3_600_000);

    const result = await rollBack(world, update);

    expect(updated).toMatchObject({ status: 'delegated' });
    expect(result).toMatchObject({ status: 'SUCCESS' });
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('moves the traffic from the new release after its conditions were rejected', async () => {
    const world = managedRule();
    const { cloud, stack, template, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }, watched(world)));
    addUsers(world);
    cloud.injectFault({ kind: 'accessDenied', action: 'elasticloadbalancing:SetRulePriorities' });

    const status = await stack.update(template({ blue: 0, green: 100 }, { ...watched(world), Priority: 12 }));

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('is not undone when Lambda retries the update after a crash', async () => {
    let isDying = false;
    const world = managedRule({ hangs: () => isDying });
    const { cloud, stack, template, lambda, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }, watched(world)));
    addUsers(world);
    const update = await stack.openUpdate(template({ blue: 0, green: 100 }, watched(world)));
    void lambda(update.event, minutes);
    await cloud.clock.sleep(150_000);
    isDying = true;
    await cloud.clock.sleep(120_000);
    isDying = false;
    const whenItDied = weights();
    const result = await rollBack(world, update);

    const repeated = await lambda(update.event, minutes);

    expect(whenItDied).toEqual({ blue: 60, green: 40 });
    expect(result).toMatchObject({ status: 'SUCCESS' });
    expect(repeated).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('later request') });
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('is not undone when Lambda delivers the throttled update late', async () => {
    const world = managedRule();
    const { cloud, stack, template, lambda, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }));
    const update = await stack.openUpdate(template({ blue: 0, green: 100 }));
    await cloud.clock.sleep(100_000);
    const { event } = await stack.openUpdate(template({ blue: 100, green: 0 }));
    const { ResourceProperties: OldResourceProperties } = update.event;
    const result = await lambda({ ...event, OldResourceProperties }, minutes);

    const late = await lambda(update.event, minutes);
    const again = await lambda(update.event, minutes);

    expect(again).toEqual(late);
    expect(result).toMatchObject({ status: 'SUCCESS' });
    expect(late).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('later request') });
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('is retried without its check when it has failed too', async () => {
    const world = managedRule();
    const { cloud, stack, template, lambda, weights, targetGroups } = world;
    const { elasticLoadBalancing } = cloud;
    await stack.create(template({ blue: 100, green: 0 }, watched(world)));
    const release = addUsers(world);
    const update = await stack.openUpdate(template({ blue: 0, green: 100 }, watched(world)));
    const updating = lambda(update.event, minutes);
    await cloud.clock.sleep(150_000);
    release.isBad = true;
    elasticLoadBalancing.setTargetHealth(targetGroups.blue, '10.0.0.1', { State: 'unhealthy' });
    // Before the update itself detects that the metric is out of its bounds.
    const first = await rollBack(world, update);
    elasticLoadBalancing.setTargetHealth(targetGroups.blue, '10.0.0.1', { State: 'healthy' });

    const second = await rollBack(world, update);
    await updating;

    expect(first).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('health') });
    expect(second).toMatchObject({ status: 'SUCCESS' });
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('is not assumed for the next attempt of the same release, which runs its checks', async () => {
    const world = managedRule();
    const { stack, template, lambda, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }, watched(world)));
    addUsers(world).isBad = true;
    const wanted = template({ blue: 0, green: 100 }, watched(world));
    // The stack is updated without a rollback, so no request is between the two.
    const first = await lambda((await stack.openUpdate(wanted)).event, minutes);

    const second = await lambda((await stack.openUpdate(wanted)).event, minutes);

    expect([first, second]).toEqual([
      expect.objectContaining({ status: 'FAILED', reason: expect.stringContaining('above the maximum') }),
      expect.objectContaining({ status: 'FAILED', reason: expect.stringContaining('above the maximum') }),
    ]);
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('is not assumed for the next release when a success could not be recorded', async () => {
    const world = managedRule();
    const { cloud, stack, template, weights, targetGroups, loadBalancer } = world;
    await stack.create(template({ blue: 100, green: 0 }));
    cloud.clock.schedule(60, () =>
      cloud.injectFault({ kind: 'accessDenied', action: 'elasticloadbalancing:AddTags' }),
    );
    const before = await stack.update(template({ blue: 0, green: 100 }));
    addUsers(world);
    const query = errorRateQuery(targetGroups.blue, loadBalancer.arn);
    const CloudWatchMetric = { Query: query, Min: 50, Interval: '1m' };

    const status = await stack.update(
      template({ blue: 100, green: 0 }, { StepWeight: 20, StepInterval: '1m', CloudWatchMetric }),
    );

    expect(before).toBe('UPDATE_COMPLETE');
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(weights()).toEqual({ blue: 0, green: 100 });
  });
});

describe('managedListenerRuleHandler › request that cannot be recorded', () => {
  test('moves no traffic, because an older unrecorded request could not be stopped either', async () => {
    const world = managedRule();
    const { cloud, stack, template, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }));
    const action = 'elasticloadbalancing:AddTags';
    cloud.injectFault({ kind: 'accessDenied', action, times: Number.POSITIVE_INFINITY });
    const { length } = cloud.calls;

    const status = await stack.update(template({ blue: 0, green: 100 }));

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.requests[1]?.reason).toMatch(/Allow the IAM action elasticloadbalancing:AddTags/);
    expect(writesOf(world, length)).toEqual([]);
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });
});
