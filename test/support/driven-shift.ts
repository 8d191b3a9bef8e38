import fc from 'fast-check';
import type { StackReference } from '../../src/core/stack-reference.js';
import type { AdvanceOptions } from '../../src/resumable/types.js';
import { keyOfApproval } from '../../src/traffic/shift/shift-limits.js';
import type { ShiftState } from '../../src/traffic/shift/shift-state.js';
import type { ShiftProgress, ShiftResult, TrafficShifterOptions } from '../../src/traffic/shifter-options.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import type { Check, CheckResult, ShiftStrategy, TrafficWeights } from '../../src/traffic/types.js';
import { fromScale, toScale, weightsOf } from '../../src/traffic/weights.js';
import { type CallFault, FakeTarget } from './fake-target.js';
import { hostileCheck, hostileTarget, spoil, thrownValues } from './hostile.js';
import { JumpingClock } from './jumping-clock.js';

type Outcome = CheckResult['outcome'] | 'throw';

/** Check with these outcomes in turn, repeated from the start. */
export interface CheckPlan {
  readonly dryRun: boolean;
  readonly outcomes: readonly Outcome[];
  /** True when the outcome depends only on the share of the incoming stack, not on earlier evaluations. */
  readonly byShare: boolean;
}

/** Plan of one shift, with its faults. */
export interface ShiftPlan {
  readonly incoming: StackReference;
  readonly initialPercent: number;
  readonly strategy: ShiftStrategy;
  readonly scale: number | undefined;
  readonly delaySeconds: number;
  /** Seconds until all clients follow weights that were read back. */
  readonly propagationSeconds: number;
  readonly checks: readonly CheckPlan[];
  readonly policy: NonNullable<TrafficShifterOptions['policy']>;
  readonly rollback: NonNullable<TrafficShifterOptions['rollback']>;
  readonly faults: ReadonlyMap<number, CallFault>;
  /** Number of the call at which the shift is rolled back by hand; undefined: never. */
  readonly rollBackAt: number | undefined;
  /** Shares that need an approval, which is given after this number of requests. */
  readonly approvals: { readonly percents: readonly number[]; readonly asks: number };
  /** Maximum duration of the shift from its beginning; undefined: no limit. */
  readonly maxDurationSeconds: number | undefined;
  /** Repair after each halt, in turn. The halt after the last one ends the shift. */
  readonly repairs: readonly ('restore' | 'accept')[];
  /** Fraction of the requested wait for which the caller waits, call by call. */
  readonly waitFactors: readonly number[];
  /** Index of the value that checks throw, when the target, the checks and the caller overwrite shared objects. */
  readonly hostility: number | undefined;
  /** Calls on a machine with a wrong clock, and its error in seconds. */
  readonly clockError: { readonly from: number; readonly to: number; readonly seconds: number };
}

/** Evaluation of a check. */
export interface Evaluated {
  readonly check: string;
  readonly outcome: Outcome;
  readonly at: number;
  /** Actual live weights. */
  readonly live: TrafficWeights;
}

/** Call of the shifter. */
export interface Step {
  readonly before: ShiftState;
  readonly isRollback: boolean;
  /** True when it rolled back from accepted live weights. */
  readonly isAccepting: boolean;
  /** Options of the call. */
  readonly limits: AdvanceOptions;
  /** Result; undefined when the call threw. */
  readonly progress?: ShiftProgress;
  /** Actual time at the beginning and the end. */
  readonly at: number;
  readonly endedAt: number;
  /** Range of the target's calls that it made, the end excluded. */
  readonly calls: readonly [from: number, to: number];
  /** Actual live weights afterwards. */
  readonly live: TrafficWeights;
  readonly evaluated: readonly Evaluated[];
}

/** Result of a driven shift. */
export interface DrivenShift {
  readonly target: FakeTarget;
  readonly begun: ShiftState;
  readonly steps: readonly Step[];
  readonly end: ShiftState;
}

/**
 * Drives a shift as an engine does: passes the last returned state, as JSON, to a new shifter, whatever happens in between. A
 * halted shift is resumed, or rolled back, as often as the plan defines.
 */
