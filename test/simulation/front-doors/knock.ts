import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { ToolkitError } from '../../../src/core/errors.js';
import type { RecordedCall, SimulatedCloud } from '../../../src/testing/index.js';
import { factor, seed } from '../../support/properties.js';

/** What came of one event. */
export type Reply =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly error: unknown };

/** Calls that change something. */
export function writesOf({ calls }: SimulatedCloud): readonly RecordedCall[] {
  return calls.filter(({ action }) => !/:(Describe|Get|List|Batch?Get)/.test(action));
}

/** Lets a door answer: what it throws is its answer as well, when it throws a typed error. */
export async function replyOf(knock: () => unknown): Promise<Reply> {
  try {
    return { kind: 'answered', answer: await knock() };
  } catch (error) {
    return { kind: 'refused', error };
  }
}

/** A refusal is an error of the package, with a message for people. */
export function expectRefusal(reply: Reply): void {
  expect(reply.kind).toBe('refused');
  if (reply.kind !== 'refused') return;
  expect(ToolkitError.isInstance(reply.error)).toBe(true);
  expect((reply.error as Error).message).not.toBe('');
}

/** Whether an input was refused as malformed. */
export function isInvalidInput(reply: Reply): boolean {
  return (
    reply.kind === 'refused' && ToolkitError.isInstance(reply.error) && reply.error.code === 'INVALID_INPUT'
  );
}

/**
 * Knocks at a door with many events, and sees to it that nothing is thrown outside of it; prints how many there were, and
 * what they came to.
 */
export function makeFuzzer(door: string) {
  const counts = new Map<string, number>();
  const astray: unknown[] = [];
  const catchAstray = (error: unknown) => void astray.push(error);
  let events = 0;
  process.on('unhandledRejection', catchAstray);
  afterAll(() => {
    process.off('unhandledRejection', catchAstray);
    const list = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
    // biome-ignore lint/suspicious/noConsole: the seed and the counts are what this suite reports
    console.info(`events at ${door}: seed ${seed}, ${events} events: ${list}`);
  });
  return {
    /** `holds` looks at what one event came to, and names it for the count. */
    async knock<Event>(
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
      // A rejection that nobody handles is told in a later turn.
      await new Promise((resolve) => setImmediate(resolve));
      expect(astray).toEqual([]);
    },
  };
}
