import type { CallOptions } from '../../core/aws-call.js';
import { SwapConflictError } from '../errors.js';
import type { SwapOwner, SwapRecordItem, SwapUnderWay } from '../record/types.js';
import { decideNext } from './decide-next.js';
import type { Decision, SwapScope, SwapView, Truth } from './decision.js';
import { moveTraffic, requestReturn } from './move-traffic.js';
import { readFact, readSteps } from './read-truth.js';
import { RecordSession } from './record-session.js';
import { requireFingerprint } from './require-fingerprint.js';
import { requirePlan } from './require-plan.js';
import { runSteps, undoSteps } from './run-steps.js';
import { StepCalls } from './step-calls.js';
import type { SwapDependencies } from './swap-dependencies.js';
import { eventsBetween, lineOf, type SwapEvent } from './swap-events.js';

/** End of a pass. */
type PassEnd =
  | { readonly status: 'waiting'; readonly until: number; readonly detail: string }
  | { readonly status: 'reached' }
  | { readonly status: 'left'; readonly detail: string }
  /** The swap is not under way any more. */
  | { readonly status: 'ended' };

/** Result of a pass over a swap. */
export type PassResult = PassEnd & {
  readonly item: SwapRecordItem | undefined;
  readonly events: readonly SwapEvent[];
};

/** Options of {@link runPass}. */
interface PassOptions extends CallOptions {
  /** Deployment whose hook continues the swap of an earlier one. */
  readonly caller?: SwapOwner | undefined;
}

/** Decisions of a pass. More of them than a swap has phases and reads show a fault of the engine or of a record. */
const maxDecisions = 300;

/** Restarts after another process has written the record first. */
const maxRestarts = 5;

/** Longest wait for the claim of another process: it can be released early. */
const claimWaitMilliseconds = 30_000;

/**
 * Reads the record, and carries out decisions until one call that changes something has ended, or until the swap waits. The record
 * is the only state: another process can continue after any call.
 *
 * @throws SwapConflictError when the claim was lost; SwapPlanError for a swap of another plan; errors of the record and the switch.
 */
export async function runPass(
  dependencies: SwapDependencies,
  swapId: string,
  scope: SwapScope,
  options: PassOptions = {},
): Promise<PassResult> {
  const events: SwapEvent[] = [];
  for (let restart = 0; ; restart += 1) {
    const session = await openSession(dependencies, events);
    try {
      return await new Pass(dependencies, session, swapId, scope, options, events).run();
    } catch (error) {
      const isOutrun = error instanceof SwapConflictError && !session.holdsClaim && !session.signal.aborted;
      if (!isOutrun || restart >= maxRestarts) throw error;
    } finally {
      await session.release();
    }
  }
}

/**
 * Opens a session that logs and collects an event for each transition.
 *
 * @throws SwapBindingError for a record of another service: its traffic and its steps are not the ones that this process can read.
 */
export async function openSession(
  dependencies: SwapDependencies,
  events: SwapEvent[],
): Promise<RecordSession> {
  const { record, application, clock, logger, feed } = dependencies;
  const onWrite = (before: SwapRecordItem | undefined, after: SwapRecordItem) => {
    for (const event of eventsBetween(before, after, clock.now())) {
      events.push(event);
      logger.info(lineOf(event), { resource: application, ...event });
      feed?.emit([event]);
    }
  };
  const session = await RecordSession.open({ record, application, clock, logger, onWrite });
  requireFingerprint(dependencies, session.item);
  return session;
}

class Pass {
  readonly #dependencies: SwapDependencies;
  readonly #session: RecordSession;
  readonly #swapId: string;
  readonly #scope: SwapScope;
  readonly #signal: AbortSignal;
  readonly #caller: SwapOwner | undefined;
  readonly #events: readonly SwapEvent[];
  readonly #calls: StepCalls;
  #truth: Truth = { answers: {} };

  constructor(
    dependencies: SwapDependencies,
    session: RecordSession,
    swapId: string,
    scope: SwapScope,
    { signal, caller }: PassOptions,
    events: readonly SwapEvent[],
  ) {
    this.#dependencies = dependencies;
    this.#session = session;
    this.#swapId = swapId;
    this.#scope = scope;
    this.#signal = signal ?? new AbortController().signal;
    this.#caller = caller;
    this.#events = events;
    const { application, clock, logger } = dependencies;
    this.#calls = new StepCalls({ application, clock, logger, signal: this.#signal });
  }

