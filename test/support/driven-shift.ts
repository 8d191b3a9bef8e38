import fc from 'fast-check';
import type { StackReference } from '../../src/core/stack-reference.js';
import type { ShiftState } from '../../src/traffic/shift/shift-state.js';
import type {
  AdvanceOptions,
  ShiftProgress,
  ShiftResult,
  TrafficShifterOptions,
} from '../../src/traffic/shifter-options.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import type { Check, CheckResult, ShiftStrategy, TrafficWeights } from '../../src/traffic/types.js';
import { fromScale, toScale, weightsOf } from '../../src/traffic/weights.js';
import { type CallFault, FakeTarget } from './fake-target.js';
import { hostileCheck, hostileTarget, spoil, thrownValues } from './hostile.js';
import { JumpingClock } from './jumping-clock.js';

type Outcome = CheckResult['outcome'] | 'throw';

/** A check that comes to these outcomes, one after the other, beginning anew when they are used up. */
export interface CheckPlan {
  readonly dryRun: boolean;
  readonly outcomes: readonly Outcome[];
  /** Which outcome is due depends on the incoming stack's share alone, and not on what was evaluated before. */
  readonly byShare: boolean;
}

/** All that makes up one shift: what is wanted, and what goes wrong. */
export interface ShiftPlan {
  readonly incoming: StackReference;
  readonly initialPercent: number;
  readonly strategy: ShiftStrategy;
  readonly scale: number | undefined;
  readonly delaySeconds: number;
  readonly checks: readonly CheckPlan[];
  readonly policy: NonNullable<TrafficShifterOptions['policy']>;
  readonly rollback: NonNullable<TrafficShifterOptions['rollback']>;
  readonly faults: ReadonlyMap<number, CallFault>;
  /** Before which call of the shifter somebody rolls it back by hand; none: nobody does. */
  readonly rollBackAt: number | undefined;
  /** Shares past which somebody has to approve to go: who asks so many times gets the approval. */
  readonly approvals: { readonly percents: readonly number[]; readonly asks: number };
  /** When the shift has to be done, counted from its beginning; none: whenever it is. */
  readonly maxDurationSeconds: number | undefined;
  /** What is done about each halt, one after the other; the halt after them is the end. */
  readonly mends: readonly ('putBack' | 'accept')[];
  /** How much of the time that it should wait the caller waits, call by call. */
  readonly patience: readonly number[];
  /** The target, the checks and the caller keep hold of objects and spoil them; the number of what checks throw. */
  readonly hostility: number | undefined;
  /** The calls that are made on a machine whose clock is wrong, and by how many seconds. */
  readonly clockError: { readonly from: number; readonly to: number; readonly seconds: number };
}

/** One evaluation of a check. */
export interface Evaluated {
  readonly check: string;
  readonly outcome: Outcome;
  readonly at: number;
  /** What was live, for real. */
  readonly live: TrafficWeights;
}

/** One call of the shifter. */
export interface Step {
  readonly before: ShiftState;
  readonly isRollback: boolean;
  /** Whether it rolled back from the weights of somebody else. */
  readonly isAccepting: boolean;
  /** What the call was told. */
  readonly limits: AdvanceOptions;
  /** Missing when it threw. */
  readonly progress?: ShiftProgress;
  /** When it began and ended, for real. */
  readonly at: number;
  readonly endedAt: number;
  /** The calls of the target that it made: from, and up to but without. */
  readonly calls: readonly [from: number, to: number];
  /** What was live afterwards, for real. */
  readonly live: TrafficWeights;
  readonly evaluated: readonly Evaluated[];
}

/** What a shift came to. */
export interface DrivenShift {
  readonly target: FakeTarget;
  readonly begun: ShiftState;
  readonly steps: readonly Step[];
  readonly end: ShiftState;
}

/**
 * Drives a shift as an engine would: hands the last returned state in again, as JSON, to a new shifter, whatever happens
 * in between. A halted shift is taken up, or rolled back, as often as the plan says.
 */
