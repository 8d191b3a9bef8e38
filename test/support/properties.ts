import fc from 'fast-check';

/**
 * Seed of every property. All runs use the same cases, so that only a change of the code changes the result.
 * `PROPERTY_SEED=random npm test` uses new cases, and prints the seed to reproduce a failure.
 */
export const seed = seedOf(process.env['PROPERTY_SEED'] ?? '1');

/** Factor of the number of cases of the long properties, from `PROPERTY_RUNS`: 10 is ten times as many. */
export const factor = Number(process.env['PROPERTY_RUNS'] ?? 1);

fc.configureGlobal({ seed });

function seedOf(wanted: string): number {
  return wanted === 'random' ? Date.now() % 2 ** 31 : Number(wanted);
}
