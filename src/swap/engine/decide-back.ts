import { partnerOf } from '../../core/stack-reference.js';
import { type PlannedStep, type StepGroup, stepsIn } from '../plan/swap-plan.js';
import type { SwapUnderWay } from '../record/types.js';
import { backNeed, hasUndoLook, isChanged, needsOf } from './decide-group.js';
import { waitForOthers } from './decide-retire.js';
import type { Decision, SwapView } from './decision.js';
import { maxUndoAttempts, returnRequestSeconds, trafficPropagationSeconds, watchSeconds } from './limits.js';
import {
  changeSwap,
  endSwap,
  forgetUndone,
  halt,
  recordOf,
  recordUndone,
  startReturn,
  startUndo,
} from './transitions.js';

/** Returns the traffic, then takes back what the swap has changed. */
export function decideBack(view: SwapView): Decision {
  switch (view.swap.phase) {
    case 'returningTraffic':
      return decideReturn(view);
    case 'undoing':
      return decideUndo(view);
    default:
      return { action: 'write', change: startReturn(view.now) };
  }
}

/** Waits until the incoming stack has had no traffic for a propagation time, and until AWS moves none any more. */
function decideReturn(view: SwapView): Decision {
  const { swap, rules, truth, now } = view;
  const moving = rules.kind === 'shift' ? decideShiftBack(view) : decideDeploymentBack(view);
  if (moving !== undefined) return moving;
  if (truth.percents === undefined) return { action: 'ask', question: 'traffic' };
  const { incoming, noTrafficSince } = swap;
  const outgoing = partnerOf(incoming);
  if (truth.percents[incoming] !== 0 || truth.percents[outgoing] !== 100) {
    return decideTrafficLeft(view, truth.percents[incoming], truth.percents[outgoing]);
  }
  if (noTrafficSince === undefined) {
    return { action: 'write', change: changeSwap((it) => ({ ...it, noTrafficSince: now })) };
  }
  const until = noTrafficSince + trafficPropagationSeconds * 1000;
  if (until > now) return { action: 'wait', until, detail: 'the returned traffic to be in effect' };
  // A deployment that began with traffic at the incoming stack can still be rolled back to it. Whether it did is not known: the
  // process that would have recorded the switch can have died.
  return waitForOthers(view) ?? { action: 'write', change: startUndo(now) };
}

function decideTrafficLeft({ swap, truth, now }: SwapView, left: number, returned: number): Decision {
  const { incoming, owner, noTrafficSince } = swap;
  const outgoing = partnerOf(incoming);
  const actual = `${incoming} has ${left} % of the traffic, ${outgoing} ${returned} %`;
  if (noTrafficSince !== undefined) {
    return { action: 'write', change: changeSwap(({ noTrafficSince: _, ...it }) => it) };
  }
  if (truth.owner?.state === 'succeeded') {
    const reason =
      `deployment ${owner.id} has succeeded, so AWS does not return its traffic: ${actual}. ` +
      `Both stacks stay on. Return the traffic to the ${outgoing} stack and resume, or adopt the ${incoming} stack`;
    return { action: 'write', change: halt(reason, now) };
  }
  const detail =
    `the ${outgoing} stack to have all the traffic: ${actual}. The swap moves none any more: ` +
    `move all of it to ${outgoing}, and the changes are undone`;
  // After the end of the deployment a person returns it, which can take days: the next tick reads it again.
  const seconds = truth.owner?.state === 'ended' ? 4 * watchSeconds : watchSeconds;
  return { action: 'wait', until: now + seconds * 1000, detail };
}

/** Rolls the traffic shift back; undefined when it is over. */
function decideShiftBack({ swap, now }: SwapView): Decision | undefined {
  const { shift, shiftOutcome, shiftDueAt = now } = swap;
  if (shift === undefined || shiftOutcome === 'rolledBack') return undefined;
  if (shiftDueAt > now)
    return { action: 'wait', until: shiftDueAt, detail: 'the rollback of the traffic shift' };
  return { action: 'shift', direction: 'back' };
}

