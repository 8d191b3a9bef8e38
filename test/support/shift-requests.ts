import fc from 'fast-check';
import { codeDeployConfigNames } from '../../src/traffic/strategies/codedeploy-config.js';

const time = fc.oneof(fc.constantFrom(0, 60, 300, 3600), fc.double({ min: 0, max: 10_000, noNaN: true }));
/** Large enough that a shift of these steps takes fewer than a thousand calls. */
const share = fc.oneof(fc.integer({ min: 4, max: 99 }), fc.double({ min: 4, max: 99.9, noNaN: true }));

const strategy = fc.oneof(
  fc.constantFrom(...codeDeployConfigNames),
  fc.record({ type: fc.constant('allAtOnce'), bakeSeconds: time }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('canary'), percent: share, holdSeconds: time }),
  fc.record({ type: fc.constant('linear'), stepPercent: share, intervalSeconds: time }),
  fc.record({
    type: fc.constant('exponential'),
    startPercent: share,
    factor: fc.double({ min: 1.2, max: 10, noNaN: true }),
    intervalSeconds: time,
  }),
  fc.record({
    name: fc.constantFrom('mine', 'careful'),
    steps: fc
      .tuple(fc.uniqueArray(share, { maxLength: 4 }), time)
      .map(([shares, holdSeconds]) =>
        [...shares.toSorted((one, other) => one - other), 100].map((percent) => ({ percent, holdSeconds })),
      ),
  }),
);

/** A valid request for a shift. */
export const aShiftRequest: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    incoming: fc.constantFrom('blue', 'green'),
    strategy,
    acceptLiveWeights: fc.boolean(),
    approvalPercents: fc.array(fc.oneof(fc.constant(0), share), { maxLength: 3 }),
    maxDurationSeconds: fc.integer({ min: 20_000_000, max: 31_000_000 }),
  },
  { requiredKeys: ['incoming', 'strategy'] },
);

/** Removes, adds or replaces fields at any depth with arbitrary JSON. */
export function mutated(arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    kind: fc.constantFrom('leaveOut', 'add', 'replace', 'replace'),
    at: fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 5 }),
    value: fc.oneof(
      fc.constantFrom<unknown>(null, true, '', ' ', 0, -1, 1e308, '10', '5s', [], {}, 'NaN', '__proto__'),
      fc.jsonValue({ maxDepth: 2 }),
    ),
  });
  return fc
    .tuple(arbitrary, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => changes.reduce<unknown>(apply, structuredClone(value)));
}

type Change = { readonly kind: string; readonly at: readonly number[]; readonly value: unknown };

function apply(target: unknown, { kind, at: [position = 0, ...deeper], value }: Change): unknown {
  if (typeof target !== 'object' || target === null) return value;
  const keys = Object.keys(target);
  const key = keys[position % Math.max(1, keys.length)];
  if (key === undefined) return Array.isArray(target) ? [value] : { ...target, extra: value };
  const child: unknown = Reflect.get(target, key);
  const isDeeper = deeper.length > 0 && typeof child === 'object' && child !== null;
  if (Array.isArray(target)) {
    const changed = isDeeper
      ? [apply(child, { kind, at: deeper, value })]
      : kind === 'leaveOut'
        ? []
        : [value];
    return target.toSpliced(Number(key), kind === 'add' && !isDeeper ? 0 : 1, ...changed);
  }
  if (isDeeper) return { ...target, [key]: apply(child, { kind, at: deeper, value }) };
  if (kind === 'leaveOut') return Object.fromEntries(Object.entries(target).filter(([it]) => it !== key));
  return kind === 'add' ? { ...target, [`${key}X`]: value } : { ...target, [key]: value };
}
