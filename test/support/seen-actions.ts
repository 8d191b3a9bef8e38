import type { SimulatedCloud } from '../../src/testing/index.js';

/** Operations whose permission has another name. */
const actionsOfOperations = new Map([['lambda:Invoke', 'lambda:InvokeFunction']]);

/** The IAM actions of the calls that a cloud saw, since some number of calls, each once. */
export function actionsSeen({ calls }: Pick<SimulatedCloud, 'calls'>, since = 0): string[] {
  const actions = calls.slice(since).map(({ action }) => actionsOfOperations.get(action) ?? action);
  return [...new Set(actions)].sort();
}

/**
 * Carries something out, and gives the actions of the calls that were made within one method of a class: what else has to
 * be done before and after does not count.
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
      for (const action of actionsSeen(cloud, before)) actions.add(action);
    }
  });
  try {
    return { result: await act(), actions: [...actions].sort() };
  } finally {
    Reflect.set(prototype, method, original);
  }
}