/** Asks AWS to return the traffic, and waits for its end; undefined when AWS moves none any more. */
function decideDeploymentBack({ swap, truth, now }: SwapView): Decision | undefined {
  const { owner } = truth;
  if (owner === undefined) return { action: 'ask', question: 'owner' };
  if (owner.state === 'succeeded') return undefined;
  if (owner.state === 'ended') {
    if (!owner.isReturning) return undefined;
    const detail = `AWS to return the traffic (${owner.detail})`;
    return { action: 'wait', until: now + watchSeconds * 1000, detail };
  }
  const { returnRequestedAt } = swap;
  const dueAt = returnRequestedAt === undefined ? now : returnRequestedAt + returnRequestSeconds * 1000;
  if (dueAt <= now) return { action: 'returnTraffic' };
  const detail = `the end of the deployment, whose rollback was requested (${owner.detail})`;
  return { action: 'wait', until: Math.min(dueAt, now + watchSeconds * 1000), detail };
}

/** Takes the changes back, last first. The traffic is read again before each group. */
function decideUndo(view: SwapView): Decision {
  const { swap, plan, truth, now } = view;
  const unknown = unknownSteps(view);
  if (unknown.length > 0) {
    const reason = `the plan has no longer the steps ${unknown.join(', ')}, which the swap has changed. Undo them by hand, then adopt the live stack`;
    return { action: 'write', change: halt(reason, now) };
  }
  for (const group of undoOrder(plan)) {
    const needs = needsOf(group, swap, (step, record) =>
      backNeed(step, { record, answer: truth.answers[step.name], now, since: swap.phaseSince }),
    );
    if (needs === undefined) continue;
    const [failure] = needs.failed;
    if (failure !== undefined) return { action: 'write', change: halt(failure.failure, now) };
    if (needs.look.length > 0) return { action: 'look', at: 'undone', steps: needs.look };
    if (needs.record.length > 0) return { action: 'note', change: recordUndone(needs.record, now) };
    if (needs.call.length > 0) return guardUndo(view) ?? { action: 'undo', steps: needs.call };
    return { action: 'wait', until: needs.waitUntil ?? now, detail: 'changes to be undone' };
  }
  return decideLastLook(view) ?? { action: 'write', change: endSwap('rolledBack', now) };
}

function undoOrder(plan: SwapView['plan']): StepGroup[] {
  return [...plan.prepare, ...plan.test].reverse();
}

function unknownSteps({ swap, plan }: SwapView): string[] {
  const known = new Set(stepsIn(plan, 'prepare', 'test').map(({ name }) => name));
  return Object.entries(swap.steps)
    .filter(([name, record]) => !known.has(name) && isChanged(record) && record.undoneAt === undefined)
    .map(([name]) => `"${name}"`);
}

function guardUndo({ swap, truth, now }: SwapView): Decision | undefined {
  if (truth.percents === undefined) return { action: 'ask', question: 'traffic' };
  return truth.percents[swap.incoming] === 0 ? undefined : { action: 'write', change: startReturn(now) };
}

/** Verifies every undone change again: a late call of `run` can have made one again. */
function decideLastLook({ swap, plan, truth, now }: SwapView): Decision | undefined {
  const steps = undoOrder(plan)
    .flat()
    .filter((step) => isUndone(swap, step) && hasUndoLook(step));
  const unseen = steps.filter(({ name }) => truth.answers[name] === undefined);
  if (unseen.length > 0) return { action: 'look', at: 'undone', steps: unseen };
  const unreadable = steps.find(({ name }) => typeof truth.answers[name] === 'object');
  if (unreadable !== undefined) {
    const answer = truth.answers[unreadable.name];
    const failure = typeof answer === 'object' ? answer.failure : 'no answer';
    if (typeof answer === 'object' && answer.isFinal) {
      return {
        action: 'write',
        change: halt(`step "${unreadable.name}" could not be read: ${failure}`, now),
      };
    }
    return {
      action: 'wait',
      until: now + watchSeconds * 1000,
      detail: `step "${unreadable.name}": ${failure}`,
    };
  }
  return decideReappeared(steps, swap, truth.answers, now);
}

function isUndone(swap: SwapUnderWay, { name, source }: PlannedStep): boolean {
  return source.undo !== 'none' && recordOf(swap, name).undoneAt !== undefined;
}

function decideReappeared(
  steps: readonly PlannedStep[],
  swap: SwapUnderWay,
  answers: SwapView['truth']['answers'],
  now: number,
): Decision | undefined {
  const made = steps.filter(({ name }) => answers[name] === false);
  if (made.length === 0) return undefined;
  const exhausted = made.find(({ name }) => (recordOf(swap, name).undoAttempts ?? 0) >= maxUndoAttempts);
  if (exhausted === undefined) return { action: 'write', change: forgetUndone(made) };
  return { action: 'write', change: halt(`step "${exhausted.name}" is made again each time`, now) };
}
