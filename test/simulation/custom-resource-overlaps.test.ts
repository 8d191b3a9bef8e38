import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../../src/testing/index.js';
import { managedRule } from '../support/managed-rule.js';
import { expectNoViolations } from '../support/overlapping-requests/violations.js';
import { factor } from '../support/properties.js';

type World = ReturnType<typeof managedRule>;

const oneStep = { StepWeight: 100 };
const twenty = { blue: 80, green: 20 };
const eighty = { blue: 20, green: 80 };
const invocation = { getRemainingTimeInMillis: () => 900_000 };

/** Writes of the rule itself, without the tags of the ledger. */
const writesOf = ({ cloud }: World, since = 0) =>
  cloud.calls.slice(since).filter(({ action }) => !/:(Describe|AddTags|RemoveTags)/.test(action));

/** A stack whose rule has 20 % on green. */
async function stackAtTwenty(options?: Parameters<typeof managedRule>[0]) {
  const world = managedRule(options);
  await world.stack.create(world.template(twenty, oneStep));
  await world.cloud.clock.sleep(60_000);
  return world;
}

/** Sends an update to 80 %, and rolls it back some seconds later, as CloudFormation does for a cancelled stack update. */
async function cancelAfter(world: World, seconds: number) {
  const { stack, template, lambda, cloud, weights } = world;
  const update = await stack.openUpdate(template(eighty, oneStep));
  const updating = lambda(update.event, invocation);
  await cloud.clock.sleep(seconds * 1000);
  const rollback = await stack.openUpdate(template(twenty, oneStep));
  const OldResourceProperties = update.event.ResourceProperties;
  const result = await lambda({ ...rollback.event, OldResourceProperties }, invocation);
  const atResponse = weights();
  const { length } = cloud.calls;
  const updated = await updating;
  await cloud.clock.sleep(60_000);
  return { update, updated, rollback, result, atResponse, writesAfterwards: writesOf(world, length) };
}

