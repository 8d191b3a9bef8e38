import type { Check, CheckContext, TrafficTarget, TrafficWeights } from '../../src/traffic/types.js';

/** Overwrites all writable values of an object. */
export function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const inner: unknown = Reflect.get(value, key);
    if (typeof inner === 'object') spoil(inner);
    else if (typeof inner === 'number') Reflect.set(value, key, 93);
  }
}

/**
 * Creates a target that keeps references to its arguments and results. It returns the same object each time, with further fields
 * besides the two shares, and overwrites its arguments.
 */
export function hostileTarget(target: TrafficTarget): TrafficTarget {
  const live: Record<string, unknown> = { etags: new Map(), version: 1n };
  return {
    description: target.description,
    readWeights: async (options) => {
      const weights = await target.readWeights(options);
      for (const it of options?.expected ?? []) spoil(it);
      return Object.assign(live, weights) as unknown as TrafficWeights;
    },
    writeWeights: async (weights, options) => {
      spoil(live);
      const copy = { blue: weights.blue, green: weights.green };
      spoil(weights);
      await target.writeWeights(copy, options);
    },
    nearestWeights: (weights) => {
      const nearest = { ...(target.nearestWeights?.(weights) ?? weights), scale: Number.NaN };
      spoil(weights);
      return nearest;
    },
    ...(target.propagationSeconds && { propagationSeconds: () => target.propagationSeconds?.() ?? 0 }),
    ...(target.readHealth && {
      readHealth: async (stack, options) =>
        ({ ...(await target.readHealth?.(stack, options)), more: 1n }) as never,
    }),
  };
}

/** Creates a check that overwrites its context, and throws values of any kind. */
export function hostileCheck(check: Check, thrown: unknown): Check {
  return {
    ...check,
    evaluate: async (context: CheckContext) => {
      const { weights } = context;
      try {
        const result = await check.evaluate({ ...context, weights: { ...weights } });
        spoil(weights);
        return { ...result, value: Number.NaN, more: new Map() };
      } catch {
        throw thrown;
      }
    },
  };
}

/** Unusual thrown values, by index. */
export const thrownValues: readonly (() => unknown)[] = [
  () => undefined,
  () => Object.create(null),
  () => Object.freeze(new Error('frozen')),
  () => Symbol('thrown'),
  () => ({
    toString() {
      throw new Error('no text');
    },
  }),
];
