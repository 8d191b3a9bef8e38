import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideNext, hasEnded, requiredObservation } from '../../../../src/traffic/shift/decide-next.js';
import { weightsOfStep } from '../../../../src/traffic/shift/decision.js';
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

  test.each(['succeeded', 'rolledBack', 'halted'] as const)('is nothing when a shift is %s', (phase) => {
    const state = aState({ phase, pendingWeights: green(50) });
    expect(requiredObservation(state, at(1000), rulesWithCheck())).toEqual(nothing);
  });

  test.each(['shifting', 'rollingBack'] as const)('is the weights before a write (%s)', (phase) => {
    const state = aState({ phase, pendingWeights: green(50) });
    expect(requiredObservation(state, at(1000), rulesWithCheck())).toEqual({ weights: true, checks: false });
  });

  test('is nothing while a rollback holds', () => {
    expect(requiredObservation(aState({ phase: 'rollingBack' }), at(1000), rulesWithCheck())).toEqual(
      nothing,
    );
  });

  test('is the checks as soon as they are due, and the weights that they judge', () => {
    expect(requiredObservation(aState(), at(29.999), rulesWithCheck())).toEqual(nothing);
    expect(requiredObservation(aState(), at(30), rulesWithCheck())).toEqual({ weights: true, checks: true });
    expect(requiredObservation(aState(), at(30), rules())).toEqual(nothing);
  });

  test('is the weights once in each guard interval of a hold', () => {
    const guarded = rules({ guardIntervalSeconds: 20 });
    const rollingBack = aState({ phase: 'rollingBack' });
    const slow = { ...guarded, rollback: { stepPercent: 5, intervalSeconds: 600 } };

    expect(requiredObservation(aState(), at(19.999), guarded)).toEqual(nothing);
    expect(requiredObservation(aState(), at(20), guarded)).toEqual({ weights: true, checks: false });
    expect(requiredObservation(aState({ readAt: at(20) }), at(39), guarded)).toEqual(nothing);
    expect(requiredObservation(rollingBack, at(20), slow)).toEqual({ weights: true, checks: false });
  });

  test('is the weights when all that is left of the last step is to look at them', () => {
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

  describe('with announced weights', () => {
    const state = aState({ pendingWeights: green(50) });

    test('writes them when those before them are live', () => {
      const decision = decideNext(state, { now: at(60), live: { weights: green(10) } }, rules());
      expect(decision).toEqual({
        action: 'write',
        state: { ...state, readAt: at(60) },
        weights: green(50),
        events: [],
      });
    });

    test('writes them once more when they are live already: the reading may be an old one', () => {
      const decision = decideNext(state, { now: at(60), live: { weights: green(50) } }, rules());
      expect(decision).toEqual({
        action: 'write',
        state: { ...state, readAt: at(60) },
        weights: green(50),
        events: [],
      });
    });

    test('takes them for verified when they were written before, and came into force late', () => {
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

    test('takes them for verified when nothing else may be live', () => {
      const same = aState({ pendingWeights: green(10) });
      const coarse = rules({ nearestWeights: () => green(10) });
      const decision = decideNext(same, { now: at(60), live: { weights: green(10) } }, coarse);
      expect(decision).toMatchObject({ action: 'wait', state: { step: 1, verifiedWeights: green(10) } });
    });

    test('halts on weights that nobody can explain', () => {
      const decision = decideNext(state, { now: at(60), live: { weights: green(30) } }, rules());

      const reason =
        'The weights were changed outside this shift (drift): expected blue 90 %, green 10 % or blue 50 %, green 50 %, got blue 70 %, green 30 %';
      expect(decision).toEqual({
        action: 'end',
        state: { ...state, phase: 'halted', haltedIn: 'shifting', reason },
        events: [{ at: at(60), type: 'halted', reason }],
      });
    });

    test('halts when the target is not what it has to be', () => {
      const live = { problem: 'There are other destinations' };
      const decision = decideNext(state, { now: at(60), live }, rules());
      expect(decision.state).toMatchObject({
        phase: 'halted',
        reason: 'The target was changed outside this shift (drift): There are other destinations',
      });
    });

    test('asks for the weights when they were not looked at', () => {
      const decision = decideNext(state, { now: at(60) }, rules());
      expect(decision).toEqual({ action: 'wait', state, waitSeconds: 0, events: [] });
    });

    test('explains weights that were given up for a rollback', () => {
      const turned = aState({
        phase: 'rollingBack',
        supersededWeights: green(50),
        pendingWeights: green(0),
      });
      const decision = decideNext(turned, { now: at(60), live: { weights: green(50) } }, rules());
      expect(decision).toMatchObject({ action: 'write', weights: green(0) });
    });

    test('does not believe that a rollback is done before it was written', () => {
      const turned = aState({ phase: 'rollingBack', pendingWeights: green(0) });
      const decision = decideNext(turned, { now: at(60), live: { weights: green(0) } }, rules());
      expect(decision.action).toBe('write');
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

    test('takes no checks into account when there are none', () => {
      const state = aState({ nextCheckAt: at(1) });
      expect(decideNext(state, { now: at(0) }, rules())).toMatchObject({ waitSeconds: 60 });
    });

    test('announces the next step when the time is over', () => {
      expect(decideNext(aState(), { now: at(60) }, rules())).toEqual({
        action: 'wait',
        state: aState({ pendingWeights: green(50) }),
        waitSeconds: 0,
        events: [],
      });
    });

    test('announces what the target can hold', () => {
      const nearestWeights = (wanted: TrafficWeights) => (wanted.green === 50 ? green(49) : wanted);
      const decision = decideNext(aState(), { now: at(60) }, rules({ nearestWeights }));
      expect(decision.state.pendingWeights).toEqual(green(49));
    });

    test('tells each evaluation, and when the next ones are due', () => {
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

    test('goes on with the evaluation that was missing', () => {
      const decision = decideNext(aState(), { now: at(70), checks: [pass] }, rulesWithCheck());

      expect(decision).toMatchObject({ waitSeconds: 0, state: { pendingWeights: green(50) } });
      expect(decision.events.map(({ type }) => type)).toEqual(['checkEvaluated']);
    });

    test('is held longer than its time until every check has passed, and says so once per evaluation', () => {
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

    test('names every check that it waits for', () => {
      const decision = decideNext(
        aState(),
        { now: at(60), checks: [evaluation('inconclusive')] },
        rulesWithCheck({ gates: ['errors', 'latency'] }),
      );
      expect(decision.events.at(-1)).toMatchObject({ reason: 'Not passed yet: errors, latency' });
    });

    test('a pass makes up for what was unclear before the end of the hold, not after it', () => {
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

    test('a failed check turns the shift round', () => {
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

    test('halts on a state that says it is further than what was read back', () => {
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
      ['more than its step says: live weights that were accepted', aState({ verifiedWeights: green(30) })],
      ['what a reading rounds', aState({ verifiedWeights: { blue: 90.001, green: 9.999 } })],
      ['what a rollback has come to', aState({ verifiedWeights: green(0), phase: 'rollingBack' })],
      [
        'what the target can hold of its step',
        aState({ verifiedWeights: green(9) }),
        ({ green: share }: TrafficWeights) => green(share - 1),
      ],
    ])('believes %s', (_, state, nearestWeights = (weights: TrafficWeights) => weights) => {
      const decision = decideNext(state, { now: at(20) }, rules({ nearestWeights }));
      expect(decision.state.phase).not.toBe('halted');
    });

    test('has no step before the first: the first one is announced', () => {
      const state = aState({ step: -1, verifiedWeights: green(0) });
      expect(decideNext(state, { now: at(0) }, rules()).state.pendingWeights).toEqual(green(10));
    });
  });

  describe('at the end of the last step', () => {
    const last = aState({ step: 2, verifiedWeights: green(100) });

    test('succeeds when the weights are still there', () => {
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

    test('halts when the target is not what it has to be', () => {
      const decision = decideNext(last, { now: at(300), live: { problem: 'It is gone' } }, rules());
      expect(decision.state).toMatchObject({
        phase: 'halted',
        reason: 'The target was changed outside this shift (drift): It is gone',
      });
    });

    test('asks for the weights when the time was over only after looking', () => {
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

    test('has no checks to wait for', () => {
      const rollback = { stepPercent: 20, intervalSeconds: 100 };
      const decision = decideNext(state, { now: at(5) }, rulesWithCheck({ rollback }));
      expect(decision).toMatchObject({ waitSeconds: 95 });
    });

    test('announces the next weights', () => {
      const decision = decideNext(state, { now: at(15) }, rules({ rollback: inSteps }));
      expect(decision).toEqual({
        action: 'wait',
        state: { ...state, pendingWeights: green(30) },
        waitSeconds: 0,
        events: [],
      });
    });

    test('announces the end at once when it does not go in steps', () => {
      expect(decideNext(state, { now: at(0) }, rules()).state.pendingWeights).toEqual(green(0));
    });
  });

  test('has an answer to every pair of a state and an observation, and changes neither', () => {
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
  test('are those of the step, as the target can hold them', () => {
    const nearestWeights = (weights: { blue: number; green: number }) =>
      fromScale(toScale(weights, 3)) ?? weights;
    expect(weightsOfStep(aState(), 1, rules())).toEqual(green(50));
    expect(weightsOfStep(aState({ incoming: 'blue' }), 0, rules())).toEqual({ blue: 10, green: 90 });
    expect(weightsOfStep(aState(), 0, rules({ nearestWeights })).green).toBeCloseTo(33.33);
  });

  test('are everything when there is no such step', () => {
    expect(weightsOfStep(aState(), 7, rules())).toEqual(green(100));
  });
});

describe('Function: verifyWrite', () => {
  const written = aState({ pendingWeights: green(50), supersededWeights: green(70) });

  test('counts the step when the weights were read back', () => {
    const decision = verifyWrite(written, { weights: green(50.005) }, at(61), rulesWithCheck());

    const { supersededWeights: _abandoned, ...state } = aState({
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

  test('lets the checks begin anew, but for their failures', () => {
    const tallies = tallyOf({ failures: 1, inconclusives: 1, errors: 1, successes: 3 });
    const decision = verifyWrite({ ...written, tallies }, { weights: green(50) }, at(61), rules());
    expect(decision.state.tallies).toEqual(tallyOf({ failures: 1 }));
  });

  test('writes again when the weights do not come into force, and halts after the third time', () => {
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

  test('ends a rollback at the weights of the beginning', () => {
    const turned = aState({ phase: 'rollingBack', reason: 'bad', pendingWeights: green(0) });
    const decision = verifyWrite(turned, { weights: green(0) }, at(61), rules());
    expect(decision).toMatchObject({
      action: 'end',
      state: { phase: 'rolledBack', step: 0, verifiedWeights: green(0), reason: 'bad' },
      events: [{ type: 'weightsVerified' }, { type: 'rolledBack', weights: green(0), reason: 'bad' }],
    });
    expect(decision.state.pendingWeights).toBeUndefined();
  });

  test('ends a rollback whose reason got lost all the same', () => {
    const turned = aState({ phase: 'rollingBack', pendingWeights: green(0) });
    const { events } = verifyWrite(turned, { weights: green(0) }, at(61), rules());
    expect(events.at(-1)).toMatchObject({ type: 'rolledBack', reason: 'no reason given' });
  });

  test('goes on with a rollback that has not come to the beginning yet', () => {
    const turned = aState({ phase: 'rollingBack', reason: 'bad', pendingWeights: green(5) });
    const decision = verifyWrite(turned, { weights: green(5) }, at(61), rules({ rollback: inSteps }));
    expect(decision).toMatchObject({
      action: 'wait',
      waitSeconds: 15,
      state: { phase: 'rollingBack', step: 0 },
    });
  });

  test('ends a rollback at what the target can hold of the weights of the beginning', () => {
    const initialWeights = green(12.5);
    const turned = aState({ phase: 'rollingBack', initialWeights, pendingWeights: green(13) });
    const nearestWeights = () => green(13);
    const decision = verifyWrite(turned, { weights: green(13) }, at(61), rules({ nearestWeights }));
    expect(decision.state.phase).toBe('rolledBack');
  });
});

describe('Function: beginRollback', () => {
  test('announces the weights of the beginning, and keeps in mind what may be live', () => {
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

  test('has nothing to keep in mind when nothing was announced', () => {
    const { state } = beginRollback(aState(), 'bad', at(61), rules());
    expect(state).not.toHaveProperty('supersededWeights');
  });

  test('goes in steps when it shall, down to the beginning', () => {
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

  test('goes to the end when a step is none on a coarse scale', () => {
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

  test('leaves a rollback that is under way as it is', () => {
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

  test('takes a halted rollback up', () => {
    const state = aState({ phase: 'rollingBack', reason: 'first', pendingWeights: green(0) });
    const halted = halt(state, 'stuck', at(61)).state;
    expect(beginRollback(halted, 'second', at(62), rules()).state).toEqual(state);
  });

  test('turns a halted shift round', () => {
    const halted = halt(aState({ pendingWeights: green(50) }), 'stuck', at(61)).state;
    const { state } = beginRollback(halted, 'by hand', at(62), rules());
    expect(state).toMatchObject({ phase: 'rollingBack', reason: 'by hand', supersededWeights: green(50) });
    expect(state).not.toHaveProperty('haltedIn');
  });
});

describe('Functions: halt and resume', () => {
  test('a shift is taken up with its announced weights, and holds its step anew', () => {
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

  test('a shift that was holding is held anew: nobody has watched it meanwhile', () => {
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

  test('a rollback is taken up with its own reason', () => {
    const state = aState({ phase: 'rollingBack', reason: 'bad', pendingWeights: green(0) });
    const halted = halt(state, 'stuck', at(61)).state;

    expect(halted).toMatchObject({ haltedIn: 'rollingBack', reason: 'stuck', rollbackReason: 'bad' });
    expect(resume(halted, at(500), rules())).toEqual(state);
  });

  test('a rollback without a reason is taken up as well', () => {
    const state = aState({ phase: 'rollingBack', pendingWeights: green(0) });
    const halted = halt(state, 'stuck', at(61)).state;
    expect(halted).not.toHaveProperty('rollbackReason');
    expect(resume(halted, at(500), rules())).toEqual(state);
  });

  test('what was under way is taken for a shift when nothing tells', () => {
    const state = aState({ phase: 'halted', pendingWeights: green(50) });
    expect(resume(state, at(500), rules()).phase).toBe('shifting');
  });

  test.each(['shifting', 'rollingBack', 'succeeded', 'rolledBack'] as const)(
    '%s is left as it is',
    (phase) => {
      const state = aState({ phase });
      expect(resume(state, at(500), rules())).toBe(state);
    },
  );
});

describe('A reason', () => {
  const long = `The check said: ${'x'.repeat(300_000)}`;

  test.each([
    ['a rollback', beginRollback(aState(), long, at(0), rules())],
    ['a halt', halt(aState(), long, at(0))],
  ])('of %s is kept as far as every engine can carry it', (_, { state, events }) => {
    expect(state.reason).toHaveLength(1000);
    expect(state.reason).toMatch(/^The check said: x+…$/);
    expect(events[0]).toMatchObject({ reason: state.reason });
  });

  test('is not cut within a character', () => {
    const { state } = halt(aState(), `${'x'.repeat(998)}😀😀`, at(0));

    expect(state.reason).toBe(`${'x'.repeat(998)}…`);
  });

  test('of 1,000 characters is kept as it is', () => {
    expect(halt(aState(), 'x'.repeat(1000), at(0)).state.reason).toBe('x'.repeat(1000));
  });
});

describe('Function: acceptWeights', () => {
  test('a shift is turned round from the weights that are live', () => {
    const accepted = acceptWeights(aState({ pendingWeights: green(50) }), green(70), rules());
    expect(accepted).toEqual(aState({ pendingWeights: green(50), verifiedWeights: green(70) }));
  });

  test('a rollback under way goes on from the weights that are live, and never up', () => {
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
