import { decideNext } from '../engine/decide-next.js';
import type { Decision, Truth } from '../engine/decision.js';
import { readFact, readSteps } from '../engine/read-truth.js';
import { StepCalls } from '../engine/step-calls.js';
import type { SwapDependencies } from '../engine/swap-dependencies.js';
import type { PlannedStep } from '../plan/swap-plan.js';
import type { SwapRecordItem, SwapUnderWay } from '../record/types.js';

/** Decisions until a swap would change something or wait. */
const maxDecisions = 300;

/**
 * Describes the next change or wait of a swap, without a write: changes of the record are applied to a copy, and steps and AWS are only
 * read.
 */
export async function peekNext(
  dependencies: SwapDependencies,
  item: SwapRecordItem,
  signal: AbortSignal,
): Promise<string> {
  const { plan, rules, clock, application, logger } = dependencies;
  const calls = new StepCalls({ application, clock, logger, signal });
  const scope = rules.kind === 'shift' ? 'all' : 'follow';
  let current = item;
  let truth: Truth = { answers: {} };
  for (let count = 0; count < maxDecisions; count += 1) {
    const { swap } = current;
    if (swap === undefined) return `ends: ${current.ended.at(-1)?.end ?? 'unknown'}`;
    const now = clock.now();
    const decision = decideNext({ item: current, swap, plan, rules, scope, truth, now });
    if (decision.action === 'ask') {
      truth = await readFact(dependencies, swap, decision.question, truth, signal);
    } else if (decision.action === 'look') truth = await readSteps(calls, swap, decision, truth);
    else if (decision.action === 'write') current = decision.change(current) ?? current;
    else return describe(decision, swap);
  }
  return 'unknown: the record and the stacks contradict each other';
}

function describe(
  decision: Exclude<Decision, { action: 'ask' | 'look' | 'write' }>,
  { incoming, phase }: SwapUnderWay,
): string {
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
      return `waits for ${decision.detail}, until ${new Date(decision.until).toISOString()} at least`;
    case 'leave':
      return `waits for ${decision.detail}`;
    case 'reached':
      return `${phase} is done`;
  }
}

function namesOf(steps: readonly PlannedStep[]): string {
  return steps.map(({ name }) => `"${name}"`).join(', ');
}
