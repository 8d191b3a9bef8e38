import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideNext, requiredObservation } from '../../../../src/traffic/shift/decide-next.js';
import { weightsOfStep } from '../../../../src/traffic/shift/decision.js';
import { hasEnded } from '../../../../src/traffic/shift/shift-outcome.js';
import type { ShiftState } from '../../../../src/traffic/shift/shift-state.js';
import {
  acceptWeights,
  beginRollback,
  halt,
  resume,
} from '../../../../src/traffic/shift/shift-transitions.js';
import type { CheckEvaluation } from '../../../../src/traffic/shift/tally-checks.js';
import { verifyWrite } from '../../../../src/traffic/shift/verify-write.js';
import type { TrafficWeights } from '../../../../src/traffic/types.js';
import { fromScale, toScale } from '../../../../src/traffic/weights.js';
import { aState, green, rules, rulesWithCheck, startAt } from '../shift-states.js';

const at = (seconds: number) => startAt + seconds * 1000;
const pass = evaluation('pass');
const tallyOf = (changes: object = {}) => ({
  errors: { failures: 0, inconclusives: 0, errors: 0, successes: 0, ...changes },
});
const inSteps = { stepPercent: 20, intervalSeconds: 15 };

function evaluation(outcome: 'pass' | 'fail' | 'inconclusive' | 'error', dryRun = false): CheckEvaluation {
  return { name: 'errors', dryRun, result: { outcome, detail: `It was ${outcome}` } };
}

describe('Function: requiredObservation', () => {
  const nothing = { weights: false, checks: false };

  test.each(['succeeded', 'rolledBack', 'halted'] as const)('returns nothing when a shift is %s', (phase) => {
    const state = aState({ phase, pendingWeights: green(50) });
    expect(requiredObservation(state, at(1000), rulesWithCheck())).toEqual(nothing);
  });

  test.each(['shifting', 'rollingBack'] as const)('returns the weights before a write (%s)', (phase) => {
    const state = aState({ phase, pendingWeights: green(50) });
    expect(requiredObservation(state, at(1000), rulesWithCheck())).toEqual({ weights: true, checks: false });
  });

  test('returns nothing while a rollback holds', () => {
    expect(requiredObservation(aState({ phase: 'rollingBack' }), at(1000), rulesWithCheck())).toEqual(
      nothing,
    );
  });

  test('returns the checks as soon as they are due, with the weights that they judge', () => {
    expect(requiredObservation(aState(), at(29.999), rulesWithCheck())).toEqual(nothing);
    expect(requiredObservation(aState(), at(30), rulesWithCheck())).toEqual({ weights: true, checks: true });
    expect(requiredObservation(aState(), at(30), rules())).toEqual(nothing);
  });

  test('returns the weights once in each guard interval of a hold', () => {
    const guarded = rules({ guardIntervalSeconds: 20 });
    const rollingBack = aState({ phase: 'rollingBack' });
    const slow = { ...guarded, rollback: { stepPercent: 5, intervalSeconds: 600 } };

    expect(requiredObservation(aState(), at(19.999), guarded)).toEqual(nothing);
    expect(requiredObservation(aState(), at(20), guarded)).toEqual({ weights: true, checks: false });
    expect(requiredObservation(aState({ readAt: at(20) }), at(39), guarded)).toEqual(nothing);
    expect(requiredObservation(rollingBack, at(20), slow)).toEqual({ weights: true, checks: false });
  });

  test('returns the weights when only their reading is missing in the last step', () => {
    const last = aState({ step: 2, verifiedWeights: green(100), nextCheckAt: at(1000) });
    const passed = { ...last, tallies: tallyOf({ successes: 1 }) };
    const weights = { weights: true, checks: false };

    expect(requiredObservation(last, at(299.999), rules())).toEqual(nothing);
    expect(requiredObservation(last, at(300), rules())).toEqual(weights);
    expect(requiredObservation(last, at(300), rulesWithCheck())).toEqual(nothing);
    expect(requiredObservation(passed, at(300), rulesWithCheck())).toEqual(weights);
    expect(requiredObservation({ ...passed, step: 1 }, at(300), rulesWithCheck())).toEqual(nothing);
  });
});

