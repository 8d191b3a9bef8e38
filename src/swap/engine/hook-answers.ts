import { SwapPlanError } from '../errors.js';
import type { SwapOwner, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import { isSameOwner } from './begin-swap.js';
import type { HookScope } from './decision.js';
import { lateHookMilliseconds } from './limits.js';
import { peekDecision } from './peek-next.js';
import { readItem } from './record-calls.js';
import { requestReturnOf } from './request-return.js';
import { openSession } from './run-pass.js';
import type { SwapDependencies } from './swap-dependencies.js';
import { changeSwap } from './transitions.js';

/** Verdict of a lifecycle hook. */
export type HookAnswer = 'Succeeded' | 'Failed';

const hourMilliseconds = 60 * 60_000;

/** A lifecycle hook that waits for an answer. */
export interface OpenHook {
  readonly name: string;
  readonly executionId: string;
}

/** Returns the verdict that an earlier invocation has recorded. */
export async function recordedAnswer(
  dependencies: SwapDependencies,
  owner: SwapOwner,
  name: string,
): Promise<HookAnswer | undefined> {
  const swap = await ownSwap(dependencies, owner);
  return swap?.answers?.[name];
}

/** Records a hook that waits for an answer, so that a later call can give it. */
export async function recordHook(
  dependencies: SwapDependencies,
  owner: SwapOwner,
  { name, executionId }: OpenHook,
): Promise<void> {
  const session = await openSession(dependencies, []);
  const since = dependencies.clock.now();
  const change = changeSwap((swap) =>
    !isSameOwner(swap.owner, owner) || swap.hook?.executionId === executionId
      ? undefined
      : { ...swap, hook: { name, executionId, since } },
  );
  await session.update(change, 'beside');
}

/**
 * Records the verdict of a hook before it is sent. A recorded one stays, and is returned. The hook stays too: when the process ends
 * before it has sent the verdict, a later call sends it.
 */
export async function recordAnswer(
  dependencies: SwapDependencies,
  owner: SwapOwner,
  name: string,
  answer: HookAnswer,
): Promise<HookAnswer> {
  // A deployment that was refused before its swap began has none.
  if ((await ownSwap(dependencies, owner)) === undefined) return answer;
  const session = await openSession(dependencies, []);
  const change = changeSwap((swap) =>
    !isSameOwner(swap.owner, owner) || swap.answers?.[name] !== undefined
      ? undefined
      : { ...swap, answers: { ...swap.answers, [name]: answer } },
  );
  await session.update(change, 'beside');
  const { swap } = session.item ?? {};
  return (swap && isSameOwner(swap.owner, owner) ? swap.answers?.[name] : undefined) ?? answer;
}

/**
 * Returns the verdict of a hook that no invocation has answered in time: `Succeeded` when its work is done, else `Failed`, for which the
 * swap rolls back. Returns undefined when no answer is late.
 */
export async function lateAnswer(
  dependencies: SwapDependencies,
  scopeOf: (hook: string) => HookScope | undefined,
  signal: AbortSignal,
): Promise<(OpenHook & { readonly owner: SwapOwner; readonly answer: HookAnswer }) | undefined> {
  const { item } = await openSession(dependencies, []);
  const { hook, owner } = item?.swap ?? {};
  const scope = hook && scopeOf(hook.name);
  if (item === undefined || hook === undefined || owner === undefined || scope === undefined)
    return undefined;
  const now = dependencies.clock.now();
  if (now < hook.since + lateHookMilliseconds) return undefined;
  const known = item.swap?.answers?.[hook.name];
  // It may not have been sent. CodeDeploy ignores a second response.
  if (known !== undefined)
    return now < hook.since + hourMilliseconds ? { ...hook, owner, answer: known } : undefined;
  const isDone = await isReached(dependencies, item, scope, signal);
  if (!isDone && item.swap?.wanted === 'forward') {
    const reason = `The hook ${hook.name} did not end within 55 minutes`;
    await requestReturnOf(dependencies, { swapId: item.swap.id, reason, requestedBy: 'the tick', signal });
  }
  const answer = await recordAnswer(dependencies, owner, hook.name, isDone ? 'Succeeded' : 'Failed');
  return { name: hook.name, executionId: hook.executionId, owner, answer };
}

/** A hook with another plan has not done its work. */
async function isReached(
  dependencies: SwapDependencies,
  item: SwapRecordItem,
  scope: HookScope,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await peekDecision(dependencies, item, scope, signal)).action?.action === 'reached';
  } catch (error) {
    if (error instanceof SwapPlanError) return false;
    throw error;
  }
}

async function ownSwap(dependencies: SwapDependencies, owner: SwapOwner): Promise<SwapUnderWay | undefined> {
  const item = await readItem(dependencies);
  return item?.swap && isSameOwner(item.swap.owner, owner) ? item.swap : undefined;
}
