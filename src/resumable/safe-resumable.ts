import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import { messageOf } from '../core/describe-error.js';
import { describeValue } from '../core/describe-value.js';
import { invalidInput, ToolkitError, UnexpectedResponseError } from '../core/errors.js';
import { nonEmptyString } from '../core/schemas.js';
import { objectWith } from '../core/tool-options.js';
import type { AdvanceOptions, Progress, Resumable, StateSummary } from './types.js';

/** An object with the methods of a {@link Resumable}. */
export const resumableSchema = objectWith<Resumable<unknown, unknown, unknown>>(
  'a resumable change with the methods',
  ['parseRequest', 'parseState', 'begin', 'advance', 'rollBack'],
);

const outcome = v.picklist(['succeeded', 'rolledBack', 'halted']);

const heldAtSchema = v.object({
  key: nonEmptyString,
  detail: nonEmptyString,
  expiresAt: v.exactOptional(v.pipe(v.number(), v.finite())),
});

const progressSchema = v.object({
  state: v.unknown(),
  waitSeconds: v.pipe(
    v.number(),
    v.check((value) => value >= 0, 'a number of seconds, 0 or more'),
  ),
  events: v.array(v.unknown()),
  outcome: v.optional(outcome),
  heldAt: v.optional(heldAtSchema),
});

const summarySchema = v.object({
  reason: v.optional(v.string()),
  isRollingBack: v.boolean(),
  isComplete: v.boolean(),
  mayHaveSucceeded: v.exactOptional(v.boolean()),
  outcome: v.optional(outcome),
  details: v.record(v.string(), v.unknown()),
});

const keysSchema = v.array(nonEmptyString);

/**
 * A user's {@link Resumable} with its results checked, and with defaults for its optional methods. A malformed result never
 * becomes a decision of the driver.
 */
export class SafeResumable<Request, State, Event> {
  readonly description: string;
  readonly #resumable: Resumable<Request, State, Event>;

  constructor(resumable: Resumable<Request, State, Event>) {
    this.#resumable = resumable;
    const { description } = resumable;
    this.description =
      typeof description === 'string' && description !== '' ? description : 'resumable change';
  }

  /** @throws InvalidInputError when the change rejects the request. */
  parseRequest(value: unknown, subject = 'Request'): Request {
    return this.#parse(subject, () => this.#resumable.parseRequest(value));
  }

  /** @throws InvalidInputError when the change rejects the state. */
  parseState(value: unknown, subject = 'State'): State {
    return this.#parse(subject, () => this.#resumable.parseState(value));
  }

  async begin(request: Request, options: CallOptions): Promise<State> {
    return this.#stateOf('begin', await this.#resumable.begin(request, options));
  }

  async advance(state: State, options: AdvanceOptions): Promise<Progress<State, Event>> {
    return this.#progressOf('advance', await this.#resumable.advance(state, options));
  }

  async rollBack(state: State, reason: string, options: CallOptions): Promise<Progress<State, Event>> {
    return this.#progressOf('rollBack', await this.#resumable.rollBack(state, reason, options));
  }

  /** Halts. Keeps the state when the change cannot halt by itself. */
  halt(state: State, reason: string): Progress<State, Event> {
    const halted = this.#resumable.halt?.(state, reason);
    const progress =
      halted === undefined ? { state, waitSeconds: 0, events: [] } : this.#progressOf('halt', halted);
    return { ...progress, outcome: 'halted' };
  }

  /** Returns undefined when the change does not plan its calls. */
  plannedCalls(request: Request): number | undefined {
    const calls: unknown = this.#resumable.plannedCalls?.(request);
    if (calls === undefined || (typeof calls === 'number' && calls >= 0)) return calls;
    throw this.#unexpected('plannedCalls', 'a number, 0 or more', calls);
  }

  /** Returns undefined when the change does not plan its approvals. */
  plannedApprovals(request: Request): readonly string[] | undefined {
    const keys: unknown = this.#resumable.plannedApprovals?.(request);
    if (keys === undefined || v.is(keysSchema, keys)) return keys;
    throw this.#unexpected('plannedApprovals', 'a list of keys', keys);
  }

  startEvents(state: State): readonly Event[] {
    const events: unknown = this.#resumable.startEvents?.(state) ?? [];
    if (Array.isArray(events)) return events;
    throw this.#unexpected('startEvents', 'a list of events', events);
  }

  /** Returns undefined when the change does not summarize its states. */
  summarize(state: State): StateSummary | undefined {
    const summary: unknown = this.#resumable.summarize?.(state);
    if (summary === undefined) return undefined;
    const parsed = v.safeParse(summarySchema, summary);
    if (!parsed.success) throw this.#unexpected('summarize', fieldOf(parsed.issues), summary);
    const { reason, outcome: ended, ...rest } = parsed.output;
    return { ...rest, ...(reason !== undefined && { reason }), ...(ended && { outcome: ended }) };
  }

  #parse<Value>(subject: string, parse: () => Value): Value {
    try {
      return parse();
    } catch (error) {
      if (ToolkitError.isInstance(error) && error.code === 'INVALID_INPUT') throw error;
      const expected = `a value that is accepted for ${this.description}`;
      throw invalidInput(subject, { field: '', expected, actual: messageOf(error) });
    }
  }

  #stateOf(action: string, state: State): State {
    if (state !== undefined && state !== null) return state;
    throw this.#unexpected(action, 'state', state);
  }

  #progressOf(action: string, given: Progress<State, Event>): Progress<State, Event> {
    const parsed = v.safeParse(progressSchema, given);
    if (!parsed.success) throw this.#unexpected(action, fieldOf(parsed.issues), given);
    const { state, waitSeconds, events, outcome: ended, heldAt } = parsed.output;
    return {
      state: this.#stateOf(action, state as State),
      waitSeconds,
      events: events as Event[],
      ...(ended && { outcome: ended }),
      ...(heldAt && ended === undefined && { heldAt }),
    };
  }

  #unexpected(action: string, field: string, actual: unknown): UnexpectedResponseError {
    const resource = this.description;
    return new UnexpectedResponseError({ action, resource, field, actual: describeValue(actual) });
  }
}

function fieldOf(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.map((issue) => v.getDotPath(issue) ?? 'an object').join(', ');
}
