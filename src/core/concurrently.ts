import { OperationAbortedError, SeveralFailuresError } from './errors.js';

/** How many calls go side by side: well below every control-plane rate that AWS documents for these services. */
const defaultConcurrency = 8;

/**
 * Runs a task for every item, some of them side by side, and gives the results in the items' order. Every item is
 * tried, also after one has failed, so that one broken resource does not keep the others from being switched.
 *
 * @throws the only failure as it is, or a {@link SeveralFailuresError} with all of them. An abort is one failure, however
 * many items it befalls.
 */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
  concurrency: number = defaultConcurrency,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const errors: unknown[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      try {
        results[index] = await task(item);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  const isOneFailure = errors.length === 1 || errors.every((error) => error instanceof OperationAbortedError);
  if (errors.length > 0)
    throw isOneFailure ? errors[0] : new SeveralFailuresError({ errors, total: items.length });
  return results;
}
