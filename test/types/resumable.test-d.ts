import { describe, expectTypeOf, test } from 'vitest';
import type { CutOverEvent, CutOverState, DnsCutOver } from '../../examples/dns-cut-over/dns-cut-over.js';
import { type DurableChangeContext, type DurableResult, runDurably } from '../../src/durable/index.js';
import { type Resumable, type RunResult, runToEnd } from '../../src/resumable/index.js';
import { type ExecutionInput, stepFunctionsHandler } from '../../src/step-functions/index.js';
import type { ShiftEvent, ShiftRequest, ShiftState, TrafficShifter } from '../../src/traffic/index.js';

declare const shifter: TrafficShifter;
declare const cutOver: DnsCutOver;
declare function zoneOf(input: ExecutionInput): { zone: string };
declare const context: DurableChangeContext;

const shift = { incoming: 'green', strategy: { type: 'canary', percent: 10, holdSeconds: 60 } } as const;
const cut = { name: 'shop.example.com', to: '192.0.2.2' };

describe('Resumable', () => {
  test('is implemented by the shifter and by a class of a user', () => {
    expectTypeOf<TrafficShifter>().toExtend<Resumable<ShiftRequest, ShiftState, ShiftEvent>>();
    expectTypeOf<DnsCutOver>().toExtend<Resumable<typeof cut, CutOverState, CutOverEvent>>();
  });
});

describe('runToEnd', () => {
  test('infers the request, the state and the event', () => {
    expectTypeOf(
      runToEnd(shifter, shift, {
        onEvent: (event, state) => {
          expectTypeOf(event).toEqualTypeOf<ShiftEvent>();
          expectTypeOf(state).toEqualTypeOf<ShiftState>();
        },
      }),
    ).resolves.toEqualTypeOf<RunResult<ShiftState, ShiftEvent>>();
    expectTypeOf(
      runToEnd(cutOver, cut, {
        onEvent: (event, state) => {
          expectTypeOf(event).toEqualTypeOf<CutOverEvent>();
          expectTypeOf(state).toEqualTypeOf<CutOverState>();
        },
      }),
    ).resolves.toEqualTypeOf<RunResult<CutOverState, CutOverEvent>>();
  });

  test('rejects the request of another change, and an unknown option', () => {
    // @ts-expect-error the request has no name
    runToEnd(cutOver, shift);
    // @ts-expect-error the request has no incoming stack
    runToEnd(shifter, cut);
    // @ts-expect-error an unknown key of the request
    runToEnd(shifter, { ...shift, stratgy: 'canary' });
    // @ts-expect-error a misspelt option
    runToEnd(cutOver, cut, { maxAttemps: 3 });
  });
});

describe('stepFunctionsHandler', () => {
  test('infers the state and the event from the factory', () => {
    stepFunctionsHandler(() => shifter, {
      onEvent: (event, state, input) => {
        expectTypeOf(event).toEqualTypeOf<ShiftEvent>();
        expectTypeOf(state).toEqualTypeOf<ShiftState>();
        expectTypeOf(input).toEqualTypeOf<ExecutionInput>();
      },
    });
    stepFunctionsHandler(async () => cutOver, {
      onEvent: (event, state) => {
        expectTypeOf(event).toEqualTypeOf<CutOverEvent>();
        expectTypeOf(state).toEqualTypeOf<CutOverState>();
      },
    });
  });

  test('infers the input from parseInput', () => {
    stepFunctionsHandler(
      ({ zone }) => {
        expectTypeOf(zone).toEqualTypeOf<string>();
        return cutOver;
      },
      {
        parseInput: zoneOf,
        isApproved: ({ key, detail, input }) => {
          expectTypeOf(input).toEqualTypeOf<{ zone: string }>();
          return key === detail;
        },
      },
    );
  });
});

describe('runDurably', () => {
  test('infers the request, the state and the event', () => {
    expectTypeOf(
      runDurably(context, shifter, shift, {
        requestApproval: (_id, { key, state }) => {
          expectTypeOf(key).toEqualTypeOf<string>();
          expectTypeOf(state).toEqualTypeOf<ShiftState>();
        },
        onEvent: (event) => expectTypeOf(event).toEqualTypeOf<ShiftEvent>(),
      }),
    ).resolves.toEqualTypeOf<DurableResult<ShiftState>>();
    expectTypeOf(
      runDurably(context, cutOver, cut, {
        onEvent: (event, state) => {
          expectTypeOf(event).toEqualTypeOf<CutOverEvent>();
          expectTypeOf(state).toEqualTypeOf<CutOverState>();
        },
      }),
    ).resolves.toEqualTypeOf<DurableResult<CutOverState>>();
  });

  test('rejects the request of another change, and an unknown key', () => {
    // @ts-expect-error the request has no name
    runDurably(context, cutOver, shift);
    // @ts-expect-error an unknown key of the request
    runDurably(context, shifter, { ...shift, stratgy: 'canary' });
    // @ts-expect-error an unknown key of a continued change
    runDurably(context, cutOver, { continued: { request: cut, state: {} as CutOverState, aproved: [] } });
  });
});
