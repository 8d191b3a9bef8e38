import { describe, expect, test } from 'vitest';
import { makeShifter } from '../../examples/canary/shifter.js';
import { makeWorld, type Release } from '../../examples/canary/world.js';
import type { RolloutEvent } from '../../src/ecs-rollout/index.js';
import { codeDeploySwapHooks } from '../../src/hooks/codedeploy-swap-hooks.js';
import type { SwapEvent } from '../../src/swap/index.js';
import { emfEvents, openTelemetryEvents } from '../../src/telemetry/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { type Check, canary, type ShiftEvent, type ShiftState } from '../../src/traffic/index.js';
import { makeCodeDeploySwapWorld } from '../support/codedeploy-swap-world.js';
import { fargateWorld } from '../support/rollout-world.js';
import { SwapWorld } from '../support/swap-world.js';
import { createMeter, createTracer } from '../support/telemetry-recorders.js';

type Line = Readonly<Record<string, unknown>> & {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly [
      {
        readonly Namespace: string;
        readonly Dimensions: readonly (readonly string[])[];
        readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
      },
    ];
  };
};

/** Listeners of both kinds, and everything that they wrote. */
function telemetry() {
  const lines: string[] = [];
  const tracer = createTracer();
  const meter = createMeter();
  const metrics = emfEvents({ name: 'shop', namespace: 'Deployments', write: (line) => lines.push(line) });
  const traces = openTelemetryEvents({ name: 'shop', tracer, meter });
  return {
    ...{ lines, tracer, meter },
    parsed: () => lines.map((line): Line => JSON.parse(line)),
    onShiftEvent: (event: ShiftEvent, state: ShiftState) => {
      metrics.onShiftEvent(event, state);
      traces.onShiftEvent(event, state);
    },
    onRolloutEvent: (event: RolloutEvent) => {
      metrics.onRolloutEvent(event);
      traces.onRolloutEvent(event);
    },
    onSwapEvent: (event: SwapEvent) => {
      metrics.onSwapEvent(event);
      traces.onSwapEvent(event);
    },
  };
}

type Telemetry = ReturnType<typeof telemetry>;

async function shift(release: Release, onEvent?: Telemetry['onShiftEvent']) {
  const { cloud, settings } = makeWorld(release);
  const shifter = makeShifter(settings, { clients: cloud.clients, clock: cloud.clock });
  return shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }), { onEvent });
}

/** Every metric has a value, and the dimensions are bounded. */
function expectValidLines({ parsed }: Telemetry): void {
  for (const { _aws, ...members } of parsed()) {
    const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics;
    expect(Namespace).toBe('Deployments');
    expect(Dimensions).toEqual([['Change', 'Name']]);
    expect(Metrics.length).toBeGreaterThan(0);
    for (const { Name } of Metrics) expect(members[Name], Name).toEqual(expect.any(Number));
    expect(members).toMatchObject({ Name: 'shop', Change: expect.stringMatching(/^(shift|rollout|swap)$/) });
    expect(Number.isSafeInteger(_aws.Timestamp)).toBe(true);
  }
}

/** No attribute of a metric has a value that grows with the number of changes. */
function expectBoundedAttributes({ meter }: Telemetry): void {
  const names = new Set(meter.values.flatMap(({ attributes }) => Object.keys(attributes)));
  const allowed = ['blue_green.change', 'blue_green.name', 'blue_green.event', 'blue_green.outcome'];
  expect([...names].filter((name) => !allowed.includes(name))).toEqual([]);
}

const fails: Check = { name: 'errors', evaluate: async () => ({ outcome: 'fail', detail: '7 % of 5xx' }) };

