import { partnerOf } from '../../core/stack-reference.js';
import { type PlannedStep, type PlanPhase, type StepGroup, stepsIn } from '../plan/swap-plan.js';
import { forwardNeed, type GroupNeeds, needsOf } from './decide-group.js';
import type { Decision, ItemChange, SwapView } from './decision.js';
import { maxRunAttempts } from './limits.js';
import { enterPhase, forgetDone, halt, recordDone, recordOf, requestRollback } from './transitions.js';

/** Runs the steps of `prepare`, then verifies all of them. */
export function decidePrepare(view: SwapView): Decision {
  return (
    decideGroups(view, 'prepare', (failure) => requestRollback(failure)) ??
    decideLook(view, 'prepare', (failure) => requestRollback(failure)) ?? {
      action: 'write',
      change: enterPhase('testing', view.now),
    }
  );
}

/** Waits until `prepare` is in effect, then runs the tests. */
export function decideTest(view: SwapView): Decision {
  const effect = waitForEffect(view);
  if (effect !== undefined) return effect;
  if (view.scope === 'effect') return { action: 'reached' };
  return (
    decideGroups(view, 'test', (failure) => requestRollback(failure)) ?? {
      action: 'write',
      change: enterPhase('switching', view.now),
    }
  );
}

/** Waits for the propagation times of `prepare`. */
function waitForEffect({ swap, plan, now }: SwapView): Decision | undefined {
  const times = stepsIn(plan, 'prepare').map(({ name }) => recordOf(swap, name).inEffectAt ?? 0);
  const until = Math.max(0, ...times);
  return until <= now ? undefined : { action: 'wait', until, detail: 'changes of prepare to be in effect' };
}

/** Decides about the first group that is not complete; undefined when all are. */
export function decideGroups(
  view: SwapView,
  phase: PlanPhase,
  onFailure: (failure: string) => ItemChange,
  guard: (view: SwapView, steps: StepGroup) => Decision | undefined = guardLosses,
): Decision | undefined {
  const { swap, plan, truth, now } = view;
  let since = swap.phaseSince;
  for (const group of plan[phase]) {
    const needs = needsOf(group, swap, (step, record) =>
      forwardNeed(step, { record, answer: truth.answers[step.name], now, since }),
    );
    if (needs !== undefined) return decideNeeds(view, needs, onFailure, guard);
    since = Math.max(since, ...group.map(({ name }) => recordOf(swap, name).doneAt ?? 0));
  }
  return undefined;
}

function decideNeeds(
  view: SwapView,
  { failed, look, record, call, waitUntil }: GroupNeeds,
  onFailure: (failure: string) => ItemChange,
  guard: (view: SwapView, steps: StepGroup) => Decision | undefined,
): Decision {
  const [failure] = failed;
  if (failure !== undefined) return { action: 'write', change: onFailure(failure.failure) };
  if (look.length > 0) return { action: 'look', at: 'done', steps: look };
  if (record.length > 0) return { action: 'note', change: recordDone(record, view.now) };
  if (call.length > 0) return guard(view, call) ?? { action: 'run', steps: call };
  return { action: 'wait', until: waitUntil ?? view.now, detail: 'steps to be done' };
}

/**
 * A step that deletes or switches something off runs only without production traffic on its stack. One that deletes also waits until the
 * changes of earlier swaps are in effect.
 */
function guardLosses(view: SwapView, steps: StepGroup): Decision | undefined {
  const { swap, item, truth, now } = view;
  const losses = steps.filter(({ deletes, switchesOff }) => deletes || switchesOff);
  if (losses.length === 0) return undefined;
  const isDeleting = losses.some(({ deletes }) => deletes);
  const until = isDeleting ? Math.max(0, ...Object.values(item.undoInEffectAt ?? {})) : 0;
  if (until > now) return { action: 'wait', until, detail: 'changes of an earlier swap to be in effect' };
  if (truth.percents === undefined) return { action: 'ask', question: 'traffic' };
  const percent = truth.percents[swap.incoming];
  const outgoing = partnerOf(swap.incoming);
  if (percent === 0 && truth.percents[outgoing] > 0) return undefined;
  const names = losses.map(({ name }) => `"${name}"`).join(', ');
  const effect = isDeleting ? 'delete data of' : 'switch something off on';
  return {
    action: 'write',
    change: halt(
      `${names} would ${effect} the ${swap.incoming} stack, which must have no production traffic: got ${percent} % ` +
        `(${outgoing}: ${truth.percents[outgoing]} %). Return the traffic to the ${outgoing} stack, then resume`,
      now,
    ),
  };
}

/**
 * Verifies every change of a list again, because a late call can have taken one back. A change that no longer holds is made again,
 * or fails the swap where the test has passed without it.
 */
export function decideLook(
  view: SwapView,
  phase: PlanPhase,
  onFailure: (failure: string, lost?: StepGroup) => ItemChange,
  mayRepair = true,
): Decision | undefined {
  const { plan, swap, truth } = view;
  const steps = stepsIn(plan, phase).filter(({ source }) => source.isDone !== undefined);
  const unseen = steps.filter(({ name }) => truth.answers[name] === undefined);
  if (unseen.length > 0) return { action: 'look', at: 'done', steps: unseen };
  const unreadable = steps.find(({ name }) => typeof truth.answers[name] === 'object');
  if (unreadable !== undefined) return decideUnreadable(view, unreadable, onFailure);
  const lost = steps.filter(({ name }) => truth.answers[name] === false);
  if (lost.length === 0) return undefined;
  const exhausted = lost.find(
    ({ name, repeatable }) =>
      !mayRepair || !repeatable || (recordOf(swap, name).attempts ?? 0) >= maxRunAttempts,
  );
  if (exhausted === undefined) return { action: 'write', change: forgetDone(lost) };
  return { action: 'write', change: onFailure(`step "${exhausted.name}" does not hold any more`, lost) };
}

/** A look that fails for now is repeated. */
function decideUnreadable(
  { truth, now }: SwapView,
  step: PlannedStep,
  onFailure: (failure: string, lost: StepGroup) => ItemChange,
): Decision {
  const answer = truth.answers[step.name];
  const failure = typeof answer === 'object' ? answer.failure : 'no answer';
  if (typeof answer === 'object' && answer.isFinal) {
    return {
      action: 'write',
      change: onFailure(`step "${step.name}" could not be read: ${failure}`, [step]),
    };
  }
  const detail = `step "${step.name}" to be readable: ${failure}`;
  return { action: 'wait', until: now + step.intervalSeconds * 1000, detail };
}
