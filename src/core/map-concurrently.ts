import { MultipleFailuresError, OperationAbortedError, ToolkitError } from './errors.js';
import { isThrottle } from './failures.js';
import { recordedCall } from './recorded-calls.js';

/** Number of tasks that run concurrently until AWS throttles. */
const defaultConcurrency = 8;

/** Maximum number of repetitions of an item that AWS still throttles after the SDK's retries. */
const maxRepeats = 5;

/**
 * Runs a task for every item, some of them concurrently, and returns the results in the order of the items. A failed item does
 * not stop the others, so that one broken resource does not block the rest. While AWS throttles, fewer tasks run concurrently.
 * A throttled task is repeated, so a task must be repeatable.
 *
 * @throws the only failure unchanged, when there is one item or its message names the item.
 * @throws MultipleFailuresError otherwise, which names the resource of each failed call. An abort counts as one failure.
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
        // The SDK has already waited, and concurrent repetitions exhaust the rate for one another.
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

/** False for an AWS error, whose message does not always name the resource. */
function namesItsItem(error: unknown): boolean {
  return ToolkitError.isInstance(error) || recordedCall(error) === undefined;
}