describe('telemetry of a shift', () => {
  test('writes the outcome, the share and the duration of a shift that succeeds', async () => {
    const heard = telemetry();
    const { outcome, history, state } = await shift({ greenIsBad: false }, heard.onShiftEvent);

    expect(outcome).toBe('succeeded');
    expectValidLines(heard);
    const seconds = ((history.at(-1)?.at ?? 0) - state.startedAt) / 1000;
    expect(heard.parsed()[0]).toMatchObject({ Started: 1, IncomingPercent: 0, incoming: 'green' });
    expect(heard.parsed().at(-1)).toMatchObject({ Succeeded: 1, IncomingPercent: 100, Duration: seconds });
    expect(heard.meter.values.filter(({ name }) => name === 'blue_green.ends')).toEqual([
      {
        name: 'blue_green.ends',
        value: 1,
        attributes: {
          'blue_green.change': 'shift',
          'blue_green.name': 'shop',
          'blue_green.outcome': 'succeeded',
        },
      },
    ]);
    expect(heard.meter.values).toContainEqual(
      expect.objectContaining({ name: 'blue_green.duration', value: seconds }),
    );
    expectBoundedAttributes(heard);
    expect(heard.tracer.spans).toHaveLength(1);
    expect(heard.tracer.spans[0]).toMatchObject({
      name: 'blue_green shift',
      startedAt: state.startedAt,
      endedAt: history.at(-1)?.at,
    });
    expect(heard.tracer.spans[0]?.status).toBeUndefined();
    expect(heard.tracer.spans[0]?.events.map(({ name }) => name)).toEqual(history.map(({ type }) => type));
  });

  test('writes failed checks, and a span with an error, for a shift that is rolled back', async () => {
    const heard = telemetry();
    const { outcome } = await shift({ greenIsBad: true }, heard.onShiftEvent);

    expect(outcome).toBe('rolledBack');
    expectValidLines(heard);
    expect(heard.parsed().filter(({ FailedChecks }) => FailedChecks === 1)).not.toEqual([]);
    expect(heard.parsed().filter(({ RollbackStarted }) => RollbackStarted === 1)).toHaveLength(1);
    expect(heard.parsed().at(-1)).toMatchObject({ RolledBack: 1, IncomingPercent: 0 });
    expect(heard.tracer.spans).toMatchObject([
      { status: { code: 2, message: expect.stringContaining('5xx rate') } },
    ]);
    expect(heard.meter.values.some(({ name }) => name === 'blue_green.failed_checks')).toBe(true);
  });

  test('knows the beginning and the share in a process that has not seen the beginning', async () => {
    const events: [ShiftEvent, ShiftState][] = [];
    const { history, state } = await shift({ greenIsBad: false }, (...each) => events.push(each));
    const heard = telemetry();
    const last = events.at(-1);
    if (last !== undefined) heard.onShiftEvent(...last);

    const durationSeconds = ((history.at(-1)?.at ?? 0) - state.startedAt) / 1000;
    expect(heard.parsed()).toMatchObject([{ Succeeded: 1, IncomingPercent: 100, Duration: durationSeconds }]);
    expect(heard.tracer.spans).toMatchObject([
      { startedAt: state.startedAt, events: [{ name: 'succeeded' }] },
    ]);
  });

  test.each(['emf', 'openTelemetry'] as const)(
    'leaves the shift unchanged when the output of %s throws',
    async (kind) => {
      const fail = () => {
        throw new Error('no output');
      };
      const listeners =
        kind === 'emf'
          ? emfEvents({ name: 'shop', write: fail })
          : openTelemetryEvents({ name: 'shop', tracer: { startSpan: fail } });

      expect((await shift({ greenIsBad: false }, listeners.onShiftEvent)).outcome).toBe('succeeded');
      expect((await shift({ greenIsBad: true }, listeners.onShiftEvent)).outcome).toBe('rolledBack');
    },
  );
});

describe('telemetry of a rollout', () => {
  test('writes the outcome and the duration of a rollout', async () => {
    const world = fargateWorld(new SimulatedCloud(), { isQuick: true });
    const heard = telemetry();
    const result = await world.rollout.rollOut(
      { taskDefinition: world.next },
      { onEvent: heard.onRolloutEvent },
    );

    expectValidLines(heard);
    expect(heard.parsed()[0]).toMatchObject({ Started: 1, Change: 'rollout' });
    expect(heard.parsed().at(-1)).toMatchObject({
      Succeeded: 1,
      Duration: (result.endedAt - result.startedAt) / 1000,
    });
    expect(heard.tracer.spans).toMatchObject([{ name: 'blue_green rollout', startedAt: result.startedAt }]);
    expectBoundedAttributes(heard);
  });

  test('writes the failure of a check, and that the service is intact', async () => {
    const world = fargateWorld(new SimulatedCloud(), { isQuick: true });
    const heard = telemetry();
    const rollingOut = world.rollout.rollOut(
      { taskDefinition: world.next },
      { onEvent: heard.onRolloutEvent, checks: [fails] },
    );

    await expect(rollingOut).rejects.toThrow('errors');
    expectValidLines(heard);
    expect(heard.parsed().some(({ FailedChecks }) => FailedChecks === 1)).toBe(true);
    expect(heard.parsed().at(-1)).toMatchObject({ Failed: 1, serviceIntact: true });
    expect(heard.lines.join('\n')).not.toContain('arn:aws');
    expect(JSON.stringify(heard.tracer.spans)).not.toContain('arn:aws');
  });

  test('begins anew with the second rollout of a listener', async () => {
    const world = fargateWorld(new SimulatedCloud(), { isQuick: true });
    const heard = telemetry();
    const options = { onEvent: heard.onRolloutEvent };
    await world.rollout.rollOut({ taskDefinition: world.next }, options);
    const { startedAt } = await world.rollout.rollOut({ taskDefinition: world.before }, options);

    expect(heard.tracer.spans).toHaveLength(2);
    expect(heard.tracer.spans[1]).toMatchObject({ startedAt });
    expect(heard.parsed().filter(({ Started }) => Started === 1)).toHaveLength(2);
  });
});

