import { readFileSync } from 'node:fs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { describe, expect, test, vi } from 'vitest';
import { makeShifter } from '../../examples/canary/shifter.js';
import { makeWorld, type Release, type World } from '../../examples/canary/world.js';
import { busEntry } from '../../examples/notifications/bus-entry.js';
import { metricLine } from '../../examples/notifications/embedded-metrics.js';
import {
  notifyingStepFunctionsHandler,
  runDurablyWithNotices,
  shiftHere,
} from '../../examples/notifications/handlers.js';
import type { Clock } from '../../src/core/clock.js';
import { silentLogger } from '../../src/core/logger.js';
import type { DurableRequest } from '../../src/durable/index.js';
import { stepFunctionsDefinition } from '../../src/step-functions/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import type { ShiftEvent, ShiftRequest, ShiftState, TrafficShifter } from '../../src/traffic/index.js';
import { makeDurableWorld } from '../support/durable-world.js';
import { createRecorder } from '../support/recorded-lines.js';
import { execute } from '../support/state-machine.js';

const pattern: Record<string, unknown> = JSON.parse(
  readFileSync(new URL('../../examples/notifications/pattern.json', import.meta.url), 'utf8'),
);

/** The part of EventBridge's matching that the pattern uses: a list of values for a field. */
function matches(event: Record<string, unknown>, wanted: Record<string, unknown> = pattern): boolean {
  return Object.entries(wanted).every(([key, value]) =>
    Array.isArray(value)
      ? value.includes(event[key])
      : matches(event[key] as Record<string, unknown>, value as Record<string, unknown>),
  );
}

/** Written lines, events on the bus, and the senders of notices. */
function audience({ clients, eventBridge }: SimulatedCloud) {
  const lines: string[] = [];
  const logger = createRecorder();
  const events = () =>
    eventBridge.eventsOn().map(({ Source, DetailType, Detail = '' }) => ({
      source: Source,
      'detail-type': DetailType,
      detail: JSON.parse(Detail),
    }));
  return {
    options: {
      shift: 'shop',
      eventBridge: clients.eventBridge,
      write: (line: string) => lines.push(line),
      logger,
    },
    logger,
    events,
    types: () => events().map(({ detail }) => detail.type),
    metrics: () => lines.map((line) => JSON.parse(line)),
    lines,
  };
}

function shifterOf({ cloud, settings }: World): TrafficShifter {
  return makeShifter(settings, { clients: cloud.clients, clock: cloud.clock });
}

async function shiftInProcess(release: Release, prepare: (world: World) => void = () => {}) {
  const world = makeWorld(release);
  const heard = audience(world.cloud);
  prepare(world);
  const result = await shiftHere(shifterOf(world), heard.options);
  return { ...heard, world, result };
}

const wholeStory = [
  'started',
  'weightsWritten',
  'weightsVerified',
  'weightsWritten',
  'weightsVerified',
  'succeeded',
];

/** The events of one step are sent in one request: the start, two verified writes, and the end. */
const requests = 4;

