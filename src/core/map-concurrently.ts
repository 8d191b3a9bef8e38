import { MultipleFailuresError, OperationAbortedError } from './errors.js';
import { isThrottle } from './failures.js';

/** How many calls go side by side until AWS throttles. */
const defaultConcurrency = 8;

/** How often an item is tried again after AWS has throttled it, and the SDK's own retries with it. */
const maxRepeats = 5;

/**
 * Runs a task for every item, some of them side by side, and gives the results in the items' order. Every item is
 * tried, also after one has failed, so that one broken resource does not keep the others from being switched. While AWS
 * throttles, fewer go side by side, and what was throttled is tried again, so a task has to be repeatable.
 *
 * @throws the only failure as it is, or a {@link MultipleFailuresError} with all of them. An abort is one failure, however
 * many items it befalls.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
  concurrency: number = defaultConcurrency,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const errors: unknown[] = [];
  const queue = items.map((item, index) => ({ item, index, repeats: 0 }));
  let workers = Math.min(concurrency, items.length);
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        results[next.index] = await task(next.item);
      } catch (error) {
        if (next.repeats === maxRepeats || !isThrottle(error)) {
          errors.push(error);
          continue;
        }
        queue.push({ ...next, repeats: next.repeats + 1 });
        // The SDK has waited already, and many who try again use the rate up for one another.
        if (workers > 1) break;
      }
    }
    workers -= 1;
  };
  await Promise.all(Array.from({ length: workers }, worker));
  const isOneFailure = errors.length === 1 || errors.every((error) => error instanceof OperationAbortedError);
  if (errors.length > 0)
    throw isOneFailure ? errors[0] : new MultipleFailuresError({ errors, total: items.length });
  return results;
}