describe('managedListenerRuleHandler › overlapping requests', () => {
  test('writes nothing for an older request after a newer one has its response', {
    timeout: 120_000,
  }, async () => {
    await expectNoViolations({ first: 20_001, count: 60 * factor });
  });

  const kinds = ['serverError', 'throttle', 'timeout', 'lostResponse'] as const;
  const gaps = [0, 0.5, 1, 2, 3, 4, 5, 7, 9, 12];
  const table = kinds.flatMap((kind) => gaps.map((gap) => [kind, gap] as const));

  test.each(table)(
    'writes nothing of a cancelled update after its rollback has the response: %s, cancelled after %f s',
    async (kind, gap) => {
      const world = await stackAtTwenty();
      world.cloud.injectFault({ kind, action: 'elasticloadbalancing:ModifyRule', times: 3 });

      const { result, atResponse, writesAfterwards } = await cancelAfter(world, gap);

      expect(result).toMatchObject({ status: 'SUCCESS' });
      expect(atResponse).toEqual(twenty);
      expect(writesAfterwards).toEqual([]);
      expect(world.weights()).toEqual(twenty);
    },
  );

  test('sends one response to each of two overlapping requests, and FAILED to the replaced one', async () => {
    const world = await stackAtTwenty();
    const action = 'elasticloadbalancing:ModifyRule';
    world.cloud.injectFault({ kind: 'throttle', action, times: 3 });

    const { update, updated, rollback } = await cancelAfter(world, 3);

    expect(updated).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('later request') });
    expect(update.responses.map(({ Status }) => Status)).toEqual(['FAILED']);
    expect(rollback.responses.map(({ Status }) => Status)).toEqual(['SUCCESS']);
  });

  test.each([0, 2, 4, 7, 30, 100])(
    'rolls the traffic back when a stack update is cancelled after %d s',
    async (cancelAfterSeconds) => {
      const world = await stackAtTwenty();
      const { stack, template, cloud, weights } = world;
      const slow = { StepWeight: 20, StepInterval: '1m' };

      const status = await stack.update(template(eighty, slow), { cancelAfterSeconds });
      const atResponse = weights();
      const { length } = cloud.calls;
      await cloud.clock.sleep(900_000);

      expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(stack.requests.slice(1).map(({ outcome }) => outcome)).toEqual(['FAILED', 'SUCCESS']);
      expect(atResponse).toEqual(twenty);
      expect(writesOf(world, length)).toEqual([]);
      expect(weights()).toEqual(twenty);
    },
  );

  test('rolls traffic back at once, without waiting for the cancelled update', async () => {
    const world = await stackAtTwenty();
    const { stack, template, lambda, cloud, weights } = world;
    const slow = { StepWeight: 30, StepInterval: '1m' };
    const update = await stack.openUpdate(template(eighty, slow));
    const updating = lambda(update.event, invocation);
    await cloud.clock.sleep(30_000);
    const whenCancelled = weights();
    const rollback = await stack.openUpdate(template(twenty, slow));
    const OldResourceProperties = update.event.ResourceProperties;
    const rollingBack = lambda({ ...rollback.event, OldResourceProperties }, invocation);
    await cloud.clock.sleep(2_000);

    expect(whenCancelled).toEqual({ blue: 50, green: 50 });
    expect(weights()).toEqual(twenty);
    expect(rollback.responses).toEqual([]);
    await Promise.all([updating, rollingBack]);
    expect(rollback.responses).toMatchObject([{ Status: 'SUCCESS' }]);
  });

  test('stops an update between two steps when a later request is recorded', async () => {
    const world = await stackAtTwenty();
    const { stack, template, lambda, cloud } = world;
    const slow = { StepWeight: 10, StepInterval: '1m' };
    const update = await stack.openUpdate(template(eighty, slow));
    const updating = lambda(update.event, invocation);
    await cloud.clock.sleep(90_000);
    const next = await stack.openUpdate(template(twenty, slow));
    void lambda({ ...next.event, OldResourceProperties: update.event.ResourceProperties }, invocation);
    const recordedAt = cloud.clock.now();

    const result = await updating;

    expect(result).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('later request') });
    expect(cloud.clock.now() - recordedAt).toBeLessThanOrEqual(60_000);
  });

  test('writes nothing for an event that arrives seconds after a later request', async () => {
    const world = await stackAtTwenty();
    const { stack, template, lambda, cloud, weights } = world;
    const late = await stack.openUpdate(template(eighty, oneStep));
    await cloud.clock.sleep(1_000);
    const rollback = await stack.openUpdate(template(twenty, oneStep));
    const OldResourceProperties = late.event.ResourceProperties;
    await lambda({ ...rollback.event, OldResourceProperties }, invocation);
    await cloud.clock.sleep(2_000);
    const { length } = cloud.calls;

    const result = await lambda(late.event, invocation);

    expect(result).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('later request') });
    expect(writesOf(world, length)).toEqual([]);
    expect(weights()).toEqual(twenty);
  });

  test('writes nothing for a request after its response deadline', async () => {
    const world = await stackAtTwenty();
    const { stack, template, lambda, cloud, weights } = world;
    const { event } = await stack.openUpdate(template(eighty, { ...oneStep, ServiceTimeout: 300 }));
    await cloud.clock.sleep(301_000);
    const { length } = cloud.calls;

    const result = await lambda(event, invocation);

    expect(result).toMatchObject({ status: 'FAILED' });
    expect(writesOf(world, length)).toEqual([]);
    expect(weights()).toEqual(twenty);
  });

  test('runs one of two deliveries of the same event, and sends one response', async () => {
    const world = await stackAtTwenty();
    const { stack, template, lambda, cloud, weights } = world;
    const update = await stack.openUpdate(template(eighty, { StepWeight: 20, StepInterval: '10s' }));
    const first = lambda(update.event, invocation);
    await cloud.clock.sleep(5_000);

    const results = await Promise.all([first, lambda(update.event, invocation)]);

    expect(results).toContainEqual({ status: 'duplicate', isConfirmed: false });
    expect(update.responses.map(({ Status }) => Status)).toEqual(['SUCCESS']);
    expect(weights()).toEqual(eighty);
  });
});

