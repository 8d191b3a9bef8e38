import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideNext } from '../../../../src/traffic/shift/decide-next.js';
import { findContradiction } from '../../../../src/traffic/shift/find-contradiction.js';
import type { SetupStage, ShiftState } from '../../../../src/traffic/shift/shift-state.js';
import { acceptWeights } from '../../../../src/traffic/shift/shift-transitions.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import { FakeTarget } from '../../../support/fake-target.js';
import { JumpingClock } from '../../../support/jumping-clock.js';
import { aState, green, rules } from '../shift-states.js';

const shifting = aState();
const rollingBack = aState({ phase: 'rollingBack', verifiedWeights: green(20), initialWeights: green(0) });
const stepped = rules({ rollback: { stepPercent: 5, intervalSeconds: 60 } });

function inStage(stage: SetupStage, state: ShiftState): ShiftState {
  return { ...state, setup: { original: {}, stage, since: 0, writes: 0 } };
}

describe('Function: findContradiction', () => {
  test.each<[string, ShiftState]>([
    ['a hold', shifting],
    ['a pending step', { ...shifting, pendingWeights: green(50) }],
    ['a superseded step', { ...shifting, supersededWeights: green(50) }],
    ['the first step', aState({ step: -1, verifiedWeights: green(0), pendingWeights: green(10) })],
    ['live weights above the step', { ...shifting, verifiedWeights: green(30) }],
    ['a rollback at once', { ...rollingBack, pendingWeights: green(0), supersededWeights: green(50) }],
    ['the end', aState({ phase: 'succeeded', step: 2, verifiedWeights: green(100) })],
    ['the end of a rollback', aState({ phase: 'rolledBack', verifiedWeights: green(0) })],
    ['a preparation', inStage('preparing', aState({ step: -1, verifiedWeights: green(0) }))],
    ['a completion', inStage('completing', aState({ step: 2, verifiedWeights: green(100) }))],
    ['a rollback from a completed target', inStage('completed', rollingBack)],
    ['a restoration', inStage('restoring', { ...rollingBack, verifiedWeights: green(0) })],
  ])('returns undefined for %s', (_, state) => {
    expect(findContradiction(state, rules())).toBeUndefined();
  });

  test('returns undefined for a rollback step by step', () => {
    expect(findContradiction({ ...rollingBack, pendingWeights: green(15) }, stepped)).toBeUndefined();
    expect(findContradiction({ ...rollingBack, pendingWeights: green(0) }, stepped)).toBeUndefined();
  });

  test.each<[string, ShiftState, string]>([
    [
      'a completion before the last step',
      inStage('completing', shifting),
      'the target is completing at step 0, which is not the last one',
    ],
    [
      'a target that is completed before the last step',
      inStage('completed', shifting),
      'the target is completed at step 0, which is not the last one',
    ],
    [
      'a restoration in a shift',
      inStage('restoring', shifting),
      'the target is restoring before the end of a rollback',
    ],
    [
      'a restoration before the weights are back',
      inStage('restoring', rollingBack),
      'the target is restoring before the end of a rollback',
    ],
    [
      'a restored target before the weights are back',
      inStage('restored', { ...rollingBack, pendingWeights: green(0) }),
      'the target is restored before the end of a rollback',
    ],
    [
      'a pending rollback write that raises the incoming stack',
      { ...rollingBack, pendingWeights: green(70) },
      'it is about to write blue 30 %, green 70 %, expected blue 100 %, green 0 %',
    ],
    [
      'a pending write that skips a step',
      { ...shifting, pendingWeights: green(100) },
      'it is about to write blue 0 %, green 100 %, expected blue 50 %, green 50 %',
    ],
    [
      'a pending write that lowers the incoming stack',
      { ...shifting, pendingWeights: green(0) },
      'it is about to write blue 100 %, green 0 %',
    ],
    [
      'superseded weights of another step',
      { ...shifting, supersededWeights: green(100) },
      'it is about to write blue 0 %, green 100 %, expected blue 50 %, green 50 %',
    ],
    [
      'a step that was never read back',
      { ...shifting, step: 1 },
      'it is at step 1 with blue 50 %, green 50 %, but blue 90 %, green 10 % was read back last',
    ],
    [
      'a further step after the last one',
      aState({ step: 2, verifiedWeights: green(100), pendingWeights: green(100) }),
      'it is about to write blue 0 %, green 100 %, expected no further write',
    ],
    [
      'initial weights above the live ones',
      { ...shifting, initialWeights: green(50) },
      'it began with blue 50 %, green 50 %, but blue 90 %, green 10 % was read back last',
    ],
    [
      'a succeeded shift without the traffic',
      aState({ phase: 'succeeded', step: 2 }),
      'it is at step 2 with blue 0 %, green 100 %, but blue 90 %, green 10 % was read back last',
    ],
    [
      'a rolled back shift at other weights',
      aState({ phase: 'rolledBack' }),
      'it is rolled back to blue 100 %, green 0 %, but blue 90 %, green 10 % was read back last',
    ],
  ])('describes %s', (_, state, contradiction) => {
    expect(findContradiction(state, rules())).toContain(`The state contradicts itself: ${contradiction}`);
    expect(
      decideNext(state, { now: 2_000_000, live: { weights: state.verifiedWeights } }, rules()),
    ).toMatchObject({ action: 'end', state: { phase: 'halted' } });
  });

  test('returns undefined for a rollback from accepted weights, also while the target was being restored', () => {
    const restoring = inStage('restoring', { ...rollingBack, verifiedWeights: green(0) });

    const accepted = acceptWeights(restoring, green(40), rules());

    expect(accepted).toMatchObject({ pendingWeights: green(0), setup: { stage: 'prepared' } });
    expect(findContradiction(accepted, rules())).toBeUndefined();
  });

  test('resumes the contradictory end of a rollback as a rollback', () => {
    const { state } = decideNext(aState({ phase: 'rolledBack' }), { now: 2_000_000 }, rules());

    expect(state).toMatchObject({ phase: 'halted', haltedIn: 'rollingBack' });
  });
});