export async function drive(plan: ShiftPlan): Promise<DrivenShift> {
  let evaluated: Evaluated[] = [];
  const { clock, target, checks, passedTarget } = setUpShift(plan, (it) => evaluated.push(it));
  let machine = 0;
  const makeShifter = () => {
    const { from, to, seconds } = plan.clockError;
    const error = machine >= from && machine < to ? seconds : 0;
    machine += 1;
    return new TrafficShifter({
      target: passedTarget,
      // Each call can run on another machine.
      clock: error === 0 ? clock : { now: () => clock.now() + error * 1000, sleep: clock.sleep.bind(clock) },
      checks,
      policy: plan.policy,
      rollback: plan.rollback,
    });
  };
  const begun = await begin(makeShifter, plan);
  const steps: Step[] = [];
  let state = begun;
  const repairs = [...plan.repairs];
  const limitsNow = approver(plan);
  // A permission that was denied during a rollback is granted by a person, who resumes the shift.
  const isDenied = ({ phase, reason }: ShiftState) =>
    phase === 'halted' && reason?.startsWith('The shift cannot proceed') === true;
  const hasNext = () =>
    !hasEnded(state) || isDenied(state) || (state.phase === 'halted' && repairs.length > 0);
  for (let index = 0; hasNext(); index += 1) {
    if (index > 2000) throw new Error(`The shift does not end: ${JSON.stringify(state)}`);
    const before = state;
    const repair = before.phase === 'halted' && !isDenied(before) ? repairs.shift() : undefined;
    if (repair !== undefined) {
      target.repair(repair === 'restore' ? before.verifiedWeights : target.rule.weights);
      await clock.sleep(100_000);
    }
    const from = target.calls.length;
    const at = clock.now();
    evaluated = [];
    // A failed call of rollBack is repeated.
    const isAccepting =
      repair === 'accept' || (isRepeatedRollback(steps.at(-1)) && steps.at(-1)?.isAccepting === true);
    const isRollback = isAccepting || index === plan.rollBackAt || isRepeatedRollback(steps.at(-1));
    const limits = limitsNow(begun, steps.at(-1)?.progress);
    const progress = await attempt(() => {
      const handed: ShiftState = JSON.parse(JSON.stringify(before));
      return isRollback
        ? makeShifter().rollBack(handed, 'by hand', { acceptLiveWeights: isAccepting })
        : makeShifter().advance(handed, limits);
    });
    state = structuredClone(progress?.state ?? state);
    steps.push({
      before,
      isRollback,
      isAccepting,
      limits,
      ...(progress && { progress }),
      at,
      endedAt: clock.now(),
      calls: [from, target.calls.length],
      live: target.rule.weights,
      evaluated,
    });
    const waitFactor = plan.waitFactors[index % plan.waitFactors.length] ?? 1;
    await clock.sleep(((progress?.waitSeconds ?? 10) + 0.001) * waitFactor * 1000);
  }
  return { target, begun, steps, end: state };
}

/** Result of a shift in this process. */
export interface RunShift {
  readonly target: FakeTarget;
  readonly result: ShiftResult;
}

/** Runs a shift in this process, and aborts it after some seconds. */
export async function run(
  plan: ShiftPlan,
  { abortAfterSeconds }: { abortAfterSeconds: number },
): Promise<RunShift> {
  const { clock, target, checks, passedTarget } = setUpShift(plan);
  const controller = new AbortController();
  clock.schedule(abortAfterSeconds, () => controller.abort(new Error('Enough')));
  const { policy, rollback } = plan;
  const shifter = new TrafficShifter({ target: passedTarget, clock, checks, policy, rollback });
  const result = await shifter.shiftTo(plan.incoming, plan.strategy, {
    acceptLiveWeights: plan.initialPercent > 0,
    signal: controller.signal,
    ...(plan.hostility !== undefined && { onEvent: (event, state) => [event, state].forEach(spoil) }),
  });
  return { target, result };
}

