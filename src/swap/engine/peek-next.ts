import type { PlannedStep } from '../plan/swap-plan.js';
import type { SwapRecordItem, SwapUnderWay } from '../record/types.js';
import { decideNext } from './decide-next.js';
import type { Decision, SwapScope, Truth } from './decision.js';
import { readFact, readSteps } from './read-truth.js';
import { requirePlan } from './require-plan.js';
import { StepCalls } from './step-calls.js';
import type { SwapDependencies } from './swap-dependencies.js';
import { isPastReturn } from './transitions.js';

/** Decisions until a swap would change something or wait. */
const maxDecisions = 300;

/** Decision that is neither a read nor a write of the record. */
type Action = Exclude<Decision, { action: 'ask' | 'look' | 'write' | 'note' }>;

/** Describes the next change or wait of a swap. Changes nothing. */
export async function peekNext(
  dependencies: SwapDependencies,
  item: SwapRecordItem,
  signal: AbortSignal,
): Promise<string> {
  const scope = dependencies.rules.kind === 'shift' ? 'all' : 'follow';
  const { action, swap } = await peekDecision(dependencies, item, scope, signal);
  if (swap === undefined) return 'ends';
  return action === undefined
    ? 'cannot be determined: the record and the stacks contradict each other'
    : swap.phase === 'halted'
      ? describeHalt(dependencies, swap, signal)
      : describe(action, swap) + callerOf(dependencies, item, action);
}

/** Names the caller that makes the next change, for a swap that runs only while AWS calls it. */
function callerOf(
  { rules, clock }: SwapDependencies,
  { claim, swap }: SwapRecordItem,
  { action }: Action,
): string {
  const isCalled = action === 'run' || action === 'undo' || action === 'returnTraffic' || action === 'wait';
  if (rules.kind === 'shift' || !isCalled || (claim !== undefined && claim.expiresAt > clock.now()))
    return '';
  const caller =
    swap?.owner.kind === 'codeDeploy'
      ? 'the next call of deploymentEnded (its event or schedule)'
      : 'the next tick (the event or schedule of the hook)';
  return `, at ${caller} or with resume`;
}

/**
 * Decides without a write: changes of the record are applied to a copy, and steps and AWS are only read. Returns no swap when the swap
 * would end, and no action when the decisions lead nowhere.
 *
 * @throws SwapPlanError when the swap began with another plan; errors of the switch.
 */
export async function peekDecision(
  dependencies: SwapDependencies,
  item: SwapRecordItem,
  scope: SwapScope,
  signal: AbortSignal,
): Promise<{ readonly action?: Action; readonly swap?: SwapUnderWay }> {
  const { plan, rules, clock, application, logger } = dependencies;
  if (item.swap !== undefined) requirePlan(dependencies, item.swap);
  const calls = new StepCalls({ application, clock, logger, signal });
  let current = item;
  let truth: Truth = { answers: {} };
  for (let count = 0; count < maxDecisions; count += 1) {
    const { swap } = current;
    if (swap === undefined) return {};
    const decision = decideNext({ item: current, swap, plan, rules, scope, truth, now: clock.now() });
    if (decision.action === 'ask') {
      truth = await readFact(dependencies, swap, decision.question, truth, { signal });
    } else if (decision.action === 'look') truth = await readSteps(calls, swap, decision, truth);
    else if (decision.action === 'write' || decision.action === 'note') {
      current = decision.change(current) ?? current;
    } else return { action: decision, swap };
  }
  return item.swap === undefined ? {} : { swap: item.swap };
}

/** A halt on the way forward can still be rolled back while a request to do so is accepted. */
async function describeHalt(
  { switch: mover }: SwapDependencies,
  swap: SwapUnderWay,
  signal: AbortSignal,
): Promise<string> {
  const resume = 'halted: remove the cause, then resume';
  if (swap.wanted === 'back' || isPastReturn(swap)) return resume;
  const hasSucceeded =
    mover.kind !== 'shift' && (await mover.statusOf(swap.owner, { signal })).state === 'succeeded';
  return hasSucceeded ? resume : `${resume}; or roll back`;
}

function describe(decision: Action, { incoming, phase }: SwapUnderWay): string {
  switch (decision.action) {
    case 'run':
      return `runs ${namesOf(decision.steps)}`;
    case 'undo':
      return `undoes ${namesOf(decision.steps)}`;
    case 'shift':
      return decision.direction === 'forward'
        ? `shifts traffic to the ${incoming} stack`
        : `returns the traffic from the ${incoming} stack`;
    case 'returnTraffic':
      return 'asks AWS to return the traffic';
    case 'wait':
      return `waits for ${decision.detail}. Next read: ${new Date(decision.until).toISOString()} or later`;
    case 'leave':
      return `waits for ${decision.detail}`;
    case 'reached':
      return `${phase} is done`;
  }
}

function namesOf(steps: readonly PlannedStep[]): string {
  return steps.map(({ name }) => `"${name}"`).join(', ');
}