export async function drive(plan: ShiftPlan): Promise<DrivenShift> {
  let evaluated: Evaluated[] = [];
  const { clock, target, checks, asGiven } = setTheScene(plan, (it) => evaluated.push(it));
  let machine = 0;
  const makeShifter = () => {
    const { from, to, seconds } = plan.clockError;
    const error = machine >= from && machine < to ? seconds : 0;
    machine += 1;
    return new TrafficShifter({
      target: asGiven,
      // Each call may run on another machine.
      clock: error === 0 ? clock : { now: () => clock.now() + error * 1000, sleep: clock.sleep.bind(clock) },
      checks,
      policy: plan.policy,
      rollback: plan.rollback,
    });
  };
  const begun = await begin(makeShifter, plan);
  const steps: Step[] = [];
  let state = begun;
  const mends = [...plan.mends];
  const limitsNow = approver(plan);
  // A permission that was denied on the way back is granted by a person, who resumes the shift.
  const isDenied = ({ phase, reason }: ShiftState) =>
    phase === 'halted' && reason?.startsWith('The shift cannot proceed') === true;
  const goesOn = () => !hasEnded(state) || isDenied(state) || (state.phase === 'halted' && mends.length > 0);
  for (let index = 0; goesOn(); index += 1) {
    if (index > 2000) throw new Error(`The shift does not end: ${JSON.stringify(state)}`);
    const before = state;
    const mend = before.phase === 'halted' && !isDenied(before) ? mends.shift() : undefined;
    if (mend !== undefined) {
      target.mend(mend === 'putBack' ? before.verifiedWeights : target.rule.weights);
      await clock.sleep(100_000);
    }
    const from = target.calls.length;
    const at = clock.now();
    evaluated = [];
    // Whoever asked for a rollback that failed asks again.
    const isAccepting =
      mend === 'accept' || (isAskingAgain(steps.at(-1)) && steps.at(-1)?.isAccepting === true);
    const isRollback = isAccepting || index === plan.rollBackAt || isAskingAgain(steps.at(-1));
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
    const patience = plan.patience[index % plan.patience.length] ?? 1;
    await clock.sleep(((progress?.waitSeconds ?? 10) + 0.001) * patience * 1000);
  }
  return { target, begun, steps, end: state };
}

/** What a shift in this process came to. */
export interface RunShift {
  readonly target: FakeTarget;
  readonly result: ShiftResult;
}

/** Carries a shift out in this process, and aborts it after some seconds. */
export async function run(
  plan: ShiftPlan,
  { abortAfterSeconds }: { abortAfterSeconds: number },
): Promise<RunShift> {
  const { clock, target, checks, asGiven } = setTheScene(plan);
  const controller = new AbortController();
  clock.schedule(abortAfterSeconds, () => controller.abort(new Error('Enough')));
  const { policy, rollback } = plan;
  const shifter = new TrafficShifter({ target: asGiven, clock, checks, policy, rollback });
  const result = await shifter.shiftTo(plan.incoming, plan.strategy, {
    acceptLiveWeights: plan.initialPercent > 0,
    signal: controller.signal,
    ...(plan.hostility !== undefined && { onEvent: (event, state) => [event, state].forEach(spoil) }),
  });
  return { target, result };
}

/** Any shift in a world in which nobody else writes. */
export const anyShift: fc.Arbitrary<ShiftPlan> = fc.record({
  incoming: fc.constantFrom('blue', 'green'),
  initialPercent: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 99 }) },
  ),
  strategy: anyStrategy(),
  scale: fc.constantFrom(undefined, 10, 100, 999),
  delaySeconds: fc.constantFrom(0, 0, 3, 25, 50),
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
  mends: fc.constant([]),
  patience: fc
    .array(fc.constantFrom(0, 0.5, 1, 1, 3), { minLength: 1, maxLength: 5 })
    .map((it) => [...it, 1]),
  hostility: fc.option(fc.nat(thrownValues.length - 1), { nil: undefined }),
  clockError: fc.record({
    from: fc.nat({ max: 12 }),
    to: fc.nat({ max: 25 }),
    seconds: fc.constantFrom(0, 0, 0, -2, -7200, 7200),
  }),
});

/** Any shift during which somebody else writes, too. */
export const anyDisturbedShift: fc.Arbitrary<ShiftPlan> = fc
  .tuple(
    anyShift,
    faultsOf(fc.oneof(foreignFault(), foreignFault(), honestFault())),
    fc.array(fc.constantFrom('putBack' as const, 'putBack' as const, 'accept' as const), { maxLength: 3 }),
  )
  .map(([plan, faults, mends]) => ({ ...plan, faults, mends }));