describe('managedListenerRuleHandler › deletion during another request', () => {
  test('writes nothing to a rule that is kept after its deletion has the response', async () => {
    const world = managedRule();
    const { stack, template, lambda, cloud, weights } = world;
    const kept = { StepWeight: 20, StepInterval: '1m', RetainOnDelete: true };
    await stack.create(template(twenty, kept));
    await cloud.clock.sleep(60_000);
    const update = await stack.openUpdate(template(eighty, kept));
    const updating = lambda(update.event, invocation);
    await cloud.clock.sleep(30_000);

    const status = await stack.delete();
    const atResponse = weights();
    const { length } = cloud.calls;
    await updating;
    await cloud.clock.sleep(900_000);

    expect(status).toBe('DELETE_COMPLETE');
    expect(writesOf(world, length)).toEqual([]);
    expect(weights()).toEqual(atResponse);
  });

  test('deletes a rule during its update, and the update creates no other one', async () => {
    const world = managedRule();
    const { stack, template, lambda, cloud, weights } = world;
    await stack.create(template(twenty));
    await cloud.clock.sleep(60_000);
    const update = await stack.openUpdate(template(eighty, { StepWeight: 20, StepInterval: '1m' }));
    const updating = lambda(update.event, invocation);
    await cloud.clock.sleep(30_000);

    const status = await stack.delete();
    await updating;

    expect(status).toBe('DELETE_COMPLETE');
    expect(weights()).toBeUndefined();
  });

  test.each([0, 2, 4])(
    'leaves no rule when a creation is cancelled %d s after it has begun',
    async (seconds) => {
      const world = await stackAtTwenty();
      const { stack, template, lambda, cloud, listenerArn } = world;
      const { event } = await stack.openUpdate(template(twenty, { Priority: 30 }));
      const { PhysicalResourceId: _, OldResourceProperties: __, ...rest } = event;
      const create = { ...rest, LogicalResourceId: 'Other', RequestType: 'Create' } as const;
      cloud.injectFault({ kind: 'throttle', action: 'elasticloadbalancing:CreateRule', times: 10 });
      const creating = lambda(create, invocation);
      await cloud.clock.sleep(seconds * 1000);
      const { length } = cloud.elasticLoadBalancing.rulesOf(listenerArn);
      const { event: next } = await stack.openUpdate(template(twenty, { Priority: 30 }));
      const ids = { LogicalResourceId: 'Other', PhysicalResourceId: 'shop-Other-1ABCDEFGHIJKL' };
      const { OldResourceProperties: ___, ...deletion } = next;

      const deleted = await lambda({ ...deletion, ...ids, RequestType: 'Delete' }, invocation);
      await creating;
      await cloud.clock.sleep(60_000);

      expect(length).toBe(1);
      expect(cloud.calls.filter((it) => /:CreateRule$/.test(it.action) && it.outcome === 'ok')).toHaveLength(
        2,
      );
      expect(deleted).toMatchObject({ status: 'SUCCESS' });
      expect(cloud.elasticLoadBalancing.rulesOf(listenerArn).map(({ priority }) => priority)).toEqual([11]);
    },
  );
});

describe('managedListenerRuleHandler › events that arrive after a deletion has begun', () => {
  /** Cancels an update at once, and deletes the stack. The update arrives after a number of seconds. */
  async function arriveLate(seconds: number) {
    const world = await stackAtTwenty();
    const { stack, template, lambda, cloud, weights } = world;
    const late = await stack.openUpdate(template(eighty, { ...oneStep, Priority: 12 }));
    await stack.update(template(twenty, oneStep));
    const deleting = stack.delete();
    await cloud.clock.sleep(seconds * 1000);
    const { length } = cloud.calls;
    const updated = await lambda(late.event, invocation);
    const writes = writesOf(world, length).map(({ action }) => action);
    const status = await deleting;
    await cloud.clock.sleep(60_000);
    return { status, updated, writes, weights: weights() };
  }

  test.each([1, 5, 30, 80])(
    'deletes the rule that an update creates again because it arrives %d s late',
    async (seconds) => {
      const { status, writes, weights } = await arriveLate(seconds);

      expect(writes).toContain('elasticloadbalancing:CreateRule');
      expect(status).toBe('DELETE_COMPLETE');
      expect(weights).toBeUndefined();
    },
  );

  test('creates no rule for an update that arrives more than 90 s late', async () => {
    const { status, updated, writes, weights } = await arriveLate(95);

    expect(updated).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('was not created') });
    expect(writes).toEqual([]);
    expect(status).toBe('DELETE_COMPLETE');
    expect(weights).toBeUndefined();
  });

  test('deletes the rule of a stack at once when its last request is long past', async () => {
    const world = await stackAtTwenty();
    const { stack, cloud } = world;
    await cloud.clock.sleep(120_000);
    const startedAt = cloud.clock.now();

    await stack.delete();

    expect(cloud.clock.now() - startedAt).toBeLessThan(5_000);
  });

  test.each([60, 120, 300])(
    'responds to a deletion within a function time-out of %d s',
    async (timeoutSeconds) => {
      const world = managedRule({ timeoutSeconds, handler: { deadlineMarginSeconds: 10 } });
      await world.stack.create(world.template(twenty));
      const startedAt = world.cloud.clock.now();

      expect(await world.stack.delete()).toBe('DELETE_COMPLETE');
      expect(world.cloud.clock.now() - startedAt).toBeLessThan(timeoutSeconds * 1000);
      expect(world.stack.requests[1]?.invocations).toHaveLength(1);
    },
  );
});

