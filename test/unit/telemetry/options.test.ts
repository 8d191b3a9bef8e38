import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import { emfEvents, openTelemetryEvents } from '../../../src/telemetry/index.js';
import { hostileValues } from '../../support/hostile-values.js';
import { createMeter, createTracer } from '../../support/telemetry-recorders.js';

const tracer = createTracer();
const listeners = () => {
  const lines: string[] = [];
  return { lines, ...emfEvents({ name: 'shop', write: (line) => lines.push(line) }) };
};
const at = 1_780_000_000_000;

describe('emfEvents', () => {
  test.each([
    ['unknown option', { name: 'shop', nameSpace: 'x' }, 'namespace'],
    ['name', {}, 'name'],
    ['name', { name: ' ' }, 'printable ASCII'],
    ['name', { name: 'x'.repeat(251) }, 'printable ASCII'],
    ['name', { name: 'bücher' }, 'printable ASCII'],
    ['namespace', { name: 'shop', namespace: 'AWS/Lambda' }, 'namespace'],
    ['namespace', { name: 'shop', namespace: 'a b' }, 'namespace'],
    ['write', { name: 'shop', write: 5 }, 'a function'],
  ])('throws InvalidInputError for an invalid %s', (_field, options, text) => {
    expect(() => emfEvents(options as never)).toThrow(InvalidInputError);
    expect(() => emfEvents(options as never)).toThrow(text);
  });

  test.each(hostileValues)('throws InvalidInputError for %s as options, event and state', (_name, value) => {
    const { onShiftEvent, onRolloutEvent, onSwapEvent } = listeners();

    expect(() => emfEvents(value as never)).toThrow(InvalidInputError);
    expect(() => onShiftEvent(value as never, undefined as never)).toThrow(InvalidInputError);
    expect(() => onRolloutEvent(value as never)).toThrow(InvalidInputError);
    expect(() => onSwapEvent(value as never)).toThrow(InvalidInputError);
    expect(() => onRolloutEvent({ type: 'failed', at, reason: value } as never)).not.toThrow(TypeError);
    expect(() => onShiftEvent({ type: 'succeeded', at } as never, value as never)).not.toThrow(TypeError);
  });

  test('throws InvalidInputError for an event of another kind of change', () => {
    const { onShiftEvent, lines } = listeners();

    expect(() => onShiftEvent({ type: 'stepDone', at } as never, {} as never)).toThrow(InvalidInputError);
    expect(lines).toEqual([]);
  });

  test('writes one line for an event, with a truncated reason and without members of its own making', () => {
    const { onSwapEvent, lines } = listeners();
    onSwapEvent({
      ...{ type: 'stepFailed', at, swapId: 'swap-1', step: 'smoke test', failure: `${'x\n'.repeat(5_000)}` },
      ...{ apiKey: 'secret', Name: 'other' },
    } as never);

    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      _aws: {
        Timestamp: at,
        CloudWatchMetrics: [
          {
            Namespace: 'BlueGreen',
            Dimensions: [['Change', 'Name']],
            Metrics: [{ Name: 'FailedSteps', Unit: 'Count' }],
          },
        ],
      },
      Change: 'swap',
      Name: 'shop',
      FailedSteps: 1,
      event: 'stepFailed',
      swapId: 'swap-1',
      step: 'smoke test',
      reason: expect.stringMatching(/^(x\n){500}…$/),
    });
  });

  test('writes whole milliseconds as the timestamp of a clock with fractions', () => {
    const { onShiftEvent, lines } = listeners();
    onShiftEvent({ type: 'started', at: at + 0.75 } as never, {} as never);

    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ _aws: { Timestamp: at } });
  });

  test.each([-1e300, 1e300, 8.64e15 + 2])('leaves out a beginning that is no time: %s', (startedAt) => {
    const { onShiftEvent, onSwapEvent, lines } = listeners();
    onShiftEvent({ type: 'succeeded', at } as never, { startedAt } as never);
    onSwapEvent({ type: 'ended', end: 'succeeded', at, swapId: 'swap-1', beganAt: startedAt } as never);

    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(JSON.parse(line)).not.toHaveProperty('startedAt');
      expect(JSON.parse(line)).not.toHaveProperty('Duration');
    }
  });

  test('writes nothing for an event without a metric', () => {
    const { onRolloutEvent, lines } = listeners();
    onRolloutEvent({ type: 'canaryStarted', at, taskArn: 'arn:aws:ecs:eu-west-1:1:task/1' });

    expect(lines).toEqual([]);
  });
});

describe('openTelemetryEvents', () => {
  test.each([
    ['neither a tracer nor a meter', { name: 'shop' }, 'a tracer or a meter'],
    ['tracer', { name: 'shop', tracer: {} }, 'a tracer with the method startSpan'],
    ['meter', { name: 'shop', meter: {} }, 'createCounter, createHistogram and createGauge'],
    ['name', { tracer }, 'name'],
  ])('throws InvalidInputError for %s', (_field, options, text) => {
    expect(() => openTelemetryEvents(options as never)).toThrow(InvalidInputError);
    expect(() => openTelemetryEvents(options as never)).toThrow(text);
  });

  test('keeps the newest 128 events of a change, and the number of the others', () => {
    const recorder = createTracer();
    const { onSwapEvent } = openTelemetryEvents({ name: 'shop', tracer: recorder });
    for (let count = 0; count < 200; count += 1)
      onSwapEvent({ type: 'stepStarted', at: at + count, swapId: 'swap-1', step: `step ${count}` });
    onSwapEvent({
      type: 'ended',
      at: at + 200,
      swapId: 'swap-1',
      beganAt: at,
      end: 'abandoned',
      orphans: ['stop database'],
    });

    const [span] = recorder.spans;
    expect(recorder.spans).toHaveLength(1);
    expect(span).toMatchObject({
      startedAt: at,
      endedAt: at + 200,
      status: { code: 2, message: 'abandoned' },
    });
    expect(span?.attributes).toMatchObject({ 'blue_green.dropped_events': 73, 'blue_green.orphans': 1 });
    expect(span?.events).toHaveLength(128);
    expect(span?.events.at(-1)).toMatchObject({ name: 'ended', at: at + 200 });
  });

  test('writes the span when the meter throws, and reports the error', () => {
    const recorder = createTracer();
    const add = () => {
      throw new Error('the exporter is full');
    };
    const meter = { ...createMeter(), createCounter: () => ({ add }) };
    const { onShiftEvent } = openTelemetryEvents({ name: 'shop', tracer: recorder, meter });

    expect(() => onShiftEvent({ type: 'succeeded', at } as never, { startedAt: at } as never)).toThrow(
      'the exporter is full',
    );
    expect(recorder.spans).toHaveLength(1);
  });

  test('keeps the events of at most 100 changes whose end it has not seen', () => {
    const recorder = createTracer();
    const { onSwapEvent } = openTelemetryEvents({ name: 'shop', tracer: recorder });
    const swapIds = Array.from({ length: 102 }, (_, index) => `swap-${index}`);
    for (const swapId of swapIds) onSwapEvent({ type: 'stepDone', at, swapId, step: 'start database' });
    for (const swapId of swapIds)
      onSwapEvent({ type: 'ended', at, swapId, beganAt: at, end: 'succeeded', orphans: [] });

    const counts = recorder.spans.map(({ events }) => events.length);
    expect(counts.slice(0, 2)).toEqual([1, 1]);
    expect(new Set(counts.slice(2))).toEqual(new Set([2]));
  });
});
