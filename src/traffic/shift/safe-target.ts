import type { CallOptions } from '../../core/aws-call.js';
import { describeValue } from '../../core/describe-value.js';
import { UnexpectedResponseError } from '../../core/errors.js';
import type { StackReference } from '../../core/stack-reference.js';
import type {
  ReadWeightsOptions,
  SetupChange,
  SetupProgress,
  TargetHealth,
  TargetSetup,
  TrafficTarget,
  TrafficWeights,
  WriteWeightsOptions,
} from '../types.js';
import { describeWeights, isPair } from '../weights.js';

/** Target with every method that the shifter calls. */
export interface SafeTarget extends TrafficTarget {
  nearestWeights(weights: TrafficWeights): TrafficWeights;
  /** Returns 0 for a target without `propagationSeconds`. */
  propagationSeconds(): number;
  /** Returns undefined for a target without `readHealth`. */
  healthOf(stack: StackReference, options: CallOptions): Promise<TargetHealth | undefined>;
  /** True for a target that can change more than its weights. */
  readonly hasSetup: boolean;
  /** Returns undefined for a target that changes only its weights. */
  setupOf(incoming: StackReference, options: CallOptions): Promise<TargetSetup | undefined>;
  setupChanged(change: SetupChange): Promise<SetupProgress>;
}

/**
 * Wraps a target. Its responses are validated and copied, and it receives copies, so that a later change of an object on
 * either side has no effect on the other.
 */
export function safeTarget(target: TrafficTarget): SafeTarget {
  const { description } = target;
  const hasSetup = target.readSetup !== undefined && target.changeSetup !== undefined;
  const parseWeights = (action: string, given: unknown) =>
    weightsIn(given, { action, resource: description });
  return {
    description,
    async readWeights({ expected, ...options }: ReadWeightsOptions = {}) {
      const copies = expected?.map((it) => ({ ...it }));
      const given: unknown = await target.readWeights({ ...options, ...(copies && { expected: copies }) });
      return parseWeights('readWeights', given);
    },
    async writeWeights({ blue, green }: TrafficWeights, options?: WriteWeightsOptions) {
      await target.writeWeights({ blue, green }, options);
    },
    nearestWeights({ blue, green }) {
      const given: unknown = target.nearestWeights?.({ blue, green });
      return target.nearestWeights === undefined ? { blue, green } : parseWeights('nearestWeights', given);
    },
    propagationSeconds() {
      if (target.propagationSeconds === undefined) return 0;
      const given: unknown = target.propagationSeconds();
      if (isSeconds(given)) return given;
      const call = { action: 'propagationSeconds', resource: description };
      throw new UnexpectedResponseError({
        ...call,
        field: 'seconds, 0 to one week',
        actual: describeValue(given),
      });
    },
    async healthOf(stack, options) {
      if (target.readHealth === undefined) return undefined;
      const given: unknown = await target.readHealth(stack, options);
      return healthIn(given, { action: 'readHealth', resource: description });
    },
    hasSetup,
    async setupOf(incoming, options) {
      const given: unknown = await target.readSetup?.(incoming, options);
      const setup = setupIn(given, { action: 'readSetup', resource: description });
      // A change that can be read but not made would never end.
      return hasSetup ? setup : undefined;
    },
    async setupChanged(change) {
      const given: unknown = await target.changeSetup?.(structuredClone(change));
      return progressIn(given, { action: 'changeSetup', resource: description });
    },
  };
}

function setupIn(given: unknown, call: TargetCall): TargetSetup | undefined {
  if (given === undefined) return undefined;
  try {
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
      return JSON.parse(JSON.stringify(given));
    }
  } catch {
    // Falls through: JSON cannot hold it.
  }
  throw new UnexpectedResponseError({ ...call, field: 'plain JSON', actual: describeValue(given) });
}

function progressIn(given: unknown, call: TargetCall): SetupProgress {
  const { status, detail } = fieldsOf(given);
  const known = (['written', 'pending', 'done', 'unneeded'] as const).find((it) => it === status);
  if (known !== undefined) return { status: known, ...(typeof detail === 'string' && { detail }) };
  throw new UnexpectedResponseError({
    ...call,
    field: 'a known status',
    actual: describeFields({ status }, given),
  });
}
/** Longest propagation time: a week is the greatest TTL that a resolver respects. */
const maxPropagationSeconds = 604_800;

interface TargetCall {
  readonly action: string;
  readonly resource: string;
}

function weightsIn(given: unknown, call: TargetCall): TrafficWeights {
  const { blue, green } = fieldsOf(given);
  const weights = { blue, green };
  if (isPair(weights)) return weights;
  const isNumbers = typeof blue === 'number' && typeof green === 'number';
  const actual = isNumbers ? describeWeights({ blue, green }) : describeFields({ blue, green }, given);
  throw new UnexpectedResponseError({ ...call, field: 'weights that are 100 % together', actual });
}

function healthIn(given: unknown, call: TargetCall): TargetHealth {
  const { healthy, total, pending, detail } = fieldsOf(given);
  if (isCount(healthy) && isCount(total) && healthy <= total) {
    return {
      healthy,
      total,
      ...(isCount(pending) && { pending }),
      ...(typeof detail === 'string' && { detail }),
    };
  }
  const field = 'whole numbers healthy and total, 0 ≤ healthy ≤ total';
  throw new UnexpectedResponseError({ ...call, field, actual: describeFields({ healthy, total }, given) });
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= maxPropagationSeconds;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function fieldsOf(given: unknown): Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null ? { ...given } : {};
}

function describeFields(fields: Readonly<Record<string, unknown>>, given: unknown): string {
  if (typeof given !== 'object' || given === null) return describeValue(given);
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${describeValue(value)}`)
    .join(', ');
}
