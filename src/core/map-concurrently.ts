import { MultipleFailuresError, OperationAbortedError, ToolkitError } from './errors.js';
import { isThrottle } from './failures.js';
import { recordedCall } from './recorded-calls.js';

/** Calls that run side by side until AWS throttles. */
const defaultConcurrency = 8;

/** Repetitions of an item after AWS has throttled it in spite of the SDK's own retries. */
const maxRepeats = 5;

/**
 * Runs a task for every item, some of them side by side, and returns the results in the items' order. Every item is
 * tried, also after one has failed, so that one broken resource does not keep the others from being switched. While AWS
 * throttles, fewer tasks run side by side. A throttled task is repeated, so a task has to be repeatable.
 *
 * @throws The only failure as it is, when there is one item or its message names the item; a {@link MultipleFailuresError}
 * otherwise, which names the resource of each failed call. An abort is one failure, however many items it ends.
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
        // The SDK has waited already, and many repetitions at a time use up the rate for one another.
        if (workers > 1) break;
      }
    }
    workers -= 1;
  };
  await Promise.all(Array.from({ length: workers }, worker));
  if (errors.length === 0) return results;
  const isOneFailure =
    (errors.length === 1 && (items.length === 1 || namesItsItem(errors[0]))) ||
    errors.every((error) => error instanceof OperationAbortedError);
  throw isOneFailure ? errors[0] : new MultipleFailuresError({ errors, total: items.length });
}

/** False for an error of AWS, whose message need not say which of the resources it is about. */
function namesItsItem(error: unknown): boolean {
  return ToolkitError.isInstance(error) || recordedCall(error) === undefined;
}