describe('TrafficShifter › tampered states', () => {
  const percent = fc.integer({ min: 0, max: 100 });
  const weights = percent.map(green);
  const tampering = fc.record(
    {
      phase: fc.constantFrom('shifting', 'rollingBack', 'halted', 'succeeded', 'rolledBack'),
      haltedIn: fc.constantFrom('shifting', 'rollingBack'),
      step: fc.integer({ min: -1, max: 2 }),
      initialWeights: weights,
      verifiedWeights: weights,
      pendingWeights: weights,
      supersededWeights: weights,
      unverifiedWrites: fc.nat(5),
      setup: fc.record({
        original: fc.constant({}),
        stage: fc.constantFrom('preparing', 'prepared', 'completing', 'completed', 'restoring', 'restored'),
        since: fc.constant(0),
        writes: fc.nat(1),
      }),
      verifiedAt: fc.integer(),
      readAt: fc.integer(),
      nextCheckAt: fc.integer(),
      startedAt: fc.integer(),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Partial<ShiftState>>;

  test('never write weights that are neither of a step nor initial', async () => {
    await fc.assert(
      fc.asyncProperty(tampering, percent, async (changes, live) => {
        const clock = new JumpingClock();
        const target = Object.assign(new FakeTarget({ clock, weights: green(live) }), {
          readSetup: async () => undefined,
          changeSetup: async () => ({ status: 'done' as const }),
        });
        const shifter = new TrafficShifter({ target, clock });
        let state = aState(changes);

        for (let calls = 0; calls < 20; calls += 1) {
          const progress = await shifter.advance(state);
          state = progress.state;
          if (progress.outcome !== undefined) break;
          await clock.sleep(progress.waitSeconds * 1000);
        }

        const planned = [10, 50, 100, aState(changes).initialWeights.green];
        for (const write of target.writes) expect(planned).toContain(write.green);
        // A state that has ended is returned unchanged.
        if (state.phase === 'succeeded' && changes.phase !== 'succeeded')
          expect(target.rule.weights.green).toBeGreaterThanOrEqual(100);
        if (state.phase === 'rolledBack' && changes.phase !== 'rolledBack')
          expect(target.rule.weights).toEqual(state.initialWeights);
      }),
      { numRuns: 2000 },
    );
  });
});
