import fc from 'fast-check';

/**
 * What every property begins its cases from. The same cases come in every run, so that a change is judged by what it
 * changes; `PROPERTY_SEED=random npm test` looks at new ones, and prints the seed that finds a failure again.
 */
export const seed = seedOf(process.env['PROPERTY_SEED'] ?? '1');

/** `PROPERTY_RUNS` changes how many cases the long properties have: 10 is ten times as many. */
export const factor = Number(process.env['PROPERTY_RUNS'] ?? 1);

fc.configureGlobal({ seed });

function seedOf(wanted: string): number {
  return wanted === 'random' ? Date.now() % 2 ** 31 : Number(wanted);
}
