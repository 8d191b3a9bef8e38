import fc from 'fast-check';
import { mutated } from './shift-requests.js';

/** Any event of a Lambda, and values that only a test can pass. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.anything({ withNullPrototype: true, withDate: true, withBigInt: true, withSet: true }),
  fc.constantFrom<unknown>(undefined, null, '', '{}', 0, [], {}, [null], { __proto__: null }),
);

/** Valid events, mutated ones, and arbitrary values. */
export function eventsLike(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 2, arbitrary: right },
    { weight: 6, arbitrary: mutated(right) },
    { weight: 2, arbitrary: anything },
  );
}

/** Valid and unusual identifiers. */
export const identifier: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('d-ABCDEF123', 'e8d5a28f-eb01-4f3c-9454-a30ba6dc54bc', 'arn:aws:ecs:eu-west-1:1:x/y'),
  fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
);