/** The same shift when nothing goes wrong, and its checks depend on nothing but the weights. */
export function undisturbed(plan: ShiftPlan): ShiftPlan {
  return { ...plan, faults: new Map() };
}

/** The same shift without denied permissions, which end it earlier. */
export function withoutDenials(plan: ShiftPlan): ShiftPlan {
  return { ...plan, faults: new Map([...plan.faults].filter(([, { kind }]) => kind !== 'denied')) };
}

/** Checks whose outcome is a matter of the share alone, so that being interrupted makes no difference to them. */
export function withChecksByShare(plan: ShiftPlan): ShiftPlan {
  return { ...plan, checks: plan.checks.map((it) => ({ ...it, byShare: true })) };
}

/** The clock, the target and the checks of a plan. */
export function setTheScene(plan: ShiftPlan, tell: (evaluated: Evaluated) => void = () => {}) {
  const clock = new JumpingClock();
  const { scale, delaySeconds, faults } = plan;
  const wanted = weightsOf(plan.incoming, plan.initialPercent);
  // A service has nothing that its scale cannot hold.
  const weights = (scale === undefined ? undefined : fromScale(toScale(wanted, scale))) ?? wanted;
  const target = new FakeTarget({ clock, weights, scale, delaySeconds, faults });
  const { hostility } = plan;
  const checks = plan.checks
    .map((it, index) =>
      checkOf(it, index, plan.incoming, (outcome, check) =>
        tell({ check, outcome, at: clock.now(), live: target.rule.weights }),
      ),
    )
    .map((check) => (hostility === undefined ? check : hostileCheck(check, thrownValues[hostility]?.())));
  return { clock, target, checks, asGiven: hostility === undefined ? target : hostileTarget(target) };
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

function foreignFault(): fc.Arbitrary<CallFault> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant<CallFault>({ kind: 'intruder' }) },
    {
      weight: 4,
      arbitrary: fc
        .integer({ min: 0, max: 100 })
        .map((green): CallFault => ({ kind: 'foreign', weights: { blue: 100 - green, green } })),
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
  tell: (outcome: Outcome, check: string) => void,
): Check {
  let evaluations = 0;
  const name = `check ${index}`;
  return {
    name,
    dryRun,
    evaluate: async ({ weights }) => {
      const turn = byShare ? Math.floor((weights[incoming] / 100.001) * outcomes.length) : evaluations++;
      const outcome = outcomes[turn % outcomes.length] ?? 'pass';
      tell(outcome, name);
      if (outcome === 'throw') throw new Error('The check itself failed');
      return { outcome, detail: `It was ${outcome}` };
    },
  };
}

/** Gives what each call is told: one approval more whenever it has been asked for often enough. */
function approver({ approvals, maxDurationSeconds }: ShiftPlan) {
  const missing = approvals.percents.toSorted((one, other) => one - other);
  let asked = 0;
  return ({ startedAt }: ShiftState, last: ShiftProgress | undefined): AdvanceOptions => {
    if (last?.heldAtPercent !== undefined) asked += 1;
    if (asked >= approvals.asks) {
      missing.shift();
      asked = 0;
    }
    return {
      holdAtPercent: missing[0],
      rollBackAt: maxDurationSeconds === undefined ? undefined : startedAt + maxDurationSeconds * 1000,
    };
  };
}

async function begin(makeShifter: () => TrafficShifter, plan: ShiftPlan): Promise<ShiftState> {
  return makeShifter().begin(plan.incoming, plan.strategy, { acceptLiveWeights: plan.initialPercent > 0 });
}

async function attempt(call: () => Promise<ShiftProgress>): Promise<ShiftProgress | undefined> {
  try {
    return await call();
  } catch {
    return undefined;
  }
}

function isAskingAgain(last: Step | undefined): boolean {
  return last?.isRollback === true && last.progress === undefined;
}

function hasEnded({ phase }: ShiftState): boolean {
  return phase === 'succeeded' || phase === 'rolledBack' || phase === 'halted';
}
