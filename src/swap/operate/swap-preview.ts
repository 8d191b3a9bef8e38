import { mapConcurrently } from '../../core/map-concurrently.js';
import type { StackReference } from '../../core/stack-reference.js';
import { partnerOf } from '../../core/stack-reference.js';
import { inProgressError, liveOf } from '../engine/begin-swap.js';
import type { StepAnswer } from '../engine/decision.js';
import { readPercents } from '../engine/read-truth.js';
import { openSession } from '../engine/run-pass.js';
import { StepCalls } from '../engine/step-calls.js';
import type { SwapDependencies } from '../engine/swap-dependencies.js';
import { type PlannedStep, type PlanPhase, stepsIn } from '../plan/swap-plan.js';
import type { SwapUnderWay } from '../record/types.js';

/** One step of a preview. */
export interface StepPreview {
  /** List of the plan that has the step. */
  readonly phase: PlanPhase;
  /** Name of the step. */
  readonly name: string;
  /** Stack that the step changes. */
  readonly stack: StackReference;
  /** `alreadyDone`: the step is skipped. `unknown`: it cannot be read, and `detail` says why. */
  readonly action: 'run' | 'alreadyDone' | 'unknown';
  /** Reason in words. */
  readonly detail?: string;
  /** Seconds from the change until it is in effect. */
  readonly propagationSeconds: number;
  /** True for a step that loses data. */
  readonly deletes: boolean;
}

/** Result of `StackSwap.preview`. */
export interface SwapPreview {
  /** Name of the application. */
  readonly application: string;
  /** Stack that has the traffic. */
  readonly live: StackReference;
  /** Stack that comes into use. */
  readonly incoming: StackReference;
  /** Steps of the plan, in order. */
  readonly steps: readonly StepPreview[];
  /** Seconds that the swap waits at least, the shift of the traffic excluded. */
  readonly waitSeconds: number;
  /** IAM actions of the steps, the record and the switch. */
  readonly actions: readonly string[];
  /** The steps as a table, for people. */
  readonly table: string;
}

/**
 * Reads every step for a swap to the idle stack. Changes nothing and takes no lock.
 *
 * @throws SwapInProgressError, SwapDriftError
 */
export async function previewSwap(
  dependencies: SwapDependencies,
  actions: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<SwapPreview> {
  const { live, incoming } = await nextStacks(dependencies, signal);
  const { plan, application, rules } = dependencies;
  const swap = previewedSwap(incoming, dependencies);
  const { clock, logger } = dependencies;
  const calls = new StepCalls({ application, clock, logger, signal });
  const steps = await mapConcurrently(stepsIn(plan, 'prepare', 'test', 'retire'), async (step) =>
    stepPreview(step, swap, needsLook(step) ? await calls.look(step, swap, 'done') : false),
  );
  const propagation = steps.flatMap((it) => (it.phase === 'prepare' ? [it.propagationSeconds] : []));
  const waitSeconds = Math.max(0, ...propagation) + rules.bakeSeconds;
  return { application, live, incoming, steps, waitSeconds, actions, table: tableOf(steps) };
}

/**
 * Returns the live stack, and the one that the next swap brings in.
 *
 * @throws SwapInProgressError, SwapDriftError, SwapBindingError
 */
export async function nextStacks(
  dependencies: SwapDependencies,
  signal: AbortSignal | undefined,
): Promise<{
  /** Stack that has the traffic. */
  readonly live: StackReference;
  /** Stack that comes into use. */
  readonly incoming: StackReference;
}> {
  const { item } = await openSession(dependencies, []);
  if (item?.swap !== undefined) throw await inProgressError(dependencies, item.swap, signal);
  const live = liveOf(dependencies, item, await readPercents(dependencies, signal));
  return { live, incoming: partnerOf(live) };
}

/** A test always runs, and a step without `isDone` cannot be read. */
function needsLook({ phase, source }: PlannedStep): boolean {
  return phase !== 'test' && source.isDone !== undefined;
}

function previewedSwap(incoming: StackReference, { clock, plan, rules }: SwapDependencies): SwapUnderWay {
  const now = clock.now();
  const kind = rules.kind === 'shift' ? 'run' : rules.kind;
  return {
    id: 'preview',
    owner: { kind, id: 'preview' },
    incoming,
    phase: 'preparing',
    beganAt: now,
    phaseSince: now,
    wanted: 'forward',
    plan: plan.fingerprint,
    steps: {},
  };
}

function stepPreview(step: PlannedStep, { incoming }: SwapUnderWay, answer: StepAnswer): StepPreview {
  const { phase, name, side, propagationSeconds, deletes } = step;
  const stack = side === 'incoming' ? incoming : partnerOf(incoming);
  const row = { phase, name, stack, propagationSeconds, deletes };
  if (typeof answer === 'object') return { ...row, action: 'unknown', detail: answer.failure };
  return { ...row, action: answer ? 'alreadyDone' : 'run' };
}

const actionTexts: Record<StepPreview['action'], string> = {
  run: 'would run',
  alreadyDone: 'already so',
  unknown: 'cannot be read',
};

function tableOf(steps: readonly StepPreview[]): string {
  const rows = steps.map(({ phase, name, stack, action, detail, propagationSeconds, deletes }) => [
    phase,
    name,
    stack,
    `${actionTexts[action]}${detail === undefined ? '' : `: ${detail}`}`,
    propagationSeconds > 0 ? `${propagationSeconds} s` : '',
    deletes ? 'deletes data' : '',
  ]);
  const head = ['phase', 'step', 'stack', 'action', 'in effect after', ''];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