  async run(): Promise<PassResult> {
    for (let count = 0; count < maxDecisions; count += 1) {
      const swap = this.#session.item?.swap;
      if (swap?.id !== this.#swapId) return this.#result({ status: 'ended' });
      this.#signal.throwIfAborted();
      const claimedUntil = this.#session.otherClaimUntil();
      if (claimedUntil !== undefined) return this.#waitForClaim(claimedUntil);
      requirePlan(this.#dependencies, swap);
      const end = await this.#carryOut(decideNext(this.#viewOf(swap)), swap);
      if (end !== undefined) return end;
    }
    throw new SwapConflictError(`The swap of ${this.#dependencies.application} makes no progress`, {
      resource: this.#dependencies.application,
      remedy: 'Read its status, and compare the record with the stacks',
    });
  }

  /** Returns undefined when the pass continues. */
  async #carryOut(decision: Decision, swap: SwapUnderWay): Promise<PassResult | undefined> {
    switch (decision.action) {
      case 'ask':
        this.#truth = await readFact(this.#dependencies, swap, decision.question, this.#truth, {
          signal: this.#signal,
          caller: this.#caller,
        });
        return undefined;
      case 'look':
        this.#truth = withoutTraffic(await readSteps(this.#calls, swap, decision, this.#truth));
        return undefined;
      case 'write':
        await this.#session.update(decision.change);
        this.#truth = withoutTraffic(this.#truth);
        return undefined;
      case 'note':
        this.#session.note(decision.change);
        this.#truth = withoutTraffic(this.#truth);
        return undefined;
      case 'wait':
        return this.#end({ status: 'waiting', until: decision.until, detail: decision.detail });
      case 'reached':
        return this.#end({ status: 'reached' });
      case 'leave':
        return this.#end({ status: 'left', detail: decision.detail });
      default:
        await this.#change(decision, swap);
        return this.#resultOfChange();
    }
  }

  async #change(
    decision: Extract<Decision, { action: 'run' | 'undo' | 'shift' | 'returnTraffic' }>,
    swap: SwapUnderWay,
  ): Promise<void> {
    const { clock } = this.#dependencies;
    const runner = {
      session: this.#session,
      calls: this.#calls,
      view: this.#viewOf(swap),
      signal: this.#signal,
      now: () => clock.now(),
    };
    if (decision.action === 'run') await runSteps(runner, decision.steps);
    else if (decision.action === 'undo') await undoSteps(runner, decision.steps);
    else if (decision.action === 'shift') await moveTraffic(this.#dependencies, runner, decision.direction);
    else await requestReturn(this.#dependencies, runner);
  }

  #resultOfChange(): PassResult {
    if (this.#session.item?.swap?.id !== this.#swapId) return this.#result({ status: 'ended' });
    const until = this.#dependencies.clock.now();
    return this.#result({ status: 'waiting', until, detail: 'the next decision' });
  }

  #waitForClaim(claimedUntil: number): PassResult {
    const until = Math.min(claimedUntil, this.#dependencies.clock.now() + claimWaitMilliseconds);
    return this.#result({ status: 'waiting', until, detail: 'another process' });
  }

  #viewOf(swap: SwapUnderWay): SwapView {
    const { plan, rules, clock } = this.#dependencies;
    const { item } = this.#session;
    if (item === undefined) throw new TypeError('A swap under way has an item');
    return { item, swap, plan, rules, scope: this.#scope, truth: this.#truth, now: clock.now() };
  }

  /** Ends the pass without a change of its own, so notes that no write has taken along are written now. */
  async #end(end: PassEnd): Promise<PassResult> {
    await this.#session.writeNotes();
    return this.#result(end);
  }

  #result(end: PassEnd): PassResult {
    return { ...end, item: this.#session.item, events: this.#events };
  }
}

/** A look or a write takes time in which the traffic can move, so the traffic is read again before a change. */
function withoutTraffic({ percents: _, isAnotherUnderWay: __, ...truth }: Truth): Truth {
  return truth;
}