/** Any shift without external writes. */
export const anyShift: fc.Arbitrary<ShiftPlan> = fc.record({
  incoming: fc.constantFrom('blue', 'green'),
  initialPercent: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 99 }) },
  ),
  strategy: anyStrategy(),
  scale: fc.constantFrom(undefined, 10, 100, 999),
  delaySeconds: fc.constantFrom(0, 0, 3, 25, 50),
  propagationSeconds: fc.constantFrom(0, 0, 0, 90, 360),
  checks: fc.array(anyCheck(), { maxLength: 3 }),
  policy: fc.record({
    intervalSeconds: fc.constantFrom(5, 30, 60),
    initialDelaySeconds: fc.constantFrom(0, 60),
    failureThreshold: fc.integer({ min: 1, max: 3 }),
    inconclusiveThreshold: fc.integer({ min: 1, max: 4 }),
    errorThreshold: fc.integer({ min: 1, max: 4 }),
    successThreshold: fc.integer({ min: 1, max: 3 }),
  }),
  rollback: fc.oneof(
    fc.constant('atOnce' as const),
    fc.record({
      stepPercent: fc.integer({ min: 5, max: 100 }),
      intervalSeconds: fc.constantFrom(0, 30),
    }),
  ),
  faults: faultsOf(honestFault()),
  rollBackAt: fc.option(fc.nat({ max: 12 }), { nil: undefined }),
  approvals: fc.record({
    percents: fc.oneof(
      fc.constant([]),
      fc.constant([]),
      fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.05, max: 99.9, noNaN: true })), { maxLength: 3 }),
    ),
    asks: fc.integer({ min: 1, max: 4 }),
  }),
  maxDurationSeconds: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 1500 }) },
  ),
  repairs: fc.constant([]),
  waitFactors: fc
    .array(fc.constantFrom(0, 0.5, 1, 1, 3), { minLength: 1, maxLength: 5 })
    .map((it) => [...it, 1]),
  hostility: fc.option(fc.nat(thrownValues.length - 1), { nil: undefined }),
  clockError: fc.record({
    from: fc.nat({ max: 12 }),
    to: fc.nat({ max: 25 }),
    seconds: fc.constantFrom(0, 0, 0, -2, -7200, 7200),
  }),
});

/** Any shift with external writes. */
export const anyDisturbedShift: fc.Arbitrary<ShiftPlan> = fc
  .tuple(
    anyShift,
    faultsOf(fc.oneof(externalFault(), externalFault(), honestFault())),
    fc.array(fc.constantFrom('restore' as const, 'restore' as const, 'accept' as const), { maxLength: 3 }),
  )
  .map(([plan, faults, repairs]) => ({ ...plan, faults, repairs }));

/** Removes the faults of a shift. */
export function undisturbed(plan: ShiftPlan): ShiftPlan {
  return { ...plan, faults: new Map() };
}

/** Removes denied permissions, which end a shift earlier. */
export function withoutDenials(plan: ShiftPlan): ShiftPlan {
  return { ...plan, faults: new Map([...plan.faults].filter(([, { kind }]) => kind !== 'denied')) };
}

/** Makes the outcomes of checks depend only on the share, so that an interruption does not change them. */
export function withChecksByShare(plan: ShiftPlan): ShiftPlan {
  return { ...plan, checks: plan.checks.map((it) => ({ ...it, byShare: true })) };
}

/** Creates the clock, the target and the checks of a plan. */
export function setUpShift(plan: ShiftPlan, emit: (evaluated: Evaluated) => void = () => {}) {
  const clock = new JumpingClock();
  const { scale, delaySeconds, propagationSeconds, faults } = plan;
  const wanted = weightsOf(plan.incoming, plan.initialPercent);
  // The initial weights of a service fit its scale.
  const weights = (scale === undefined ? undefined : fromScale(toScale(wanted, scale))) ?? wanted;
  const target = new FakeTarget({ clock, weights, scale, delaySeconds, propagationSeconds, faults });
  const { hostility } = plan;
  const checks = plan.checks
    .map((it, index) =>
      checkOf(it, index, plan.incoming, (outcome, check) =>
        emit({ check, outcome, at: clock.now(), live: target.rule.weights }),
      ),
    )
    .map((check) => (hostility === undefined ? check : hostileCheck(check, thrownValues[hostility]?.())));
  return { clock, target, checks, passedTarget: hostility === undefined ? target : hostileTarget(target) };
}

function anyStrategy(): fc.Arbitrary<ShiftStrategy> {
  const hold = fc.constantFrom(0, 0, 30, 300);
  return fc
    .tuple(
      fc.uniqueArray(fc.double({ min: 0.05, max: 99.9, noNaN: true }), { maxLength: 4 }),
      fc.array(hold, { minLength: 5, maxLength: 5 }),
    )
    .map(([shares, holds]) => ({
      name: 'any',
      steps: [...shares.toSorted((one, other) => one - other), 100].map((percent, index) => ({
        percent,
        holdSeconds: holds[index] ?? 0,
      })),
    }));
}

