import type { CallOptions } from '../../core/aws-call.js';
import { describeValue } from '../../core/describe-value.js';
import { UnexpectedResponseError } from '../../core/errors.js';
import { isRecord } from '../../core/is-record.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import type { SwapOwner, SwapUnderWay } from '../record/types.js';
import type { TrafficPercents } from '../switches/types.js';
import type { Decision, Truth } from './decision.js';
import type { StepCalls } from './step-calls.js';
import type { SwapDependencies } from './swap-dependencies.js';

/**
 * Reads one fact outside the record.
 *
 * @param caller - deployment whose hook continues the swap of an earlier one.
 */
export async function readFact(
  dependencies: SwapDependencies,
  { owner, wanted }: Pick<SwapUnderWay, 'owner' | 'wanted'>,
  question: Extract<Decision, { action: 'ask' }>['question'],
  truth: Truth,
  { signal, caller }: CallOptions & { readonly caller?: SwapOwner | undefined },
): Promise<Truth> {
  const mover = dependencies.switch;
  if (question === 'traffic') return { ...truth, percents: await readPercents(dependencies, signal) };
  // Only deployments are asked for.
  if (mover.kind === 'shift') return truth;
  if (question === 'owner') return { ...truth, owner: await mover.statusOf(owner, { signal }) };
  // The caller's deployment waits for the undo. It has moved no traffic yet, so its rollback cannot return any to the incoming stack.
  const known = wanted === 'back' ? (caller ?? owner) : owner;
  return { ...truth, isAnotherUnderWay: await mover.isAnotherUnderWay(known, { signal }) };
}

/**
 * Reads the share of each stack.
 *
 * @throws UnexpectedResponseError for shares that no pair of stacks can have.
 */
export async function readPercents(
  { switch: probe, boundBy }: Pick<SwapDependencies, 'switch' | 'boundBy'>,
  signal?: AbortSignal,
): Promise<TrafficPercents> {
  const percents: unknown = await probe.percentByStack({
    signal,
    ...(boundBy !== undefined && { boundBy }),
  });
  const { blue, green } = isRecord(percents) ? percents : {};
  if (isShare(blue) && isShare(green) && blue + green <= 100.001) return { blue, green };
  throw new UnexpectedResponseError({
    action: 'percentByStack',
    resource: probe.description,
    field: 'the shares of both stacks, together at most 100 %',
    actual: describeValue(percents),
  });
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 100;
}

/** Asks steps for their state. */
export async function readSteps(
  calls: StepCalls,
  swap: SwapUnderWay,
  { steps, at }: Extract<Decision, { action: 'look' }>,
  truth: Truth,
): Promise<Truth> {
  const answers = await mapConcurrently(
    steps,
    async (step) => [step.name, await calls.look(step, swap, at)] as const,
  );
  return { ...truth, answers: { ...truth.answers, ...Object.fromEntries(answers) } };
}
