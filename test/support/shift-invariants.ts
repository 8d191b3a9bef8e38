import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ShiftState } from '../../src/traffic/shift/shift-state.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { areSame, weightsOf } from '../../src/traffic/weights.js';
import {
  anyDisturbedShift,
  anyShift,
  type DrivenShift,
  drive,
  type Evaluated,
  run,
  type ShiftPlan,
  type Step,
  undisturbed,
  withChecksByShare,
  withoutDenials,
} from './driven-shift.js';
import { factor, seed } from './properties.js';

const close = 0.01;

/**
 * Declares the properties of shifts.
 *
 * @param times - how many times the cases of the ordinary suite are run.
 */
export function testShiftInvariants(times: number): void {
  const share = factor * times;
  const ran = { runs: 0, writes: 0, succeeded: 0, rolledBack: 0, halted: 0 };

  async function property(
    plans: fc.Arbitrary<ShiftPlan>,
    runs: number,
    holds: (plan: ShiftPlan) => Promise<void>,
  ): Promise<void> {
    await fc.assert(fc.asyncProperty(plans, holds), { numRuns: Math.ceil(runs * share) });
  }

  function count({ target, end }: DrivenShift): void {
    ran.runs += 1;
    ran.writes += target.writes.length;
    if (end.phase === 'succeeded' || end.phase === 'rolledBack' || end.phase === 'halted')
      ran[end.phase] += 1;
  }

  describe('TrafficShifter › invariants of every shift', () => {
    test('moves monotonically, in verified and gated steps, when nothing else writes', async () => {
      await property(anyShift, 4000, async (plan) => {
        const shift = await drive(plan);

        expectMonotonic(shift, plan);
        expectVerified(shift);
        expectGuarded(shift);
        expectWeightOnly(shift, plan);
        expectGated(shift, plan);
        expectFollowed(shift, plan);
        expectApproved(shift, plan);
        expectInTime(shift, plan);
        expectRightEnd(shift, plan);
        expectDecided(shift, plan);
        count(shift);
      });
    });

    test('overwrites nothing when something else writes', async () => {
      await property(anyDisturbedShift, 3500, async (plan) => {
        const shift = await drive(plan);

        expectMonotonic(shift, plan);
        expectGuarded(shift);
        expectWeightOnly(shift, plan);
        expectGated(shift, plan);
        expectFollowed(shift, plan);
        expectApproved(shift, plan);
        expectInTime(shift, plan);
        expectLeftAlone(shift);
        count(shift);
      });
    });

    test('ends the same when it is interrupted anywhere', async () => {
      await property(anyShift.map(withChecksByShare).map(withoutDenials), 1000, async (plan) => {
        // An interrupted shift needs more time.
        const unlimited = { ...plan, rollBackAt: undefined, maxDurationSeconds: undefined };
        const interrupted = await drive(unlimited);
        const straight = await drive(undisturbed(unlimited));

        expect(interrupted.end.phase).toBe(straight.end.phase);
        expect(interrupted.target.rule).toEqual(straight.target.rule);
        count(interrupted);
        count(straight);
      });
    });

    test('moves no traffic past the first step without a passed check', async () => {
      const never = anyShift.map((plan) => ({
        ...plan,
        initialPercent: 0,
        checks: [...plan.checks, { dryRun: false, byShare: false, outcomes: unclear(plan) }],
      }));
      await property(never, 1000, async (plan) => {
        const shift = await drive(plan);

        expect(shift.end.phase).toBe('rolledBack');
        expect(shift.target.rule.weights[plan.incoming]).toBe(0);
        expect(shift.steps.every(({ before }) => before.step <= 0)).toBe(true);
        count(shift);
      });
    });

    test('rolls back after an abort at any time, and ends after a throw at any time', async () => {
      const plans = fc.tuple(anyShift, fc.nat({ max: 600 }));
      await fc.assert(
        fc.asyncProperty(plans, async ([plan, abortAfterSeconds]) => {
          const { result, target } = await run(plan, { abortAfterSeconds });

          const { incoming } = plan;
          const wasAborted = result.history.some(
            (it) => it.type === 'rollingBack' && it.reason === 'Aborted: Enough',
          );
          if (wasAborted) expect(result.outcome).not.toBe('succeeded');
          const initial = result.state.initialWeights[incoming];
          const live = target.rule.weights[incoming];
          if (result.outcome === 'succeeded') expect(live).toBe(100);
          if (result.outcome === 'rolledBack') expect(live).toBeCloseTo(initial, 1);
          const shares = target.changes.map(({ weights }) => weights[incoming]);
          expect(shares.slice(shares.indexOf(Math.max(...shares)))).toEqual(
            shares.slice(shares.indexOf(Math.max(...shares))).toSorted((one, other) => other - one),
          );
          ran.runs += 1;
          ran.writes += target.writes.length;
          ran[result.outcome] += 1;
        }),
        { numRuns: Math.ceil(1500 * share) },
      );
    });

    test('drives at least 10,000 shifts', () => {
      expect(ran.runs).toBeGreaterThanOrEqual(10_000 * Math.min(1, share));
      expect(Math.min(ran.succeeded, ran.rolledBack, ran.halted)).toBeGreaterThan(ran.runs / 100);
      // biome-ignore lint/suspicious/noConsole: the seed and the counts are the report of this suite
      console.info(
        `properties of shifts: seed ${seed}, ${ran.runs} shifts with ${ran.writes} writes: ${ran.succeeded} succeeded, ${ran.rolledBack} rolled back, ${ran.halted} halted`,
      );
    });
  });
}