describe('managedListenerRuleHandler › ledger', () => {
  const action = 'elasticloadbalancing:DescribeTags';
  const always = Number.POSITIVE_INFINITY;

  test.each<FaultKind>(['throttle', 'serverError', 'timeout', 'accessDenied'])(
    'writes nothing forward while the ledger cannot be read: %s',
    async (kind) => {
      const world = await stackAtTwenty();
      const { stack, template, lambda, cloud, weights } = world;
      const { event } = await stack.openUpdate(template(eighty, oneStep));
      cloud.injectFault({ kind, action, times: always });
      const { length } = cloud.calls;

      const result = await lambda(event, invocation);

      expect(result).toMatchObject({ status: 'FAILED' });
      expect(writesOf(world, length)).toEqual([]);
      expect(weights()).toEqual(twenty);
    },
  );

  test('continues an update when the ledger can be read again within a minute', async () => {
    const world = await stackAtTwenty();
    world.cloud.injectFault({ kind: 'serverError', action, times: 6 });

    const status = await world.stack.update(world.template(eighty, oneStep));

    expect(status).toBe('UPDATE_COMPLETE');
    expect(world.weights()).toEqual(eighty);
  });

  /** A rule whose update has stopped half-way, and the event of its rollback. */
  async function interrupted() {
    const world = await stackAtTwenty();
    const { stack, template, lambda, cloud, weights } = world;
    const slow = { StepWeight: 30, StepInterval: '1m' };
    const update = await stack.openUpdate(template(eighty, slow));
    void lambda(update.event, invocation);
    await cloud.clock.sleep(30_000);
    expect(weights()).toEqual({ blue: 50, green: 50 });
    const rollback = await stack.openUpdate(template(twenty, slow));
    const event = { ...rollback.event, OldResourceProperties: update.event.ResourceProperties };
    return { ...world, event, rollback };
  }

  test('rolls traffic back at the end of the time without a readable ledger, with a note in the response', async () => {
    const { cloud, lambda, weights, event, rollback } = await interrupted();
    cloud.injectFault({ kind: 'serverError', action, times: always });
    const startedAt = cloud.clock.now();
    const end = startedAt + 300_000;

    const result = await lambda(event, { getRemainingTimeInMillis: () => end - cloud.clock.now() });

    expect(weights()).toEqual(twenty);
    expect(cloud.clock.now() - startedAt).toBeGreaterThan(120_000);
    expect(cloud.clock.now()).toBeLessThan(end);
    expect(result).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('could not be read') });
    expect(rollback.responses).toHaveLength(1);
  });

  test('rolls traffic back at once when reading the ledger is denied, with a note in the response', async () => {
    const { cloud, lambda, weights, event } = await interrupted();
    cloud.injectFault({ kind: 'accessDenied', action, times: always });
    const startedAt = cloud.clock.now();

    const result = await lambda(event, invocation);

    expect(weights()).toEqual(twenty);
    expect(cloud.clock.now() - startedAt).toBeLessThan(60_000);
    expect(result).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('could not be read') });
  });
});