function anyCheck(): fc.Arbitrary<CheckPlan> {
  const outcome = fc.oneof(
    { weight: 6, arbitrary: fc.constant('pass' as const) },
    { weight: 1, arbitrary: fc.constantFrom('fail' as const, 'inconclusive' as const, 'throw' as const) },
  );
  return fc.record({
    dryRun: fc.oneof(fc.constant(false), fc.constant(false), fc.boolean()),
    outcomes: fc.array(outcome, { minLength: 1, maxLength: 6 }),
    byShare: fc.constant(false),
  });
}

function honestFault(): fc.Arbitrary<CallFault> {
  return fc.oneof(
    fc.constantFrom<CallFault>(
      { kind: 'throw' },
      { kind: 'denied' },
      { kind: 'lostResponse' },
      { kind: 'crashBefore' },
      { kind: 'crashAfter' },
    ),
    fc.record({ kind: fc.constant('stale' as const), changes: fc.integer({ min: 1, max: 3 }) }),
  );
}

function externalFault(): fc.Arbitrary<CallFault> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant<CallFault>({ kind: 'intruder' }) },
    {
      weight: 4,
      arbitrary: fc
        .integer({ min: 0, max: 100 })
        .map((green): CallFault => ({ kind: 'external', weights: { blue: 100 - green, green } })),
    },
  );
}

function faultsOf(fault: fc.Arbitrary<CallFault>): fc.Arbitrary<ReadonlyMap<number, CallFault>> {
  return fc
    .array(fc.tuple(fc.integer({ min: 2, max: 25 }), fault), { maxLength: 7 })
    .map((entries) => new Map(entries));
}

function checkOf(
  { dryRun, outcomes, byShare }: CheckPlan,
  index: number,
  incoming: StackReference,
  emit: (outcome: Outcome, check: string) => void,
): Check {
  let evaluations = 0;
  const name = `check ${index}`;
  return {
    name,
    dryRun,
    evaluate: async ({ weights }) => {
      const turn = byShare ? Math.floor((weights[incoming] / 100.001) * outcomes.length) : evaluations++;
      const outcome = outcomes[turn % outcomes.length] ?? 'pass';
      emit(outcome, name);
      if (outcome === 'throw') throw new Error('The check itself failed');
      return { outcome, detail: `It was ${outcome}` };
    },
  };
}

/** Returns the options of each call: one more approval after the given number of requests. */
function approver({ approvals, maxDurationSeconds }: ShiftPlan) {
  const missing = sharesOf(approvals);
  const approved: string[] = [];
  let asked = 0;
  return ({ startedAt }: ShiftState, last: ShiftProgress | undefined): AdvanceOptions => {
    if (last?.heldAt !== undefined) asked += 1;
    if (asked >= approvals.asks) {
      approved.push(...missing.splice(0, 1).map(keyOfApproval));
      asked = 0;
    }
    return {
      approved: [...approved],
      rollBackAt: maxDurationSeconds === undefined ? undefined : startedAt + maxDurationSeconds * 1000,
    };
  };
}

function sharesOf({ percents }: ShiftPlan['approvals']): number[] {
  return [...new Set(percents)].toSorted((one, other) => one - other);
}

async function begin(makeShifter: () => TrafficShifter, plan: ShiftPlan): Promise<ShiftState> {
  return makeShifter().begin({
    incoming: plan.incoming,
    strategy: plan.strategy,
    acceptLiveWeights: plan.initialPercent > 0,
    approvalPercents: plan.approvals.percents,
  });
}

async function attempt(call: () => Promise<ShiftProgress>): Promise<ShiftProgress | undefined> {
  try {
    return await call();
  } catch {
    return undefined;
  }
}

function isRepeatedRollback(last: Step | undefined): boolean {
  return last?.isRollback === true && last.progress === undefined;
}

function hasEnded({ phase }: ShiftState): boolean {
  return phase === 'succeeded' || phase === 'rolledBack' || phase === 'halted';
}