/** Returns outcomes that are only inconclusive, undecided or errors, so that no other threshold is reached first. */
function unclear(plan: ShiftPlan): ('inconclusive' | 'undecided' | 'throw')[] {
  if (plan.scale === 100) return ['inconclusive'];
  return plan.scale === 10 ? ['undecided'] : ['throw'];
}

/** 1. While shifting, the share never falls below the reading before; during a rollback, it never rises above it. */
function expectMonotonic({ target, steps }: DrivenShift, { incoming, initialPercent }: ShiftPlan): void {
  for (const step of steps) {
    // Accepting less than the initial share restores the initial share.
    if (step.isAccepting && initialPercent > 0) return;
    const isRollback = step.isRollback || isRollingBack(step.before);
    for (const { written, read } of writesOf(target, step)) {
      const rise = written[incoming] - read[incoming];
      expect(isRollback ? -rise : rise).toBeGreaterThanOrEqual(-close);
    }
  }
}

/** 2. The live weights are the verified, pending or superseded ones of the returned state, as long as there is no external write. */
function expectVerified({ steps }: DrivenShift): void {
  for (const { progress, before, live, isRollback, evaluated } of steps) {
    for (const it of evaluated) expect(areSame(it.live, before.verifiedWeights)).toBe(true);
    // The call is repeated with the same state, which then expects these weights.
    if (isRollback && progress === undefined) continue;
    const { verifiedWeights, pendingWeights, supersededWeights } = progress?.state ?? before;
    const possible = [verifiedWeights, pendingWeights, supersededWeights].filter(Boolean);
    expect(possible.some((it) => areSame(live, it))).toBe(true);
  }
}

/** 3. Every write follows a reading that the given state expects, and its weights are pending in that state. */
function expectGuarded({ target, steps }: DrivenShift): void {
  for (const step of steps) {
    const { before, isRollback, isAccepting } = step;
    const writes = writesOf(target, step);
    expect(writes.length).toBeLessThanOrEqual(1);
    for (const { read, written } of writes) {
      const expected = [before.verifiedWeights, before.supersededWeights, before.pendingWeights];
      // A rollback by hand has no pending weights beforehand: it is repeated with the same state.
      if (isRollback) expected.push(written);
      if (isAccepting) expected.push(read);
      expect(expected.some((it) => areSame(read, it))).toBe(true);
      if (!isRollback) expect(areSame(written, before.pendingWeights)).toBe(true);
    }
  }
}

/** 4. All other fields of the rule are the initial ones, or those of an external write. */
function expectWeightOnly({ target }: DrivenShift, { delaySeconds, faults }: ShiftPlan): void {
  const { weights: _weights, priority: _priority, ...rest } = target.rule;
  expect(rest).toEqual({ conditions: ['/orders/*'], stickinessSeconds: 600 });
  // After a stale reading, a write restores old fields; AWS cannot detect it.
  if (delaySeconds > 0 || [...faults.values()].some(({ kind }) => kind === 'stale')) return;
  const external = target.changes.filter(({ by }) => by === 'external write');
  const lost = external.filter(({ callsBefore }) => target.calls[callsBefore]?.kind === 'write');
  expect(target.rule.priority).toBeGreaterThanOrEqual(10 + external.length - lost.length);
}

