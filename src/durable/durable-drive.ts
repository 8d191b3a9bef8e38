import * as v from 'valibot';
import { messageOf } from '../core/describe-error.js';
import { parseInput } from '../core/validate.js';
import type { SafeResumable } from '../resumable/safe-resumable.js';
import type { HeldAt } from '../resumable/types.js';
import type { Before } from './before.js';
import { type Gate, openGate } from './durable-gate.js';
import { gatePosition } from './durable-operations.js';
import { type DriveState, DurableSteps } from './durable-steps.js';
import { type Retries, retriesOf } from './retries.js';
import type { DurableSettings, Task } from './settings.js';
import type { DurableChangeContext, DurableResult } from './types.js';

const resultSchema = v.object({
  outcome: v.picklist(['succeeded', 'rolledBack', 'halted']),
  state: v.unknown(),
  reason: v.exactOptional(v.string()),
});

/**
 * One change in one durable execution. Every decision depends only on results of operations, so that a replay repeats it: the
 * time, AWS and the answers to approvals are read within steps only.
 */
export class DurableDrive<Request, State, Event> {
  readonly #context: DurableChangeContext;
  readonly #resumable: SafeResumable<Request, State, Event>;
  readonly #request: Request;
  readonly #settings: DurableSettings<State, Event>;
  readonly #steps: DurableSteps<Request, State, Event>;
  readonly #changeRetries: Retries;
  readonly #rollbackRetries: Retries;
  #advances = 0;
  #advancesInGates = 0;
  #mayContinue = true;

  constructor(
    context: DurableChangeContext,
    resumable: SafeResumable<Request, State, Event>,
    request: Request,
    settings: DurableSettings<State, Event>,
  ) {
    this.#context = context;
    this.#resumable = resumable;
    this.#request = request;
    this.#settings = settings;
    this.#steps = new DurableSteps(context, resumable, settings);
    this.#changeRetries = retriesOf(settings.maxAttempts, { isRollingBack: false });
    this.#rollbackRetries = retriesOf(settings.maxRollbackAttempts, { isRollingBack: true });
  }

  /** Begins the change, or takes over the one of another execution. */
  async begin({ continued }: Task<Request, State>): Promise<DriveState<State>> {
    if (continued !== undefined) {
      return { ...continued, waitSeconds: 0, mayHaveSucceeded: true };
    }
    return this.#steps.take(
      'begin',
      { approved: [], isRollingBack: false },
      this.#changeRetries,
      async (signal) => {
        const state = await this.#resumable.begin(this.#request, { signal });
        return { state, events: this.#resumable.startEvents(state) };
      },
    );
  }

  /** Advances until the change has ended, in this execution or in the one that continues it. */
  async runToEnd(begun: DriveState<State>): Promise<DurableResult<State>> {
    let current = begun;
    while (current.outcome === undefined) {
      if (this.#steps.operations.areShort(current)) {
        const next = await this.#continueElsewhere(current);
        if ('result' in next) return next.result;
        current = next;
      } else if (current.heldAt !== undefined) {
        current = await this.#passGate(current, current.heldAt);
      } else {
        await this.#steps.wait(current.waitSeconds);
        current = await this.#advance(current);
      }
    }
    const { outcome, state, reason } = current;
    return { outcome, state, ...(reason !== undefined && { reason }) };
  }

