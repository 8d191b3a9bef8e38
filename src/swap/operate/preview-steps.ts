import { messageOf } from '../../core/describe-error.js';
import { classifyFailure } from '../../core/failures.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import type { StepAnswer } from '../engine/decision.js';
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
  /**
   * `alreadyDone`: the step is skipped. `cannot`: it would fail, such as for a resource that is missing or a denied read. `unknown`:
   * it could not be read for now. `detail` has the reason.
   */
  readonly action: 'run' | 'alreadyDone' | 'cannot' | 'unknown';
  /** Reason in words. */
  readonly detail?: string;
  /** Seconds from the change until it is in effect. */
  readonly propagationSeconds: number;
  /** True for a step that loses data. */
  readonly deletes: boolean;
}

/** Reads every step of the plan for a swap to a stack. Changes nothing. */
export function previewSteps(
  dependencies: SwapDependencies,
  incoming: StackReference,
  signal: AbortSignal,
): Promise<StepPreview[]> {
  const { plan, application, clock, logger } = dependencies;
  const swap = previewedSwap(incoming, dependencies);
  const calls = new StepCalls({ application, clock, logger, signal });
  return mapConcurrently(stepsIn(plan, 'prepare', 'test', 'retire'), async (step) => {
    const { phase, name, side, propagationSeconds, deletes } = step;
    const stack = side === 'incoming' ? incoming : partnerOf(incoming);
    const row = { phase, name, stack, propagationSeconds, deletes };
    const answer = needsLook(step) ? await calls.look(step, swap, 'done') : false;
    return { ...row, ...(await actionOf(step, answer, () => calls.before(step, swap))) };
  });
}

/** A test always runs, and a step without `isDone` cannot be read. */
function needsLook({ phase, source }: PlannedStep): boolean {
  return phase !== 'test' && source.isDone !== undefined;
}

async function actionOf(
  step: PlannedStep,
  answer: StepAnswer,
  readBefore: () => Promise<unknown>,
): Promise<Pick<StepPreview, 'action' | 'detail'>> {
  if (typeof answer === 'object') return failed(answer.failure, answer.isFinal);
  const isRetire = step.phase === 'retire';
  if (answer) {
    return isRetire && step.side === 'incoming'
      ? { action: 'run', detail: 'unless prepare leaves it as it is' }
      : { action: 'alreadyDone' };
  }
  // Nothing is undone in retire.
  if (isRetire) return { action: 'run' };
  try {
    await readBefore();
    return { action: 'run' };
  } catch (error) {
    return failed(messageOf(error), classifyFailure(error) === 'final');
  }
}

function failed(detail: string, isFinal: boolean): Pick<StepPreview, 'action' | 'detail'> {
  return { action: isFinal ? 'cannot' : 'unknown', detail };
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