describe('notices of a shift in process', () => {
  test('are sent to the bus, except those of each evaluation', async () => {
    const { result, types, events, logger } = await shiftInProcess({ greenIsBad: false });

    expect(result.outcome).toBe('succeeded');
    expect(types()).toEqual(wholeStory);
    expect(events().at(-1)?.detail).toEqual({
      shift: 'shop',
      type: 'succeeded',
      incoming: 'green',
      weights: { blue: 0, green: 100 },
      startedAt: expect.any(Number),
    });
    expect(events().filter((event) => matches(event))).toEqual([]);
    expect(logger.take()).toEqual([]);
  });

  test('become metrics: one line each, with a value for each metric', async () => {
    const { result, lines, metrics } = await shiftInProcess({ greenIsBad: false });

    expect(lines).toHaveLength(result.history.length);
    for (const line of lines) expect(line).toMatch(/^\{[^\n]*\}\n$/);
    for (const { _aws, ...members } of metrics()) {
      const [{ Metrics, Dimensions }] = _aws.CloudWatchMetrics;
      for (const { Name } of Metrics) expect(members[Name], Name).toEqual(expect.any(Number));
      for (const name of Dimensions.flat()) expect(members[name], name).toBe('shop');
    }
    expect(metrics().at(-1)).toMatchObject({ Succeeded: 1, IncomingPercent: 100 });
    expect(metrics().at(-1).ShiftDuration).toBeGreaterThan(300);
  });

  test('match the rule of a rollback, with the reason', async () => {
    const { result, events, metrics } = await shiftInProcess({ greenIsBad: true });

    expect(result.outcome).toBe('rolledBack');
    expect(events().filter((event) => matches(event))).toMatchObject([
      { detail: { type: 'rolledBack', shift: 'shop', reason: expect.stringContaining('5xx rate') } },
    ]);
    expect(metrics().filter(({ BadChecks }) => BadChecks === 1)).not.toEqual([]);
    expect(metrics().at(-1)).toMatchObject({ RolledBack: 1, IncomingPercent: 0 });
  });

  test('match the rule of a halt', async () => {
    const { result, events } = await shiftInProcess({ greenIsBad: false }, (world) => {
      world.cloud.clock.schedule(60, () => world.setWeightsByHand({ blue: 70, green: 30 }));
    });

    expect(result.outcome).toBe('halted');
    expect(events().filter((event) => matches(event))).toMatchObject([{ detail: { type: 'halted' } }]);
  });

  test.each(['serverError', 'accessDenied', 'timeout'] as const)(
    'leave the shift unchanged when the bus responds with %s',
    async (kind) => {
      const { result, types, lines, logger } = await shiftInProcess({ greenIsBad: false }, ({ cloud }) =>
        cloud.injectFault({ kind, action: 'events:PutEvents', times: 1000 }),
      );

      expect(result.outcome).toBe('succeeded');
      expect(types()).toEqual([]);
      expect(lines).toHaveLength(result.history.length);
      expect(logger.take()).toHaveLength(requests);
    },
  );

  test('report an entry that the bus has rejected', async () => {
    const world = makeWorld({ greenIsBad: false });
    const { options, logger } = audience(world.cloud);

    await shiftHere(shifterOf(world), { ...options, source: 'aws.shop' });

    expect(logger.take()[0]).toMatchObject({
      level: 'warn',
      message: 'Could not send notice of shift',
      data: { resource: 'shop', error: expect.stringContaining('NotAuthorizedForSourceException') },
    });
  });

  test('are abandoned when the bus does not respond', async () => {
    const limit = AbortSignal.timeout.bind(AbortSignal);
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => limit(1));
    const world = makeWorld({ greenIsBad: false });
    const { options, logger } = audience(world.cloud);
    const eventBridge = new EventBridgeClient({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      requestHandler: {
        handle: (_request: unknown, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
          new Promise((_resolve, reject) => {
            abortSignal?.addEventListener('abort', () => reject(abortSignal.reason));
          }),
      },
    });

    const result = await shiftHere(shifterOf(world), { ...options, eventBridge });

    expect(result.outcome).toBe('succeeded');
    expect(logger.take()).toHaveLength(requests);
  });
});

describe('notices of a shift in a state machine', () => {
  test('are sent by the end of each invocation', async () => {
    const world = makeWorld({ greenIsBad: true });
    const { cloud } = world;
    const { options, types, events } = audience(cloud);
    const handler = notifyingStepFunctionsHandler(() => shifterOf(world), options, {
      clock: cloud.clock,
      logger: silentLogger,
    });
    const sentAtTheEnd: boolean[] = [];
    const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:shift';

    await execute(
      stepFunctionsDefinition({ functionArn, functionTimeoutSeconds: 120 }),
      { request: { incoming: 'green', strategy: { type: 'canary', percent: 10, holdSeconds: 3600 } } },
      {
        clock: cloud.clock,
        functions: {
          [functionArn]: async (payload) => {
            const endsAt = cloud.clock.now() + 120_000;
            const answer = await handler(payload, {
              getRemainingTimeInMillis: () => endsAt - cloud.clock.now(),
            });
            const phase = 'phase' in answer ? answer.phase : 'shifting';
            sentAtTheEnd.push(phase !== 'rolledBack' || types().at(-1) === 'rolledBack');
            return answer;
          },
        },
      },
    );

    expect(types()).toEqual([
      ...wholeStory.slice(0, 3),
      'rollingBack',
      ...wholeStory.slice(3, 5),
      'rolledBack',
    ]);
    expect(events().filter((event) => matches(event))).toHaveLength(1);
    expect(sentAtTheEnd).not.toContain(false);
  });
});

