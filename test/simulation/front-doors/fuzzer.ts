import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { ToolkitError } from '../../../src/core/errors.js';
import type { RecordedCall, SimulatedCloud } from '../../../src/testing/index.js';
import { factor, seed } from '../../support/properties.js';

/** Result of one event. */
export type Reply =
  | { readonly kind: 'returned'; readonly result: unknown }
  | { readonly kind: 'refused'; readonly error: unknown };

/** Calls that change a resource. */
export function writesOf({ calls }: SimulatedCloud): readonly RecordedCall[] {
  return calls.filter(({ action }) => !/:(Describe|Get|List|Batch?Get)/.test(action));
}

/** Returns the result or the error of a front door. */
export async function replyOf(call: () => unknown): Promise<Reply> {
  try {
    return { kind: 'returned', result: await call() };
  } catch (error) {
    return { kind: 'refused', error };
  }
}

/** Expects an error of the package with a message. */
export function expectRefusal(reply: Reply): void {
  expect(reply.kind).toBe('refused');
  if (reply.kind !== 'refused') return;
  expect(ToolkitError.isInstance(reply.error)).toBe(true);
  expect((reply.error as Error).message).not.toBe('');
}

/** True when an input was rejected as malformed. */
export function isInvalidInput(reply: Reply): boolean {
  return (
    reply.kind === 'refused' && ToolkitError.isInstance(reply.error) && reply.error.code === 'INVALID_INPUT'
  );
}

/**
 * Calls a front door with many events, and expects no unhandled rejection. Prints the counts of events and
 * outcomes.
 */
export function makeFuzzer(door: string) {
  const counts = new Map<string, number>();
  const unhandled: unknown[] = [];
  const catchUnhandled = (error: unknown) => void unhandled.push(error);
  let events = 0;
  process.on('unhandledRejection', catchUnhandled);
  afterAll(() => {
    process.off('unhandledRejection', catchUnhandled);
    const list = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
    // biome-ignore lint/suspicious/noConsole: the seed and the counts are what this suite reports
    console.info(`events at ${door}: seed ${seed}, ${events} events: ${list}`);
  });
  return {
    /** `holds` asserts the result of one event, and names it for the count. */
    async check<Event>(
      arbitrary: fc.Arbitrary<Event>,
      numRuns: number,
      holds: (event: Event) => Promise<string> | string,
    ): Promise<void> {
      const property = fc.asyncProperty(arbitrary, async (event) => {
        const outcome = await holds(event);
        events += 1;
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      });
      await fc.assert(property, { numRuns: Math.ceil(numRuns * factor) });
      // An unhandled rejection is reported in a later turn.
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    },
  };
}