describe('telemetry of a swap', () => {
  test('writes the outcome and the duration of a swap in this process', async () => {
    const world = new SwapWorld();
    const heard = telemetry();
    const { outcome, history } = await world.swap().run({ onEvent: heard.onSwapEvent });
    const [first, last] = [history[0], history.at(-1)];

    expect(outcome).toBe('succeeded');
    expectValidLines(heard);
    expect(heard.parsed()[0]).toMatchObject({ Started: 1, Change: 'swap', incoming: 'green' });
    expect(heard.parsed().at(-1)).toMatchObject({
      Succeeded: 1,
      orphans: 0,
      Duration: ((last?.at ?? 0) - (first?.at ?? 0)) / 1000,
    });
    expect(heard.tracer.spans).toMatchObject([{ startedAt: first?.at, endedAt: last?.at }]);
    expect(heard.tracer.spans[0]?.events.map(({ name }) => name)).toEqual(history.map(({ type }) => type));
    expectBoundedAttributes(heard);
  });

  test('writes a failed step and the rollback', async () => {
    const world = new SwapWorld();
    const heard = telemetry();
    const failing = world.test('smoke test', () => {
      throw new Error('3 of 7 failed');
    });
    const { outcome } = await world.swap({ test: [failing] }).run({ onEvent: heard.onSwapEvent });

    expect(outcome).toBe('rolledBack');
    expect(heard.parsed().some((line) => line['FailedSteps'] === 1 && line['step'] === 'smoke test')).toBe(
      true,
    );
    expect(heard.parsed().filter(({ RollbackStarted }) => RollbackStarted === 1)).toHaveLength(1);
    expect(heard.parsed().at(-1)).toMatchObject({ RolledBack: 1, Duration: expect.any(Number) });
  });
});

describe('codeDeploySwapHooks › onEvent', () => {
  async function deploy(onEvent: (event: SwapEvent) => unknown) {
    const world = makeCodeDeploySwapWorld();
    const { cloud, taskDefinitions, item } = world;
    world.hooks.current = codeDeploySwapHooks(world.swap, { clients: cloud.clients, onEvent });
    const result = await world.deploy(taskDefinitions.green).ended;
    await cloud.clock.sleep(3_600_000);
    return { result, item: await item(), cloud };
  }

  test('passes every event of the swap of a deployment, each once', async () => {
    const heard = telemetry();
    const types: string[] = [];
    const { result, item } = await deploy((event) => {
      types.push('step' in event ? `${event.type} ${event.step}` : event.type);
      heard.onSwapEvent(event);
    });

    expect(result).toBe('Succeeded');
    expect(types[0]).toBe('started');
    expect(types.at(-1)).toBe('ended');
    expect(types.filter((type) => type.startsWith('stepDone'))).toEqual([
      'stepDone start database',
      'stepDone enable subscription',
      'stepDone smoke test',
      'stepDone disable subscription',
      'stepDone stop database',
    ]);
    const [line] = item?.ended ?? [];
    expect(heard.parsed().at(-1)).toMatchObject({
      Succeeded: 1,
      swapId: line?.id,
      Duration: ((line?.endedAt ?? 0) - (line?.beganAt ?? 0)) / 1000,
    });
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no display');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no display'))],
    ['never settles', () => new Promise(() => {})],
  ])('deploys as before when the listener %s', async (_how, onEvent) => {
    const { result, item } = await deploy(onEvent);

    expect(result).toBe('Succeeded');
    expect(item).toMatchObject({ live: 'green', ended: [{ end: 'succeeded' }] });
  });
});
