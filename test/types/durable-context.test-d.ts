import { type DurableContext, type DurableLogger, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { describe, expectTypeOf, test } from 'vitest';
import { type DurableChangeContext, runDurably } from '../../src/durable/index.js';
import { type ShiftRequest, TrafficShifter, type TrafficTarget } from '../../src/traffic/index.js';

declare const target: TrafficTarget;

describe("the context of AWS's SDK for durable functions", () => {
  test('is what a shift needs', () => {
    expectTypeOf<DurableContext>().toExtend<DurableChangeContext>();
    expectTypeOf<DurableContext<DurableLogger>>().toExtend<DurableChangeContext>();
  });

  test('is handed on as it is', () => {
    const shifter = new TrafficShifter({ target });

    withDurableExecution(async (request: ShiftRequest, context) => runDurably(context, shifter, request));
  });
});