/** 5. The weights of the next step become pending only after the hold, and after each check passed under the present weights. */
function expectGated({ target, begun, steps }: DrivenShift, plan: ShiftPlan): void {
  const gates = plan.checks.flatMap(({ dryRun }, index) => (dryRun ? [] : [`check ${index}`]));
  let since = steps[0]?.at ?? begun.verifiedAt;
  let seen: Evaluated[] = [];
  // The call at which a clock becomes right or wrong counts as one guard interval later.
  const tolerance = plan.clockError.seconds === 0 ? 0 : 2 * 60_000;
  for (const { before, progress, evaluated, at, endedAt, calls } of steps) {
    if (progress === undefined) continue;
    const { state, events } = progress;
    seen.push(...evaluated);
    const isPast =
      state.phase === 'succeeded' ||
      (before.phase === 'shifting' &&
        state.phase === 'shifting' &&
        before.pendingWeights === undefined &&
        state.pendingWeights !== undefined);
    // A superseded write may have taken effect late: then the traffic is already there.
    const isThere = target.calls
      .slice(...calls)
      .some(
        ({ kind, weights }) =>
          kind === 'read' && weights !== undefined && areSame(weights, before.supersededWeights),
      );
    if (isPast && before.step >= 0 && !(isThere && state.phase === 'shifting')) {
      const { holdSeconds = 0 } = plan.strategy.steps[before.step] ?? {};
      const holdMilliseconds = (plan.propagationSeconds + holdSeconds) * 1000;
      // A reading that shows drift is repeated, so the step may be over when the call has ended.
      expect(endedAt - since).toBeGreaterThanOrEqual(Math.max(0, holdMilliseconds - tolerance));
      for (const gate of gates) {
        const last = seen.filter(({ check }) => check === gate).slice(-(plan.policy.successThreshold ?? 1));
        expect(last).toHaveLength(plan.policy.successThreshold ?? 1);
        expect(last.every(({ outcome }) => outcome === 'pass')).toBe(true);
      }
    }
    if (before.phase === 'halted' || events.some(({ type }) => type === 'weightsVerified')) {
      since = before.phase === 'halted' ? at : endedAt;
      // Resumed and evaluated in one call.
      seen = before.phase === 'halted' ? [...evaluated] : [];
    }
  }
}

/** 10. A shift succeeds or is rolled back only when all clients have followed its last weights. */
function expectFollowed({ steps }: DrivenShift, { propagationSeconds, clockError }: ShiftPlan): void {
  // A machine with a wrong clock does not know when a time has come.
  if (clockError.seconds !== 0) return;
  let verifiedAt: number | undefined;
  for (const { before, progress, endedAt } of steps) {
    if (progress?.events.some(({ type }) => type === 'weightsVerified')) verifiedAt = endedAt;
    const { outcome } = progress ?? {};
    const hasEnded = (outcome === 'succeeded' || outcome === 'rolledBack') && outcome !== before.phase;
    if (!hasEnded || verifiedAt === undefined) continue;
    expect(endedAt - verifiedAt).toBeGreaterThanOrEqual(propagationSeconds * 1000);
  }
}

/** 6. No step past the approved share is written or reported as held. */
function expectApproved({ target, steps }: DrivenShift, { incoming, strategy }: ShiftPlan): void {
  for (const step of steps) {
    const { progress, isRollback, before } = step;
    const given = (step.limits.approved ?? []).map(Number);
    const holdAtPercent = before.approvalPercents?.find((it) => !given.some((share) => share >= it)) ?? 100;
    if (progress?.heldAt !== undefined) {
      expect(progress.heldAt.key).toBe(`${holdAtPercent}`);
      expect(progress.state.phase).toBe('shifting');
    }
    if (isRollback || isRollingBack(before)) continue;
    const approved = strategy.steps.filter(({ percent }) => percent <= holdAtPercent);
    const possible = approved.map(({ percent }) => {
      const weights = weightsOf(incoming, percent);
      return target.nearestWeights?.(weights) ?? weights;
    });
    for (const { written, read } of writesOf(target, step)) {
      if (written[incoming] > read[incoming] + close) {
        expect(possible.some((it) => areSame(it, written))).toBe(true);
      }
    }
  }
}