describe('notices of a durable shift', () => {
  const request: DurableRequest<ShiftRequest, ShiftState> = {
    incoming: 'green',
    strategy: { type: 'canary', percent: 10, holdSeconds: 600 },
  };

  test('are sent once, regardless of replays', async () => {
    const world = makeDurableWorld();
    const { options, types } = audience(new SimulatedCloud());
    const durable = { clock: patient(world.clock), logger: silentLogger };
    const execution = world.execution();

    const result = await execution.run((context) =>
      runDurablyWithNotices(context, request, world.shifter, { ...options, durable }),
    );

    expect(result.outcome).toBe('succeeded');
    expect(execution.invocations).toBeGreaterThan(2);
    expect(types()).toEqual(wholeStory);
  });

  test('include a halted shift', async () => {
    const world = makeDurableWorld();
    const { options, types } = audience(new SimulatedCloud());
    const broken = () => Promise.reject(new Error('no answer'));
    const shifter = {
      ...bound(world.shifter),
      advance: broken,
      rollBack: broken,
    } as unknown as TrafficShifter;
    const durable = {
      clock: patient(world.clock),
      logger: silentLogger,
      maxAttempts: 1,
      maxRollbackAttempts: 1,
    };

    const result = await world
      .execution()
      .run((context) => runDurablyWithNotices(context, request, shifter, { ...options, durable }));

    expect(result.outcome).toBe('halted');
    expect(types()).toEqual(['started', 'halted']);
  });
});

describe('event for the bus', () => {
  const state = { incoming: 'green', startedAt: 0 } as ShiftState;

  test("stays below the size limit, regardless of a check's detail", () => {
    const event: ShiftEvent = { at: 0, type: 'halted', reason: 'ü'.repeat(500_000) };

    const { Detail = '' } = busEntry('shop', event, state) ?? {};

    expect(Buffer.byteLength(Detail)).toBeLessThan(20_000);
    expect(JSON.parse(Detail).reason).toMatch(/^ü+$/);
  });

  test('has the configured bus and source', () => {
    const event: ShiftEvent = { at: 5000, type: 'halted', reason: 'drift' };

    expect(busEntry('shop', event, state, { eventBusName: 'ops', source: 'shop' })).toMatchObject({
      EventBusName: 'ops',
      Source: 'shop',
      Time: new Date(5000),
    });
  });
});

describe('metric line', () => {
  test.each([
    ['fail', false, 1],
    ['error', false, 1],
    ['pass', false, 0],
    ['fail', true, 0],
  ] as const)('of a check with the outcome %s (dryRun %s) counts %i', (outcome, dryRun, BadChecks) => {
    const result = { outcome, detail: 'seen' };
    const event: ShiftEvent = { at: 1, type: 'checkEvaluated', check: '5xx', dryRun, result };

    const line = JSON.parse(metricLine('shop', event, { incoming: 'green' } as ShiftState));

    expect(line).toMatchObject({ CheckEvaluated: 1, BadChecks, event });
  });
});

/** A clock without deadlines. */
function patient(clock: Pick<Clock, 'now'>): Clock {
  return { now: () => clock.now(), sleep: () => new Promise(() => {}) };
}

function bound(shifter: TrafficShifter) {
  return {
    description: shifter.description,
    parseRequest: shifter.parseRequest.bind(shifter),
    parseState: shifter.parseState.bind(shifter),
    begin: shifter.begin.bind(shifter),
    halt: shifter.halt.bind(shifter),
    startEvents: shifter.startEvents.bind(shifter),
    summarize: shifter.summarize.bind(shifter),
  };
}
