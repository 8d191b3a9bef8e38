import type { SimulatedCloud } from '../../src/testing/index.js';

/** Operations whose permission has another name. */
const actionsOfOperations = new Map([['lambda:Invoke', 'lambda:InvokeFunction']]);

/** Returns the distinct IAM actions of a cloud's calls after the first `since` calls. */
export function recordedActions({ calls }: Pick<SimulatedCloud, 'calls'>, since = 0): string[] {
  const actions = calls.slice(since).map(({ action }) => actionsOfOperations.get(action) ?? action);
  return [...new Set(actions)].sort();
}

/**
 * Runs some work, and returns the actions of the calls within one method of a class, without those before and after.
 */
export async function actionsWithin(
  cloud: SimulatedCloud,
  prototype: object,
  method: string,
  act: () => Promise<unknown>,
): Promise<{ readonly result: unknown; readonly actions: string[] }> {
  const original: unknown = Reflect.get(prototype, method);
  if (typeof original !== 'function') throw new TypeError(`There is no method ${method}`);
  const actions = new Set<string>();
  Reflect.set(prototype, method, async function recorded(this: unknown, ...args: unknown[]) {
    const before = cloud.calls.length;
    try {
      return await original.apply(this, args);
    } finally {
      for (const action of recordedActions(cloud, before)) actions.add(action);
    }
  });
  try {
    return { result: await act(), actions: [...actions].sort() };
  } finally {
    Reflect.set(prototype, method, original);
  }
}