/**
 * 7. When its time is over, a shift gets no more traffic and cannot succeed. A rollback that accepted weights below the initial
 * ones of an external write restores these, in one step or, when a write is lost, later.
 */
function expectInTime({ target, begun, steps }: DrivenShift, { incoming, clockError }: ShiftPlan): void {
  // A machine with a wrong clock does not know when a time has come.
  if (clockError.seconds !== 0) return;
  const initial = target.nearestWeights?.(begun.initialWeights) ?? begun.initialWeights;
  let max = 0;
  for (const step of steps) {
    const { limits, at, before, progress } = step;
    if (step.isAccepting) max = initial[incoming];
    if (limits.rollBackAt === undefined || at < limits.rollBackAt || before.phase === 'succeeded') continue;
    expect(progress?.state.phase).not.toBe('succeeded');
    if (step.isAccepting) continue;
    for (const { written, read } of writesOf(target, step)) {
      expect(written[incoming]).toBeLessThanOrEqual(Math.max(read[incoming], max) + close);
    }
  }
}

/** 8. Without external writes, a shift ends at 100 % or at its initial weights, and never halts. */
function expectRightEnd({ target, end, begun, steps }: DrivenShift, { incoming }: ShiftPlan): void {
  const live = target.rule.weights[incoming];
  const initial = target.nearestWeights?.(begun.initialWeights) ?? begun.initialWeights;
  expect(['succeeded', 'rolledBack']).toContain(end.phase);
  expect(live).toBeCloseTo(end.phase === 'succeeded' ? 100 : initial[incoming], 1);
  const last = steps.at(-1)?.progress?.events.at(-1);
  expect(last?.type).toBe(end.phase);
}

/**
 * 10. A step whose check is undecided after the longest hold is rolled back at once. The hold begins again when only an approval is
 * missing, and the first undecided evaluation after that is none that holds the shift.
 */
function expectDecided({ steps }: DrivenShift, { strategy, clockError, checks }: ShiftPlan): void {
  if (clockError.seconds !== 0) return;
  const gates = new Set(checks.flatMap(({ dryRun }, index) => (dryRun ? [] : [`check ${index}`])));
  let waitedForApproval = false;
  for (const { before, progress, evaluated, at, isRollback } of steps) {
    if (before.phase !== 'shifting' || progress === undefined || isRollback) continue;
    const isFirst = waitedForApproval;
    waitedForApproval = progress.heldAt !== undefined;
    if (isFirst) continue;
    const since = Math.max(before.verifiedAt, before.passedAt ?? 0);
    const limit = since + (strategy.steps[before.step]?.maxHoldSeconds ?? 0) * 1000;
    const isUndecided = evaluated.some(({ check, outcome }) => outcome === 'undecided' && gates.has(check));
    // A reading that shows drift is repeated, which takes time; unwatched time does not count.
    if (!isUndecided || at < limit + 600_000) continue;
    expect(progress.state.phase).not.toBe('shifting');
  }
}

/** 9. A shift that halts on drift leaves the external weights unchanged. */
function expectLeftAlone({ target, end }: DrivenShift): void {
  const last = target.changes.at(-1);
  if (end.phase !== 'halted' || last?.by !== 'external write') return;
  expect(target.rule.weights).toEqual(last.weights);
  expect(end.reason).toContain('changed outside this shift (drift)');
}

/** Returns the writes of one call of the shifter, each with the reading right before it. */
function writesOf(
  target: DrivenShift['target'],
  { calls: [from, to] }: Step,
): { written: TrafficWeights; read: TrafficWeights }[] {
  return target.calls.slice(from, to).flatMap((call, index, calls) => {
    const read = calls[index - 1];
    if (call.kind !== 'write' || call.weights === undefined) return [];
    expect(read?.kind).toBe('read');
    expect(read?.weights).toBeDefined();
    return read?.weights === undefined ? [] : [{ written: call.weights, read: read.weights }];
  });
}

function isRollingBack({ phase, haltedIn }: ShiftState): boolean {
  return phase === 'rollingBack' || haltedIn === 'rollingBack';
}
