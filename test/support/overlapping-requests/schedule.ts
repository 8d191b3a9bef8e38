/** Engine that runs the requests. */
export type OverlapEngine = 'lambda' | 'stateMachine' | 'durable';

/** One operation on the stack. */
export interface Operation {
  readonly kind: 'update' | 'delete';
  /** The wanted share of green, in percent. */
  readonly green: number;
  readonly priority: number;
  /** Seconds after its request at which CloudFormation replaces it by the old properties. */
  readonly cancelAfterSeconds: number | undefined;
  /** Seconds until the next operation. */
  readonly pauseSeconds: number;
  /** Seconds until Lambda delivers the request. */
  readonly delaySeconds: number;
  /** Seconds until Lambda delivers it a second time. */
  readonly duplicateAfterSeconds: number | undefined;
}

/**
 * Fault of a call, after the SDK's own retries: `late` is a slow call that takes effect after it was
 * aborted.
 */
export type FaultKind = 'throttle' | 'serverError' | 'lostResponse' | 'timeout' | 'late';

/** Faults of the calls to Elastic Load Balancing. */
export interface Faults {
  /** Share of the calls with a fault. */
  readonly rate: number;
  /** Calls of `ModifyRule` in a row with a fault. */
  readonly burst: { readonly from: number; readonly length: number; readonly kind: FaultKind } | undefined;
  /** Maximum number of invocations that crash. */
  readonly crashes: number;
}

/** Overlapping requests and their faults. */
export interface OverlapSchedule {
  readonly seed: number;
  readonly engine: OverlapEngine;
  readonly firstGreen: number;
  readonly stepWeight: number;
  readonly stepSeconds: number;
  readonly operations: readonly Operation[];
  readonly faults: Faults;
}

/** Returns numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Picks one of several values. */
export type Pick = <Value>(...values: readonly Value[]) => Value;

/** Returns a function that picks at random. */
export function pickBy(random: () => number): Pick {
  return <Value>(...values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
}

const engines: readonly OverlapEngine[] = [
  ...Array<OverlapEngine>(5).fill('lambda'),
  'stateMachine',
  'stateMachine',
  'durable',
];
const shares = [0, 20, 50, 80, 100];
const gaps = [0, 0.3, 1, 2, 3, 5, 8, 12, 20, 40, 90, 200, 600];

/** Creates a schedule from a seed. */
export function scheduleOf(seed: number): OverlapSchedule {
  const random = randomOf(seed);
  const pick = pickBy(random);
  const engine = pick(...engines);
  const operations = operationsOf(random, pick);
  // Crashes of a durable function are tested with its journal, and without a rule there is no ledger.
  const mayCrash =
    engine !== 'durable' &&
    operations.every(({ kind, cancelAfterSeconds = 1 }) => kind === 'update' && cancelAfterSeconds >= 1);
  return {
    seed,
    engine,
    firstGreen: pick(...shares),
    stepWeight: pick(20, 34, 100, 100),
    stepSeconds: engine === 'lambda' ? pick(1, 5, 10) : pick(30, 60),
    operations,
    faults: {
      rate: pick(0, 0.02, 0.08),
      burst: random() < 0.5 ? burstOf(pick) : undefined,
      crashes: mayCrash ? pick(0, 0, 1, 2) : 0,
    },
  };
}

function operationsOf(random: () => number, pick: Pick): Operation[] {
  const count = pick(1, 1, 2, 2, 3);
  const isDeleted = random() < 0.15;
  return Array.from({ length: count }, (_, index) => {
    const cancelAfterSeconds = random() < 0.7 ? pick(...gaps) : undefined;
    // Requests of the same second are ordered by their records.
    const mayComeLate = !isDeleted && (cancelAfterSeconds ?? 1) >= 1;
    return {
      kind: isDeleted && index === count - 1 ? 'delete' : 'update',
      green: pick(...shares),
      priority: pick(11, 11, 12),
      cancelAfterSeconds,
      pauseSeconds: pick(1, 5, 30, 300),
      delaySeconds: mayComeLate && random() < 0.2 ? pick(...gaps) : 0,
      duplicateAfterSeconds: mayComeLate && random() < 0.2 ? pick(...gaps) : undefined,
    };
  });
}

function burstOf(pick: Pick): Faults['burst'] {
  return {
    from: pick(1, 1, 2, 3),
    length: pick(1, 2, 3, 5),
    kind: pick<FaultKind>('throttle', 'serverError', 'lostResponse', 'timeout', 'late'),
  };
}