describe('Function: decideNext › undecided checks', () => {
  const undecided: CheckEvaluation = {
    name: 'errors',
    dryRun: false,
    result: { outcome: 'inconclusive', undecided: true, detail: '3 of 20 requests' },
  };
  const limited = (maxHoldSeconds?: number) =>
    aState({
      strategy: {
        name: 'waits for evidence',
        steps: [
          { percent: 10, holdSeconds: 60, ...(maxHoldSeconds !== undefined && { maxHoldSeconds }) },
          { percent: 100, holdSeconds: 0 },
        ],
      },
    });
  const decide = (state: ShiftState, seconds: number, checks = [undecided]) =>
    decideNext(state, { now: at(seconds), live: { weights: green(10) }, checks }, rulesWithCheck());

  test('holds the step past holdSeconds, however often the check is undecided', () => {
    const { state, action } = decide(limited(600), 599);

    expect(action).toBe('wait');
    expect(state).toMatchObject({ phase: 'shifting', step: 0, tallies: { errors: { inconclusives: 0 } } });
  });

  test('rolls back at the end of maxHoldSeconds, with a reason that names the check and the share', () => {
    const { state, events } = decide(limited(600), 600);

    expect(state.phase).toBe('rollingBack');
    expect(state.reason).toBe(
      'The check errors was still undecided after 600 s at 10 %, the longest hold: 3 of 20 requests',
    );
    expect(events.at(-1)).toMatchObject({ type: 'rollingBack', reason: state.reason });
  });

  test('rolls back one hour after holdSeconds without maxHoldSeconds', () => {
    expect(decide(limited(), 3659).state.phase).toBe('shifting');
    expect(decide(limited(), 3660).state.phase).toBe('rollingBack');
  });

  test('proceeds when the check passes after the longest hold', () => {
    expect(decide(limited(600), 900, [pass]).state).toMatchObject({
      phase: 'shifting',
      pendingWeights: green(100),
    });
  });

  test('counts maxHoldSeconds from when all clients follow, as the hold itself', () => {
    const state = { ...limited(60), propagationSeconds: 300 };

    expect(decide(state, 359).state.phase).toBe('shifting');
    expect(decide(state, 360).state.phase).toBe('rollingBack');
  });

  test('ignores an undecided dry run', () => {
    const dryRun = { ...undecided, dryRun: true };

    expect(decide(limited(600), 900, [dryRun]).state.phase).toBe('shifting');
  });
});

