import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { type DurableChangeContext, type DurableResult, runDurably } from '../../src/durable/index.js';
import type { ShiftState } from '../../src/traffic/index.js';
import { type ShiftEvent, type ShiftRequest, TrafficShifter } from '../../src/traffic/index.js';
import { holdSecondsOf } from '../../src/traffic/shift/shift-request.js';
import {
  anyDisturbedShift,
  anyShift,
  type ShiftPlan,
  setUpShift,
  undisturbed,
  withChecksByShare,
} from '../support/driven-shift.js';
import { DurableJournal, type JournalEntry } from '../support/durable-journal.js';
import { factor } from '../support/properties.js';

/** Crashes, and the answers to approvals. */
interface Fate {
  /** Steps after whose work the process dies before the result is stored. */
  readonly deaths: readonly number[];
  readonly answers: readonly ('approve' | 'refuse' | 'ignore')[];
  readonly answerSeconds: number;
}

const anyFate: fc.Arbitrary<Fate> = fc.record({
  deaths: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 5 }),
  answers: fc.array(fc.constantFrom('approve', 'approve', 'refuse', 'ignore'), {
    minLength: 1,
    maxLength: 4,
  }),
  answerSeconds: fc.constantFrom(0, 1, 90, 1000),
});

describe('replayed durable shift', () => {
  test('repeats its decisions without a further call or event', async () => {
    await property(fc.tuple(fc.oneof(anyShift, anyDisturbedShift), anyFate), 300, async ([plan, fate]) => {
      const scene = makeScene(plan, fate);
      const result = await scene.run();
      const before = traceOf(scene);

      // The journal throws when the operations differ from the recorded ones.
      const again = await scene.run();

      expect(again).toEqual(result);
      expect(traceOf(scene)).toEqual(before);
    });
  });

  test('repeats its decisions from every prefix of its journal', async () => {
    await property(fc.tuple(anyShift, anyFate), 60, async ([plan, fate]) => {
      const scene = makeScene(plan, fate);
      await scene.run();
      const { entries } = scene.journal;

      for (let length = 0; length < entries.length; length += Math.ceil(entries.length / 12)) {
        expect(await operationsOf(scene.handler, entries.slice(0, length))).toEqual(
          entries.slice(0, length + 1).map(nameOf),
        );
      }
    });
  });

  test('reaches the same end, however often the process dies', async () => {
    await property(fc.tuple(anyShift, anyFate), 200, async ([plan, fate]) => {
      const quiet = withChecksByShare(undisturbed(plan));
      const [dying, living] = [makeScene(quiet, fate), makeScene(quiet, { ...fate, deaths: [] })];

      const [there, here] = [await dying.run(), await living.run()];

      expect([there?.outcome, dying.target.rule.weights]).toEqual([
        here?.outcome,
        living.target.rule.weights,
      ]);
    });
  });
});

function makeScene(plan: ShiftPlan, fate: Fate) {
  // Checks every few seconds would only make the journals longer.
  const policy = { ...plan.policy, intervalSeconds: Math.max(30, plan.policy.intervalSeconds ?? 60) };
  const { clock, target, checks } = setUpShift(plan);
  const emitted: ShiftEvent[] = [];
  const journal = new DurableJournal({ clock, dies: (keeping) => fate.deaths.includes(keeping) });
  const asked = new Map<string, Fate['answers'][number] | undefined>();
  const requestApproval = (callbackId: string) => {
    // A repeated question gets the same answer.
    if (!asked.has(callbackId)) asked.set(callbackId, fate.answers[asked.size % fate.answers.length]);
    const answer = asked.get(callbackId);
    if (answer === 'ignore') return;
    clock.schedule(fate.answerSeconds, () =>
      journal.answer(callbackId, answer === 'approve' ? {} : { message: 'No' }),
    );
  };
  const handler = (context: DurableChangeContext) => {
    const shifter = new TrafficShifter({ target, clock, checks, policy, rollback: plan.rollback });
    return runDurably(context, shifter, requestOf(plan), {
      clock,
      logger: silentLogger,
      requestApproval,
      approvalTimeoutSeconds: 3000,
      onEvent: (event) => emitted.push(event),
    });
  };
  // A shift that cannot begin fails the execution each time.
  const run = (): Promise<DurableResult<ShiftState> | undefined> =>
    journal.run(handler).catch(rethrowUnexpected);
  return { journal, target, emitted, handler, run };
}

/** Trace of an execution. Ignores operations that it no longer waits for. */
function traceOf({ journal, target, emitted }: ReturnType<typeof makeScene>) {
  const operations = journal.entries.map(({ kind, name, result }) => [kind, name, kind === 'step' && result]);
  return structuredClone({ operations, emitted, calls: target.calls });
}

function requestOf(plan: ShiftPlan): ShiftRequest {
  const { incoming, strategy, initialPercent, approvals, maxDurationSeconds = 0 } = plan;
  return {
    incoming,
    strategy,
    acceptLiveWeights: initialPercent > 0,
    approvalPercents: approvals.percents,
    ...(maxDurationSeconds > holdSecondsOf(strategy) && { maxDurationSeconds }),
  };
}

/** Operations of the function with this journal, up to the first new one. */
async function operationsOf(
  handler: (context: DurableChangeContext) => Promise<unknown>,
  known: readonly JournalEntry[],
): Promise<string[]> {
  const operations: string[] = [];
  const ahead = new Promise<void>((resolve) => {
    const next = (name: string): Promise<never> | JournalEntry => {
      operations.push(name);
      const entry = known[operations.length - 1];
      if (entry !== undefined && entry.status !== 'pending') return entry;
      if (entry === undefined) resolve();
      return new Promise(() => {});
    };
    const replayed = async (name: string) => {
      const { status, result, message } = await next(name);
      if (status === 'succeeded') return result === undefined ? undefined : JSON.parse(result);
      throw Object.assign(new Error(message), { name: 'CallbackTimeoutError' });
    };
    const context: DurableChangeContext = {
      step: (name) => replayed(`step ${name}`),
      wait: (name) => replayed(`wait ${name}`),
      createCallback: async (name) => [raw(next(`callback ${name}`)), '0'],
      invoke: (name) => replayed(`invoke ${name}`),
    };
    handler(context).then(
      () => resolve(),
      () => resolve(),
    );
  });
  await ahead;
  return operations;
}

async function raw(operation: Promise<never> | JournalEntry): Promise<string | undefined> {
  const { status, result, message } = await operation;
  if (status === 'succeeded') return result;
  throw Object.assign(new Error(message), { name: status === 'timedOut' ? 'CallbackTimeoutError' : 'Error' });
}

function nameOf({ kind, name }: JournalEntry): string {
  return `${kind} ${name}`;
}

function rethrowUnexpected(error: unknown): undefined {
  if (error instanceof Error && error.name === 'StepError') return undefined;
  throw error;
}

async function property<T>(arbitrary: fc.Arbitrary<T>, runs: number, predicate: (value: T) => Promise<void>) {
  await fc.assert(fc.asyncProperty(arbitrary, predicate), { numRuns: Math.ceil(runs * factor) });
}