  async #advance(
    current: DriveState<State>,
    gate?: Pick<Gate<State>, 'readAnswer' | 'heldAt'>,
  ): Promise<DriveState<State>> {
    this.#advances += 1;
    const { state } = current;
    const before: Before = { ...beforeOf(current), expiresAt: gate?.heldAt.expiresAt };
    const retries = current.isRollingBack ? this.#rollbackRetries : this.#changeRetries;
    try {
      return await this.#steps.take(`advance-${this.#advances}`, before, retries, async (signal) => {
        const answer = gate?.readAnswer();
        if (answer !== undefined) return { state, answer };
        return this.#resumable.advance(state, { approved: before.approved, signal });
      });
    } catch (error) {
      return this.#startRollback(current, `The change cannot proceed: ${messageOf(error)}`);
    }
  }

  /** Requests an approval. The checks run meanwhile, and can roll the change back. */
  async #passGate(current: DriveState<State>, heldAt: HeldAt): Promise<DriveState<State>> {
    const { key, detail } = heldAt;
    if (this.#settings.requestApproval === undefined) {
      return this.#startRollback(current, `Not approved to ${detail}: requestApproval is missing`);
    }
    if (current.approved.includes(key)) {
      return this.#startRollback(
        current,
        `The change still asks for the approval to ${detail}, which it has`,
      );
    }
    const gate = await openGate(this.#context, this.#settings, heldAt);
    this.#steps.operations.add(1);
    try {
      await this.#steps.take(
        `request-approval-${key}`,
        beforeOf(current),
        this.#changeRetries,
        async (signal) => {
          await gate.request(current.state, signal);
          return { state: current.state };
        },
      );
    } catch (error) {
      const reason = `Could not request the approval to ${detail}: ${messageOf(error)}`;
      return this.#startRollback(current, reason);
    }
    const held = await this.#awaitAnswer(current, gate);
    if (held.answer === undefined) return held;
    const { answer, heldAt: _heldAt, ...rest } = held;
    if (answer.isApproved) return { ...rest, approved: [...rest.approved, key], waitSeconds: 0 };
    return this.#startRollback(rest, `Not approved to ${detail}: ${answer.reason}`);
  }

  /**
   * Advances until the approval is answered, or the change rolls back. Continues while more than the approval is missing, such as
   * an inconclusive check, because the answer to the earlier request can arrive then.
   */
  async #awaitAnswer(current: DriveState<State>, gate: Gate<State>): Promise<DriveState<State>> {
    const { operations } = this.#steps;
    const { key } = gate.heldAt;
    const callsBefore = this.#advances - this.#advancesInGates;
    const position = gatePosition(this.#resumable, this.#request, { key, callsBefore }, this.#settings);
    const apart = operations.secondsBetweenEvaluations(position);
    const first = this.#advances;
    let held = current;
    while (held.answer === undefined && held.outcome === undefined && !held.isRollingBack) {
      const { waitSeconds, secondsLeft = Number.POSITIVE_INFINITY } = held;
      if (operations.areShort(held)) {
        // No operations are left for checks: waits for the answer, or until the approval expires.
        const end = Number.isFinite(secondsLeft) ? [this.#steps.wait(secondsLeft)] : [];
        await Promise.race([gate.anyAnswer, ...end]);
      } else {
        const pause = this.#steps.wait(Math.min(Math.max(waitSeconds, apart), secondsLeft));
        await Promise.race([gate.anyAnswer, pause]);
      }
      held = await this.#advance(held, gate);
    }
    this.#advancesInGates += this.#advances - first;
    return held;
  }

  /** Continues the change in another execution when the operations of this one run short. Rolls back when none may continue it. */
  async #continueElsewhere(
    current: DriveState<State>,
  ): Promise<DriveState<State> | { readonly result: DurableResult<State> }> {
    const { continueIn } = this.#settings;
    if (continueIn === undefined || !this.#mayContinue) {
      return this.#startRollback(current, 'The durable execution has no operations left');
    }
    this.#mayContinue = false;
    this.#steps.operations.add(1);
    const { state } = current;
    const continued = { request: this.#request, state, ...beforeOf(current) };
    try {
      return { result: this.#parseResult(await this.#context.invoke('continue', continueIn, { continued })) };
    } catch (error) {
      const reason = `${continueIn} did not continue the change: ${messageOf(error)}`;
      // The function may have failed after the change had ended, and the old version may be removed: no rollback then.
      return current.mayHaveSucceeded ? this.#halt(current, reason) : this.#startRollback(current, reason);
    }
  }

  async #startRollback(current: DriveState<State>, reason: string): Promise<DriveState<State>> {
    if (current.isRollingBack) return this.#halt(current, reason);
    try {
      return await this.#steps.take(
        'roll-back',
        beforeOf(current),
        this.#rollbackRetries,
        async (signal) => ({
          ...(await this.#resumable.rollBack(current.state, reason, { signal })),
          standing: { reason, isRollingBack: true },
        }),
      );
    } catch (error) {
      return this.#halt(current, `${reason}; the rollback failed: ${messageOf(error)}`);
    }
  }

  async #halt(current: DriveState<State>, reason: string): Promise<DriveState<State>> {
    const { isRollingBack } = current;
    return this.#steps.take('halt', beforeOf(current), this.#changeRetries, async () => {
      const halted = this.#resumable.halt(current.state, reason);
      this.#settings.logger.error('Halted change', { resource: this.#resumable.description, reason });
      return { ...halted, standing: { reason, isRollingBack } };
    });
  }

  #parseResult(given: unknown): DurableResult<State> {
    const subject = 'Result of the function that continued the change';
    const { state, ...rest } = parseInput(subject, resultSchema, given);
    return { ...rest, state: this.#resumable.parseState(state, subject) };
  }
}

function beforeOf({ approved, isRollingBack, reason }: DriveState<unknown>): Before {
  return { approved, isRollingBack, ...(reason !== undefined && { reason }) };
}
