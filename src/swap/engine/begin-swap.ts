import { randomUUID } from 'node:crypto';
import type { CallOptions } from '../../core/aws-call.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import { SwapBindingError, SwapConflictError, SwapDriftError } from '../errors.js';
import type { SwapOwner, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import type { TrafficPercents } from '../switches/types.js';
import { conflictOf } from './claims.js';
import { inProgressError } from './in-progress-error.js';
import { readPercents } from './read-truth.js';
import type { RecordSession } from './record-session.js';
import { openSession } from './run-pass.js';
import type { SwapDependencies } from './swap-dependencies.js';
import type { SwapEvent } from './swap-events.js';
import { withPending } from './transitions.js';

/** Request for a swap. */
export interface BeginRequest {
  readonly owner: SwapOwner;
  readonly incoming?: StackReference | undefined;
}

/** Result of the beginning of a swap. */
export type BeginResult =
  | { readonly status: 'begun'; readonly swap: SwapUnderWay; readonly events: readonly SwapEvent[] }
  /** The owner's swap has ended. */
  | { readonly status: 'ended'; readonly swapId: string }
  /** The revision is bound to the live stack. */
  | { readonly status: 'sameStack'; readonly live: StackReference };

/** Attempts of a beginning: another process can write the record first. */
const maxAttempts = 5;

/**
 * Begins a swap, or returns the one that its owner has begun before. Changes only the record.
 *
 * @throws SwapInProgressError, SwapBindingError, SwapDriftError; SwapConflictError while another process completes orphans; errors of
 * the record and the switch.
 */
export async function beginSwap(
  dependencies: SwapDependencies,
  request: BeginRequest,
  { signal }: CallOptions = {},
): Promise<BeginResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const begun = await tryToBegin(dependencies, request, signal);
      if (begun !== undefined) return begun;
      throw conflictOf('Another process has written the record first', dependencies.application);
    } catch (error) {
      if (!(error instanceof SwapConflictError) || attempt >= maxAttempts) throw error;
    }
  }
}

/** Returns undefined when another process has written the record first. */
async function tryToBegin(
  dependencies: SwapDependencies,
  request: BeginRequest,
  signal: AbortSignal | undefined,
): Promise<BeginResult | undefined> {
  const events: SwapEvent[] = [];
  const session = await openSession(dependencies, events);
  const { item } = session;
  const ended = item?.ended.findLast(({ owner }) => isSameOwner(owner, request.owner));
  if (ended !== undefined) return { status: 'ended', swapId: ended.id };
  if (item?.swap !== undefined) {
    if (isSameOwner(item.swap.owner, request.owner)) return { status: 'begun', swap: item.swap, events };
    throw await inProgressError(dependencies, item.swap, signal);
  }
  const percents = await readPercents(dependencies, signal);
  const live = liveOf(dependencies, item, percents);
  const incoming = await incomingOf(dependencies, request, live, signal);
  if (incoming === live) return { status: 'sameStack', live };
  const swap = newSwap(dependencies, request.owner, incoming);
  return (await store(dependencies, session, swap, live)) ? { status: 'begun', swap, events } : undefined;
}

/** True for the same deployment or run. */
export function isSameOwner(one: SwapOwner, other: SwapOwner): boolean {
  return one.kind === other.kind && one.id === other.id;
}

/**
 * Returns the live stack, on which the record and the probe agree.
 *
 * @throws SwapDriftError when they disagree, or when the traffic is split.
 */
export function liveOf(
  { application, switch: mover }: SwapDependencies,
  item: SwapRecordItem | undefined,
  percents: TrafficPercents,
): StackReference {
  const probed = (['blue', 'green'] as const).find(
    (stack) => percents[stack] === 100 && percents[partnerOf(stack)] === 0,
  );
  if (probed !== undefined && (item?.live === undefined || item.live === probed)) return probed;
  throw new SwapDriftError(`The traffic of ${application} is not where its record expects it`, {
    resource: mover.description,
    expected: item?.live === undefined ? '100 % for one stack' : `100 % for ${item.live}`,
    actual: `blue ${percents.blue} %, green ${percents.green} %`,
    remedy: 'Return the traffic to the expected stack, or adopt the one that has it',
  });
}

/** Where a revision is bound, its stack is the incoming one; otherwise the idle stack is. */
async function incomingOf(
  dependencies: SwapDependencies,
  { owner, incoming }: BeginRequest,
  live: StackReference,
  signal: AbortSignal | undefined,
): Promise<StackReference> {
  const { switch: mover, boundBy, application } = dependencies;
  const bound =
    mover.kind === 'shift' || boundBy === undefined
      ? partnerOf(live)
      : await boundStack(dependencies, owner, boundBy, signal);
  const wanted = incoming ?? bound;
  const isRevision = mover.kind !== 'shift';
  if (wanted === bound && (isRevision || bound !== live)) return bound;
  throw new SwapBindingError(`The swap of ${application} cannot bring in the ${wanted} stack`, {
    resource: application,
    expected: bound,
    actual: wanted,
    remedy: isRevision ? 'Deploy a revision that is bound to it' : `The ${live} stack is already live`,
  });
}

/**
 * Returns the stack that the revision of a deployment is bound to.
 *
 * @throws SwapBindingError when it is bound to none or to both.
 */
export async function boundStack(
  { switch: mover }: SwapDependencies,
  owner: SwapOwner,
  boundBy: string,
  signal: AbortSignal | undefined,
): Promise<StackReference> {
  if (mover.kind === 'shift') throw new TypeError('A traffic shift has no revision');
  const { stacks, revision } = await mover.bindingOf(owner, boundBy, { signal });
  const [stack, ...others] = stacks;
  if (stack !== undefined && others.length === 0) return stack;
  throw new SwapBindingError(`Revision ${revision} is not bound to one stack`, {
    resource: revision,
    expected: `${boundBy} with the value "blue" or "green" in its task definition`,
    actual: stack === undefined ? 'neither' : stacks.join(' and '),
    remedy: 'Register the revision for the stack that swap.next() returns',
  });
}

function newSwap(
  { clock, plan }: SwapDependencies,
  owner: SwapOwner,
  incoming: StackReference,
): SwapUnderWay {
  const now = clock.now();
  return {
    id: randomUUID(),
    owner,
    incoming,
    phase: 'preparing',
    beganAt: now,
    phaseSince: now,
    wanted: 'forward',
    plan: plan.fingerprint,
    steps: {},
  };
}

async function store(
  { application, switch: mover, clock }: SwapDependencies,
  session: RecordSession,
  swap: SwapUnderWay,
  live: StackReference,
): Promise<boolean> {
  const known = { live, swap, fingerprint: mover.fingerprint };
  if (session.item === undefined) {
    return session.create({ format: 1, application, orphans: [], ended: [], ...known });
  }
  const now = clock.now();
  return session.update((item) =>
    item.swap === undefined ? { ...withPending(item, {}, now), ...known } : undefined,
  );
}
