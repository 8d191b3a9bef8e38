import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideNext, isHookScope } from '../../../../src/swap/engine/decide-next.js';
import type { SwapView } from '../../../../src/swap/engine/decision.js';
import type { SwapStep } from '../../../../src/swap/plan/step.js';
import { planOf } from '../../../../src/swap/plan/swap-plan.js';

const now = 1_796_000_000_000;
const step = (name: string, more: Partial<SwapStep> = {}): SwapStep => ({
  name,
  isDone: () => true,
  run: () => {},
  undo: () => {},
  ...more,
});

const plan = planOf({
  prepare: [step('start'), { parallel: [step('purge', { deletes: true, undo: 'none' }), step('enable')] }],
  test: [step('test', { repeatable: false, undo: 'none' })],
  retire: [step('disable'), step('stop', { deletes: true })],
});
const names = ['start', 'purge', 'enable', 'test', 'disable', 'stop'];

const time = fc.integer({ min: now - 4_000_000, max: now + 100_000 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as T;

const record = fc
  .record({
    wasDone: optional(fc.boolean()),
    claimedAt: optional(time),
    attempts: optional(fc.integer({ min: 1, max: 6 })),
    attemptedAt: optional(time),
    ranAt: optional(time),
    doneAt: optional(time),
    inEffectAt: optional(time),
    undoClaimedAt: optional(time),
    undoAttempts: optional(fc.integer({ min: 0, max: 21 })),
    undoRanAt: optional(time),
    undoneAt: optional(time),
    failure: optional(fc.constant('failed')),
  })
  .map(withoutUndefined);

const claimed = { claimedAt: now - 900_000, attempts: 1, attemptedAt: now - 900_000 };
const done = { ...claimed, ranAt: now - 800_000, doneAt: now - 700_000, inEffectAt: now - 600_000 };
const undoing = { ...done, undoClaimedAt: now - 90_000, undoAttempts: 1, undoAttemptedAt: now - 90_000 };

/** Records as a swap leaves them, and any others. */
const anyRecord = fc.oneof(
  record,
  fc.constantFrom({}, claimed, { ...claimed, failure: 'failed' }, done, { ...done, wasDone: true }),
  fc.constantFrom(undoing, { ...undoing, undoRanAt: now - 60_000 }, { ...undoing, undoneAt: now - 30_000 }),
);

const phase = fc.constantFrom(
  'preparing',
  'testing',
  'switching',
  'baking',
  'retiring',
  'returningTraffic',
  'undoing',
  'halted',
);
const owner = fc.oneof(
  fc.constant({ state: 'underWay', detail: 'in progress' } as const),
  fc.constant({ state: 'succeeded', detail: 'succeeded' } as const),
  fc.boolean().map((isReturning) => ({ state: 'ended', detail: 'stopped', isReturning }) as const),
);
const answer = fc.oneof(
  fc.boolean(),
  fc.boolean().map((isFinal) => ({ failure: 'denied', isFinal })),
);
const percents = fc.constantFrom(
  { blue: 100, green: 0 },
  { blue: 0, green: 100 },
  { blue: 90, green: 10 },
  { blue: 0, green: 50 },
  { blue: 0, green: 0 },
);

const view: fc.Arbitrary<SwapView> = fc
  .record({
    phase,
    wanted: fc.constantFrom('forward', 'back'),
    kind: fc.constantFrom('codeDeploy', 'ecs', 'shift'),
    scope: fc.constantFrom(
      'prepare',
      'effect',
      'test',
      'gate',
      'verify',
      ...Array(9).fill('follow'),
      ...Array(9).fill('all'),
    ),
    records: fc.tuple(...names.map(() => optional(anyRecord))),
    noTrafficSince: optional(time),
    owner: fc.option(owner, { nil: undefined, freq: 20 }),
    isAnotherUnderWay: fc.option(fc.boolean(), { nil: undefined, freq: 20 }),
    percents: fc.option(percents, { nil: undefined, freq: 20 }),
    answers: fc.dictionary(fc.constantFrom(...names), answer),
    undoInEffectAt: optional(fc.dictionary(fc.constant('enable'), time)),
  })
  .map((it) => {
    const steps = Object.fromEntries(
      names.flatMap((name, index) => {
        const isLate = index >= 4 && it.phase !== 'retiring';
        return it.records[index] === undefined || isLate ? [] : [[name, it.records[index]]];
      }),
    );
    const swap = withoutUndefined({
      id: 'swap-1',
      owner: { kind: 'run', id: 'run-1' },
      incoming: 'green',
      phase: it.phase,
      ...(it.phase === 'halted' && { haltedIn: 'preparing', haltReason: 'drift' }),
      beganAt: now - 5_000_000,
      phaseSince: now - 4_000_000,
      wanted: it.wanted,
      plan: plan.fingerprint,
      steps,
      noTrafficSince: it.noTrafficSince,
    });
    const item = withoutUndefined({
      format: 1,
      application: 'orders',
      version: 7,
      writeId: 'write-7',
      live: 'blue',
      swap,
      orphans: [],
      ended: [],
      undoInEffectAt: it.undoInEffectAt,
    });
    const { kind, scope } = it;
    const truth = withoutUndefined({
      owner: it.owner,
      isAnotherUnderWay: it.isAnotherUnderWay,
      percents: it.percents,
      answers: it.answers,
    });
    return { item, swap, plan, rules: { kind, bakeSeconds: 60 }, scope, truth, now } as SwapView;
  });

const check = (property: (given: SwapView, decision: ReturnType<typeof decideNext>) => void) =>
  fc.assert(
    fc.property(view, (given) => property(given, decideNext(given))),
    { numRuns: 5_000 },
  );

describe('decideNext', () => {
  test('runs no step of retire unless the probe gives the incoming stack all the traffic', () => {
    let runs = 0;
    check(({ truth, swap, rules }, decision) => {
      if (decision.action !== 'run' || decision.steps[0]?.phase !== 'retire') return;
      runs += 1;
      expect([truth.percents, swap.phase]).toEqual([{ blue: 0, green: 100 }, 'retiring']);
      if (rules.kind !== 'shift') expect(truth.isAnotherUnderWay).toBe(false);
    });
    expect(runs).toBeGreaterThan(0);
  });

  test('undoes nothing unless the probe gives the incoming stack no traffic', () => {
    let undos = 0;
    check(({ truth, swap, scope }, decision) => {
      if (decision.action !== 'undo') return;
      undos += 1;
      expect([truth.percents?.green, swap.phase, isHookScope(scope)]).toEqual([0, 'undoing', false]);
    });
    expect(undos).toBeGreaterThan(0);
  });

  test('starts the undo only when the outgoing stack has all the traffic, and AWS moves none', () => {
    let starts = 0;
    check((given, decision) => {
      if (decision.action !== 'write' || given.swap.phase !== 'returningTraffic') return;
      if (decision.change(given.item)?.swap?.phase !== 'undoing') return;
      starts += 1;
      expect(given.truth.percents).toEqual({ blue: 100, green: 0 });
      expect(now - (given.swap.noTrafficSince ?? now)).toBeGreaterThanOrEqual(30_000);
      if (given.rules.kind === 'shift') return;
      expect(given.truth.owner).toMatchObject({ state: expect.stringMatching(/ended|succeeded/) });
      expect(given.truth.owner).not.toMatchObject({ isReturning: true });
    });
    expect(starts).toBeGreaterThan(0);
  });

  test('deletes nothing on the incoming stack unless the probe gives it no traffic', () => {
    let deletions = 0;
    check(({ truth }, decision) => {
      if (decision.action !== 'run' || !decision.steps.some(({ name }) => name === 'purge')) return;
      deletions += 1;
      expect(truth.percents?.green).toBe(0);
    });
    expect(deletions).toBeGreaterThan(0);
  });

  test('makes no step forward once the rollback is wanted, and changes nothing when halted', () => {
    check(({ swap }, decision) => {
      if (swap.wanted === 'back') expect(decision.action).not.toBe('run');
      if (swap.phase === 'halted') expect(decision.action).toBe('leave');
    });
  });

  test('runs no step again that is not repeatable', () => {
    check(({ swap }, decision) => {
      if (decision.action !== 'run' || !decision.steps.some(({ name }) => name === 'test')) return;
      expect(swap.steps['test']?.claimedAt).toBeUndefined();
    });
  });

  test('leaves the record and the truth unchanged', () => {
    check((given, decision) => {
      const copy = structuredClone([given.item, given.truth]);
      if (decision.action === 'write') decision.change(given.item);
      expect([given.item, given.truth]).toEqual(copy);
    });
  });
});
