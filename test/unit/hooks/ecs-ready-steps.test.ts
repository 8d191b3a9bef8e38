import { beforeEach, describe, expect, test } from 'vitest';
import { AuroraTools } from '../../../src/aurora/index.js';
import { InvalidInputError, parseStackReference } from '../../../src/core/index.js';
import {
  databaseStarted,
  type EcsHookInvocation,
  ecsLifecycleHook,
  subscriptionDisabled,
  subscriptionEnabled,
} from '../../../src/hooks/index.js';
import { SnsTools } from '../../../src/sns/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { callUntilEnd, hookEvent, makeLogger } from '../../support/ecs-hook.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const stackOfHook = ({ hookDetails }: EcsHookInvocation) => parseStackReference(hookDetails['stack']);

function run(stages: Parameters<typeof ecsLifecycleHook>[0], hookDetails?: Record<string, unknown>) {
  const handler = ecsLifecycleHook(stages, { clock: cloud.clock, logger: makeLogger() });
  return callUntilEnd(handler, hookEvent('PRE_SCALE_UP', { hookDetails }), { clock: cloud.clock });
}

function makeAurora() {
  return new AuroraTools({
    blue: { clusterIdentifier: 'orders-blue' },
    green: { clusterIdentifier: 'orders-green' },
    minimumReaderCount: 1,
    clients: cloud.clients,
    clock: cloud.clock,
  });
}

function makeSns() {
  const { arn: topic } = cloud.sns.addTopic('orders');
  const [blue, green] = ['blue', 'green'].map((stack) => {
    cloud.sqs.addQueue({ name: `orders-${stack}` });
    return cloud.sns.subscribe({ topic, queue: `orders-${stack}` }).arn;
  });
  return new SnsTools({
    blue: { subscriptionArn: blue ?? '' },
    green: { subscriptionArn: green ?? '' },
    clients: cloud.clients,
  });
}

describe('databaseStarted', () => {
  test.each(['stopped', 'available', 'stopping'])(
    'starts a cluster that is %s, and waits',
    async (status) => {
      cloud.rds.addCluster({ name: 'orders-green', status: status === 'stopping' ? 'available' : status });
      if (status === 'stopping') await makeAurora().stopDatabase('green');

      const responses = await run({ PRE_SCALE_UP: [databaseStarted(makeAurora(), 'green')] });

      expect(responses.at(-1)?.response).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(cloud.rds.cluster('orders-green').status).toBe('available');
    },
  );

  test('fails when the cluster does not exist', async () => {
    const responses = await run({ PRE_SCALE_UP: [databaseStarted(makeAurora(), 'green')] });

    expect(responses.map(({ response }) => response.hookStatus)).toEqual(['FAILED']);
  });

  test('fails after maxWaitSeconds', async () => {
    cloud.rds.addCluster({ name: 'orders-green', status: 'stopped' });

    const responses = await run({
      PRE_SCALE_UP: [databaseStarted(makeAurora(), 'green', { maxWaitSeconds: 60, intervalSeconds: 60 })],
    });

    expect(responses.at(-1)).toMatchObject({ response: { hookStatus: 'FAILED' }, after: 60 });
  });

  test('takes a name for each of two databases', () => {
    const aurora = makeAurora();

    expect(databaseStarted(aurora, 'green', { name: 'orders' }).name).toBe('orders started');
    expect(databaseStarted(aurora, 'green').name).toBe('database started');
  });
});

describe('databaseStarted, subscriptionEnabled and subscriptionDisabled', () => {
  const makers: Record<string, (...args: never[]) => unknown> = {
    databaseStarted,
    subscriptionEnabled,
    subscriptionDisabled,
  };
  const tools = { databaseStarted: makeAurora, subscriptionEnabled: makeSns, subscriptionDisabled: makeSns };
  const names = Object.keys(tools) as (keyof typeof tools)[];

  test.each(names)('throws InvalidInputError when %s gets a malformed argument', (maker) => {
    const make = (...args: unknown[]) => makers[maker]?.(...(args as never[]));
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();

    for (const bad of [null, Number.NaN, 'x', proxy, { nmae: 'orders' }, { name: 5 }]) {
      expect(() => make(tools[maker](), 'green', bad), typeof bad).toThrow(InvalidInputError);
    }
    for (const bad of [undefined, null, {}, proxy]) {
      expect(() => make(bad, 'green')).toThrow(InvalidInputError);
    }
    for (const bad of [undefined, null, 'red', Symbol('x')]) {
      expect(() => make(tools[maker](), bad)).toThrow(InvalidInputError);
    }
  });

  test('names the nearest known option', () => {
    expect(() => databaseStarted(makeAurora(), 'green', { maxWaitSecond: 60 } as never)).toThrow(
      'maxWaitSecond: unknown option; did you mean maxWaitSeconds?',
    );
  });
});

describe('subscriptionEnabled and subscriptionDisabled', () => {
  test('change the stack of the invocation, and wait until SNS has applied the change everywhere', async () => {
    const sns = makeSns();

    const off = await run({ PRE_SCALE_UP: subscriptionDisabled(sns, stackOfHook) }, { stack: 'green' });

    expect(off.at(-1)).toMatchObject({ response: { hookStatus: 'SUCCEEDED' }, after: 900 });
    expect(await sns.isSubscriptionEnabled('green')).toBe(false);
    expect(await sns.isSubscriptionEnabled('blue')).toBe(true);

    const on = await run({ PRE_SCALE_UP: [subscriptionEnabled(sns, stackOfHook)] }, { stack: 'green' });

    expect(on.at(-1)).toMatchObject({ response: { hookStatus: 'SUCCEEDED' }, after: 900 });
    expect(await sns.isSubscriptionEnabled('green')).toBe(true);
  });

  test('fail when the invocation has no stack', async () => {
    const responses = await run(
      { PRE_SCALE_UP: subscriptionEnabled(makeSns(), stackOfHook) },
      { stack: 'red' },
    );

    expect(responses.map(({ response }) => response.hookStatus)).toEqual(['FAILED']);
  });
});