describe('Function: decideNext', () => {
  test.each([
    ['succeeded', { step: 2, verifiedWeights: green(100) }],
    ['rolledBack', { verifiedWeights: green(0) }],
    ['halted', { pendingWeights: green(50) }],
  ] as const)('ends when a shift is %s', (phase, changes) => {
    const state = aState({ phase, ...changes });
    expect(decideNext(state, { now: at(1000), live: { weights: green(10) } }, rules())).toEqual({
      action: 'end',
      state,
      events: [],
    });
  });

  describe('with pending weights', () => {
    const state = aState({ pendingWeights: green(50) });

    test('writes them when the previous weights are live', () => {
      const decision = decideNext(state, { now: at(60), live: { weights: green(10) } }, rules());
      expect(decision).toEqual({
        action: 'write',
        state: { ...state, readAt: at(60) },
        weights: green(50),
        events: [],
      });
    });

    test('writes them again when they seem live, because the reading may be stale', () => {
      const decision = decideNext(state, { now: at(60), live: { weights: green(50) } }, rules());
      expect(decision).toEqual({
        action: 'write',
        state: { ...state, readAt: at(60) },
        weights: green(50),
        events: [],
      });
    });

    test('verifies them when they were written before and took effect late', () => {
      const written = { ...state, unverifiedWrites: 1 };

      const decision = decideNext(written, { now: at(90), live: { weights: green(50) } }, rules());

      expect(decision).toEqual({
        action: 'wait',
        state: aState({
          step: 1,
          verifiedWeights: green(50),
          verifiedAt: at(90),
          readAt: at(90),
          nextCheckAt: at(120),
        }),
        waitSeconds: 120,
        events: [{ at: at(90), type: 'weightsVerified', weights: green(50) }],
      });
    });

    test('verifies them when no other weights can be live', () => {
      const same = aState({ pendingWeights: green(10) });
      const coarse = rules({ nearestWeights: () => green(10) });
      const decision = decideNext(same, { now: at(60), live: { weights: green(10) } }, coarse);
      expect(decision).toMatchObject({ action: 'wait', state: { step: 1, verifiedWeights: green(10) } });
    });

    test('halts on drift', () => {
      const decision = decideNext(state, { now: at(60), live: { weights: green(30) } }, rules());

      const reason =
        'The weights were changed outside this shift (drift): expected blue 90 %, green 10 % or blue 50 %, green 50 %, got blue 70 %, green 30 %';
      expect(decision).toEqual({
        action: 'end',
        state: { ...state, phase: 'halted', haltedIn: 'shifting', reason },
        events: [{ at: at(60), type: 'halted', reason }],
      });
    });

    test('halts when the target has no weights of a pair', () => {
      const live = { problem: 'There are other destinations' };
      const decision = decideNext(state, { now: at(60), live }, rules());
      expect(decision.state).toMatchObject({
        phase: 'halted',
        reason: 'The target was changed outside this shift (drift): There are other destinations',
      });
    });

    test('requests the weights when they were not read', () => {
      const decision = decideNext(state, { now: at(60) }, rules());
      expect(decision).toEqual({ action: 'wait', state, waitSeconds: 0, events: [] });
    });

    test('expects superseded weights', () => {
      const turned = aState({
        phase: 'rollingBack',
        supersededWeights: green(50),
        pendingWeights: green(0),
      });
      const decision = decideNext(turned, { now: at(60), live: { weights: green(50) } }, rules());
      expect(decision).toMatchObject({ action: 'write', weights: green(0) });
    });

    test('does not end a rollback before its write', () => {
      const turned = aState({ phase: 'rollingBack', pendingWeights: green(0) });
      const decision = decideNext(turned, { now: at(60), live: { weights: green(0) } }, rules());
      expect(decision.action).toBe('write');
    });
  });

  describe('with superseded weights', () => {
    const state = aState({ supersededWeights: green(50) });
    const { supersededWeights: _supersededWeights, ...rest } = state;

    test('makes them pending again when their write took effect late', () => {
      const decision = decideNext(state, { now: at(10), live: { weights: green(50) } }, rules());

      expect(decision).toEqual({
        action: 'wait',
        waitSeconds: 0,
        state: { ...rest, readAt: at(10), pendingWeights: green(50) },
        events: [],
      });
    });

    test.each([{ weights: green(10) }, undefined])('holds the step while %j is live', (live) => {
      const decision = decideNext(state, { now: at(10), live }, rules());

      expect(decision).toMatchObject({ action: 'wait', state: { supersededWeights: green(50) } });
      expect(decision.state).not.toHaveProperty('pendingWeights');
    });

    test('halts on other weights', () => {
      const decision = decideNext(state, { now: at(10), live: { weights: green(30) } }, rules());

      expect(decision.state.phase).toBe('halted');
    });
  });

  describe('with an older write that took effect late', () => {
    const decide = (live: TrafficWeights) =>
      decideNext(
        aState({
          phase: 'rollingBack',
          step: 1,
          verifiedWeights: green(50),
          pendingWeights: green(30),
          supersededWeights: green(10),
          unverifiedWrites: 1,
        }),
        { now: at(10), live: { weights: live } },
        rules({ rollback: inSteps }),
      );

    test('continues a rollback from the lower share, and does not raise the incoming stack', () => {
      expect(decide(green(10))).toMatchObject({
        action: 'wait',
        waitSeconds: 0,
        state: {
          verifiedWeights: green(10),
          supersededWeights: green(50),
          pendingWeights: green(0),
          unverifiedWrites: 0,
        },
      });
    });

    test('writes the pending weights from a higher share', () => {
      expect(decide(green(50))).toMatchObject({ action: 'write', weights: green(30) });
    });
  });

  describe('while it holds', () => {
    test('waits for the end of the hold', () => {
      expect(decideNext(aState(), { now: at(20) }, rules())).toEqual({
        action: 'wait',
        state: aState(),
        waitSeconds: 40,
        events: [],
      });
    });

    test('waits for the checks when they come first', () => {
      const decision = decideNext(aState(), { now: at(20) }, rulesWithCheck());
      expect(decision).toMatchObject({ action: 'wait', waitSeconds: 10 });
    });

    test('ignores the schedule of checks when there are none', () => {
      const state = aState({ nextCheckAt: at(1) });
      expect(decideNext(state, { now: at(0) }, rules())).toMatchObject({ waitSeconds: 60 });
    });

    test('sets the weights of the next step pending when the hold is over', () => {
      expect(decideNext(aState(), { now: at(60) }, rules())).toEqual({
        action: 'wait',
        state: aState({ pendingWeights: green(50) }),
        waitSeconds: 0,
        events: [],
      });
    });

    test('sets weights pending that the target can hold', () => {
      const nearestWeights = (wanted: TrafficWeights) => (wanted.green === 50 ? green(49) : wanted);
      const decision = decideNext(aState(), { now: at(60) }, rules({ nearestWeights }));
      expect(decision.state.pendingWeights).toEqual(green(49));
    });

    test('emits each evaluation, and schedules the next ones', () => {
      const checks = [pass, evaluation('inconclusive', true)];

      const decision = decideNext(aState(), { now: at(30), checks }, rulesWithCheck());

      expect(decision).toEqual({
        action: 'wait',
        state: aState({ tallies: tallyOf({ successes: 1 }), nextCheckAt: at(50) }),
        waitSeconds: 20,
        events: [
          { at: at(30), type: 'checkEvaluated', check: 'errors', dryRun: false, result: pass.result },
          {
            at: at(30),
            type: 'checkEvaluated',
            check: 'errors',
            dryRun: true,
            result: evaluation('inconclusive').result,
          },
        ],
      });
    });

    test('proceeds after the missing evaluation', () => {
      const decision = decideNext(aState(), { now: at(70), checks: [pass] }, rulesWithCheck());

      expect(decision).toMatchObject({ waitSeconds: 0, state: { pendingWeights: green(50) } });
      expect(decision.events.map(({ type }) => type)).toEqual(['checkEvaluated']);
    });

    test('holds longer until every check has passed, and emits held once per evaluation', () => {
      const checks = [evaluation('inconclusive')];

      const evaluated = decideNext(aState(), { now: at(60), checks }, rulesWithCheck());
      const between = decideNext(evaluated.state, { now: at(65) }, rulesWithCheck());

      expect(evaluated).toMatchObject({ action: 'wait', waitSeconds: 20 });
      expect(evaluated.state.pendingWeights).toBeUndefined();
      expect(evaluated.events.at(-1)).toEqual({
        at: at(60),
        type: 'held',
        weights: green(10),
        reason: 'Not passed yet: errors',
      });
      expect(between).toMatchObject({ action: 'wait', waitSeconds: 15, events: [] });
    });

    test('names every check that has not passed', () => {
      const decision = decideNext(
        aState(),
        { now: at(60), checks: [evaluation('inconclusive')] },
        rulesWithCheck({ gates: ['errors', 'latency'] }),
      );
      expect(decision.events.at(-1)).toMatchObject({ reason: 'Not passed yet: errors, latency' });
    });

    test('resets inconclusive evaluations on a pass before the end of the hold, not after it', () => {
      const state = aState({ tallies: tallyOf({ inconclusives: 1, errors: 1 }) });
      const within = decideNext(state, { now: at(59), checks: [pass] }, rulesWithCheck());
      const over = decideNext(
        { ...state, nextCheckAt: at(60) },
        { now: at(60), checks: [pass] },
        rulesWithCheck(),
      );

      expect(within.state.tallies).toEqual(tallyOf({ successes: 1 }));
      expect(over.state.tallies).toEqual(tallyOf({ inconclusives: 1, errors: 1, successes: 1 }));
    });

    test('starts a rollback when a check fails', () => {
      const decision = decideNext(aState(), { now: at(30), checks: [evaluation('fail')] }, rulesWithCheck());

      const reason = 'The check errors failed once: It was fail';
      expect(decision).toMatchObject({
        action: 'wait',
        waitSeconds: 0,
        state: { phase: 'rollingBack', reason, pendingWeights: green(0) },
      });
      expect(decision.events.map(({ type }) => type)).toEqual(['checkEvaluated', 'rollingBack']);
      expect(decision.events.at(-1)).toEqual({ at: at(30), type: 'rollingBack', reason });
    });

    test('halts on a state whose step exceeds the verified weights', () => {
      const ahead = aState({ step: 2, verifiedWeights: green(50) });
      const decision = decideNext(ahead, { now: at(300), live: { weights: green(50) } }, rules());
      expect(decision).toMatchObject({
        action: 'end',
        state: { phase: 'halted', verifiedWeights: green(50) },
      });
      expect(decision.events).toEqual([
        {
          at: at(300),
          type: 'halted',
          reason:
            'The state contradicts itself: it is at step 2 with blue 0 %, green 100 %, but blue 50 %, green 50 % was read back last',
        },
      ]);
    });

    test.each([
      ['more than its step: accepted live weights', aState({ verifiedWeights: green(30) })],
      ['a rounded reading', aState({ verifiedWeights: { blue: 90.001, green: 9.999 } })],
      ['the weights of a rollback', aState({ verifiedWeights: green(0), phase: 'rollingBack' })],
      [
        'the weights of its step that the target can hold',
        aState({ verifiedWeights: green(9) }),
        ({ green: share }: TrafficWeights) => green(share - 1),
      ],
    ])('accepts %s', (_, state, nearestWeights = (weights: TrafficWeights) => weights) => {
      const decision = decideNext(state, { now: at(20) }, rules({ nearestWeights }));
      expect(decision.state.phase).not.toBe('halted');
    });

    test('sets the weights of the first step pending before any step', () => {
      const state = aState({ step: -1, verifiedWeights: green(0) });
      expect(decideNext(state, { now: at(0) }, rules()).state.pendingWeights).toEqual(green(10));
    });
  });

  describe('at the end of the last step', () => {
    const last = aState({ step: 2, verifiedWeights: green(100) });

    test('succeeds when the weights are still live', () => {
      const decision = decideNext(last, { now: at(300), live: { weights: green(100) } }, rules());
      expect(decision).toEqual({
        action: 'end',
        state: { ...last, readAt: at(300), phase: 'succeeded' },
        events: [{ at: at(300), type: 'succeeded', weights: green(100) }],
      });
    });

    test('halts when they are not', () => {
      const decision = decideNext(last, { now: at(300), live: { weights: green(50) } }, rules());
      expect(decision.state).toMatchObject({ phase: 'halted', haltedIn: 'shifting' });
      expect(decision.events).toMatchObject([{ type: 'halted' }]);
    });

    test('halts when the target has no weights of a pair', () => {
      const decision = decideNext(last, { now: at(300), live: { problem: 'It is gone' } }, rules());
      expect(decision.state).toMatchObject({
        phase: 'halted',
        reason: 'The target was changed outside this shift (drift): It is gone',
      });
    });

    test('requests the weights when the hold ended after the reading', () => {
      const decision = decideNext(last, { now: at(300) }, rules());
      expect(decision).toEqual({ action: 'wait', state: last, waitSeconds: 0, events: [] });
    });
  });

  describe('while a rollback holds', () => {
    const state = aState({ phase: 'rollingBack', verifiedWeights: green(50), reason: 'bad' });

    test('waits for the end of the interval', () => {
      const decision = decideNext(state, { now: at(5) }, rulesWithCheck({ rollback: inSteps }));
      expect(decision).toEqual({ action: 'wait', state, waitSeconds: 10, events: [] });
    });

    test('does not wait for checks', () => {
      const rollback = { stepPercent: 20, intervalSeconds: 100 };
      const decision = decideNext(state, { now: at(5) }, rulesWithCheck({ rollback }));
      expect(decision).toMatchObject({ waitSeconds: 95 });
    });

    test('sets the next weights pending', () => {
      const decision = decideNext(state, { now: at(15) }, rules({ rollback: inSteps }));
      expect(decision).toEqual({
        action: 'wait',
        state: { ...state, pendingWeights: green(30) },
        waitSeconds: 0,
        events: [],
      });
    });

    test('sets the initial weights pending when it has no steps', () => {
      expect(decideNext(state, { now: at(0) }, rules()).state.pendingWeights).toEqual(green(0));
    });
  });

  test('returns a decision for every state and observation, and changes neither', () => {
    const share = fc.integer({ min: 0, max: 100 }).map(green);
    const state = fc
      .record({
        phase: fc.constantFrom('shifting', 'rollingBack', 'succeeded', 'rolledBack', 'halted'),
        step: fc.integer({ min: -1, max: 2 }),
        verifiedWeights: share,
        pendingWeights: fc.option(share, { nil: undefined }),
        supersededWeights: fc.option(share, { nil: undefined }),
        unverifiedWrites: fc.nat({ max: 3 }),
        nextCheckAt: fc.integer({ min: -100, max: 400 }).map(at),
      })
      .map((changes) => JSON.parse(JSON.stringify(aState(changes as Partial<ShiftState>))) as ShiftState);
    const observation = fc.record({
      now: fc.integer({ min: -10, max: 500 }).map(at),
      live: fc.option(
        fc.oneof(
          share.map((weights) => ({ weights })),
          fc.constant({ problem: 'gone' }),
        ),
        {
          nil: undefined,
        },
      ),
      checks: fc.array(
        fc.constantFrom(pass, evaluation('fail'), evaluation('error'), evaluation('inconclusive')),
      ),
    });
    fc.assert(
      fc.property(
        state,
        observation,
        fc.constantFrom(rules(), rulesWithCheck({ rollback: inSteps })),
        (from, seen, by) => {
          const before = structuredClone(from);

          const decision = decideNext(from, seen, by);

          expect(from).toEqual(before);
          expect(decision.action === 'end').toBe(hasEnded(decision.state));
          if (decision.action === 'wait') expect(decision.waitSeconds).toBeGreaterThanOrEqual(0);
          if (decision.action === 'write') expect(decision.weights).toEqual(from.pendingWeights);
          expect(decideNext(from, seen, by)).toEqual(decision);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('Function: weightsOfStep', () => {
  test('returns the weights of the step, as the target can hold them', () => {
    const nearestWeights = (weights: { blue: number; green: number }) =>
      fromScale(toScale(weights, 3)) ?? weights;
    expect(weightsOfStep(aState(), 1, rules())).toEqual(green(50));
    expect(weightsOfStep(aState({ incoming: 'blue' }), 0, rules())).toEqual({ blue: 10, green: 90 });
    expect(weightsOfStep(aState(), 0, rules({ nearestWeights })).green).toBeCloseTo(33.33);
  });

  test('returns 100 % when the step does not exist', () => {
    expect(weightsOfStep(aState(), 7, rules())).toEqual(green(100));
  });
});

describe('Function: verifyWrite', () => {
  const written = aState({ pendingWeights: green(50), supersededWeights: green(70) });

  test('advances the step when the weights were read back', () => {
    const decision = verifyWrite(written, { weights: green(50.005) }, at(61), rulesWithCheck());

    const { supersededWeights: _superseded, ...state } = aState({
      step: 1,
      verifiedWeights: green(50.005),
      verifiedAt: at(61),
      readAt: at(61),
      nextCheckAt: at(91),
    });
    expect(decision).toEqual({
      action: 'wait',
      state,
      waitSeconds: 30,
      events: [{ at: at(61), type: 'weightsVerified', weights: green(50.005) }],
    });
  });

  test('resets the tallies except failures', () => {
    const tallies = tallyOf({ failures: 1, inconclusives: 1, errors: 1, successes: 3 });
    const decision = verifyWrite({ ...written, tallies }, { weights: green(50) }, at(61), rules());
    expect(decision.state.tallies).toEqual(tallyOf({ failures: 1 }));
  });

  test('writes again when the weights do not take effect, and halts after the third time', () => {
    const once = verifyWrite(written, { weights: green(10) }, at(90), rules());
    const twice = verifyWrite(once.state, { weights: green(10) }, at(120), rules());
    const thrice = verifyWrite(twice.state, { weights: green(10) }, at(150), rules());

    expect(once).toEqual({
      action: 'wait',
      state: { ...written, unverifiedWrites: 1 },
      waitSeconds: 0,
      events: [],
    });
    expect(twice).toMatchObject({ action: 'wait', state: { unverifiedWrites: 2 } });
    const reason = 'The written weights did not take effect: still blue 90 %, green 10 %';
    expect(thrice).toMatchObject({ action: 'end', state: { phase: 'halted', haltedIn: 'shifting', reason } });
    expect(thrice.events).toEqual([{ at: at(150), type: 'halted', reason }]);
  });

  test.each([{ weights: green(33) }, { problem: 'It is gone' }])('halts at once on %o', (live) => {
    const decision = verifyWrite(written, live, at(90), rules());
    expect(decision.state).toMatchObject({ phase: 'halted', pendingWeights: green(50) });
    expect(decision.state.reason).toMatch(
      /^The (weights were|target was) changed outside this shift \(drift\): /,
    );
  });

  test('ends a rollback at the initial weights', () => {
    const turned = aState({ phase: 'rollingBack', reason: 'bad', pendingWeights: green(0) });
    const decision = verifyWrite(turned, { weights: green(0) }, at(61), rules());
    expect(decision).toMatchObject({
      action: 'end',
      state: { phase: 'rolledBack', step: 0, verifiedWeights: green(0), reason: 'bad' },
      events: [{ type: 'weightsVerified' }, { type: 'rolledBack', weights: green(0), reason: 'bad' }],
    });
    expect(decision.state.pendingWeights).toBeUndefined();
  });

  test('ends a rollback whose reason is missing', () => {
    const turned = aState({ phase: 'rollingBack', pendingWeights: green(0) });
    const { events } = verifyWrite(turned, { weights: green(0) }, at(61), rules());
    expect(events.at(-1)).toMatchObject({ type: 'rolledBack', reason: 'no reason given' });
  });

  test('continues a rollback that has not reached the initial weights', () => {
    const turned = aState({ phase: 'rollingBack', reason: 'bad', pendingWeights: green(5) });
    const decision = verifyWrite(turned, { weights: green(5) }, at(61), rules({ rollback: inSteps }));
    expect(decision).toMatchObject({
      action: 'wait',
      waitSeconds: 15,
      state: { phase: 'rollingBack', step: 0 },
    });
  });

  test('ends a rollback at the initial weights that the target can hold', () => {
    const initialWeights = green(12.5);
    const turned = aState({ phase: 'rollingBack', initialWeights, pendingWeights: green(13) });
    const nearestWeights = () => green(13);
    const decision = verifyWrite(turned, { weights: green(13) }, at(61), rules({ nearestWeights }));
    expect(decision.state.phase).toBe('rolledBack');
  });
});

describe('Function: beginRollback', () => {
  test('sets the initial weights pending, and keeps the superseded ones', () => {
    const state = aState({ pendingWeights: green(50), unverifiedWrites: 2 });

    const decision = beginRollback(state, 'bad', at(61), rules());

    expect(decision).toEqual({
      action: 'wait',
      state: aState({
        phase: 'rollingBack',
        reason: 'bad',
        supersededWeights: green(50),
        pendingWeights: green(0),
      }),
      waitSeconds: 0,
      events: [{ at: at(61), type: 'rollingBack', reason: 'bad' }],
    });
  });

  test('has no superseded weights when none were pending', () => {
    const { state } = beginRollback(aState(), 'bad', at(61), rules());
    expect(state).not.toHaveProperty('supersededWeights');
  });

  test('moves in steps down to the initial weights', () => {
    const next = (from: number, initial = 0) =>
      beginRollback(
        aState({ verifiedWeights: green(from), initialWeights: green(initial) }),
        'bad',
        at(61),
        rules({ rollback: inSteps }),
      ).state.pendingWeights;

    expect(next(50)).toEqual(green(30));
    expect(next(20)).toEqual(green(0));
    expect(next(19)).toEqual(green(0));
    expect(next(50, 35)).toEqual(green(35));
    expect(next(60, 35)).toEqual(green(40));
  });

  test('moves to the initial weights when a step changes nothing on a coarse scale', () => {
    const nearestWeights = (weights: { blue: number; green: number }) =>
      fromScale(toScale(weights, 4)) ?? weights;
    const state = aState({ verifiedWeights: green(75) });
    const next = (stepPercent: number) =>
      beginRollback(
        state,
        'bad',
        at(61),
        rules({ nearestWeights, rollback: { stepPercent, intervalSeconds: 0 } }),
      ).state.pendingWeights;

    expect(next(20)).toEqual(green(50));
    expect(next(1)).toEqual(green(0));
  });

  test('leaves a rollback in progress unchanged', () => {
    const state = aState({
      phase: 'rollingBack',
      reason: 'first',
      supersededWeights: green(50),
      pendingWeights: green(0),
    });
    expect(beginRollback(state, 'second', at(61), rules())).toEqual({
      action: 'wait',
      state,
      waitSeconds: 0,
      events: [],
    });
  });

  test('resumes a halted rollback', () => {
    const state = aState({ phase: 'rollingBack', reason: 'first', pendingWeights: green(0) });
    const halted = halt(state, 'stuck', at(61)).state;
    expect(beginRollback(halted, 'second', at(62), rules()).state).toEqual(state);
  });

  test('rolls back a halted shift', () => {
    const halted = halt(aState({ pendingWeights: green(50) }), 'stuck', at(61)).state;
    const { state } = beginRollback(halted, 'by hand', at(62), rules());
    expect(state).toMatchObject({ phase: 'rollingBack', reason: 'by hand', supersededWeights: green(50) });
    expect(state).not.toHaveProperty('haltedIn');
  });
});

describe('Functions: halt and resume', () => {
  test('resumes a shift with its pending weights, and restarts the hold', () => {
    const state = aState({ pendingWeights: green(50), unverifiedWrites: 3 });
    const halted = halt(state, 'stuck', at(61));

    expect(halted).toEqual({
      action: 'end',
      state: { ...state, phase: 'halted', haltedIn: 'shifting', reason: 'stuck' },
      events: [{ at: at(61), type: 'halted', reason: 'stuck' }],
    });
    const restartHold = { verifiedAt: at(500), nextCheckAt: at(530), tallies: {} };
    expect(resume(halted.state, at(500), rules())).toEqual({ ...state, ...restartHold, unverifiedWrites: 0 });
  });

  test('restarts the hold of a shift that halted in a hold', () => {
    const state = aState({ tallies: tallyOf({ failures: 1, successes: 2, errors: 1 }) });
    const halted = halt(state, 'aborted', at(59)).state;

    expect(resume(halted, at(500), rules())).toEqual(
      aState({
        verifiedAt: at(500),
        nextCheckAt: at(530),
        tallies: tallyOf({ failures: 1 }),
      }),
    );
  });

  test('resumes a rollback with its own reason', () => {
    const state = aState({ phase: 'rollingBack', reason: 'bad', pendingWeights: green(0) });
    const halted = halt(state, 'stuck', at(61)).state;

    expect(halted).toMatchObject({ haltedIn: 'rollingBack', reason: 'stuck', rollbackReason: 'bad' });
    expect(resume(halted, at(500), rules())).toEqual(state);
  });

  test('resumes a rollback without a reason', () => {
    const state = aState({ phase: 'rollingBack', pendingWeights: green(0) });
    const halted = halt(state, 'stuck', at(61)).state;
    expect(halted).not.toHaveProperty('rollbackReason');
    expect(resume(halted, at(500), rules())).toEqual(state);
  });

  test('resumes as a shift when haltedIn is missing', () => {
    const state = aState({ phase: 'halted', pendingWeights: green(50) });
    expect(resume(state, at(500), rules()).phase).toBe('shifting');
  });

  test.each(['shifting', 'rollingBack', 'succeeded', 'rolledBack'] as const)(
    'resume leaves %s unchanged',
    (phase) => {
      const state = aState({ phase });
      expect(resume(state, at(500), rules())).toBe(state);
    },
  );
});

describe('Reasons of a state', () => {
  const long = `The check said: ${'x'.repeat(300_000)}`;

  test.each([
    ['a rollback', beginRollback(aState(), long, at(0), rules())],
    ['a halt', halt(aState(), long, at(0))],
  ])('truncate the reason of %s to 1,000 characters', (_, { state, events }) => {
    expect(state.reason).toHaveLength(1000);
    expect(state.reason).toMatch(/^The check said: x+…$/);
    expect(events[0]).toMatchObject({ reason: state.reason });
  });

  test('are not truncated within a character', () => {
    const { state } = halt(aState(), `${'x'.repeat(998)}😀😀`, at(0));

    expect(state.reason).toBe(`${'x'.repeat(998)}…`);
  });

  test('keep 1,000 characters unchanged', () => {
    expect(halt(aState(), 'x'.repeat(1000), at(0)).state.reason).toBe('x'.repeat(1000));
  });
});

describe('Function: acceptWeights', () => {
  test('rolls a shift back from the live weights', () => {
    const accepted = acceptWeights(aState({ pendingWeights: green(50) }), green(70), rules());
    expect(accepted).toEqual(aState({ pendingWeights: green(50), verifiedWeights: green(70) }));
  });

  test('continues a rollback from the live weights, and never raises the incoming stack', () => {
    const state = aState({
      phase: 'rollingBack',
      verifiedWeights: green(50),
      pendingWeights: green(30),
    });
    const by = rules({ rollback: inSteps });

    const accepted = acceptWeights(state, green(25), by);

    expect(accepted).toMatchObject({ verifiedWeights: green(25), pendingWeights: green(5) });
    const halted = halt(state, 'stuck', at(61)).state;
    expect(acceptWeights(halted, green(25), by).pendingWeights).toEqual(green(5));
  });
});
