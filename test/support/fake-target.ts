import type { Clock } from '../../src/core/clock.js';
import { AccessDeniedError, ResourceStateError } from '../../src/core/errors.js';
import type {
  ReadWeightsOptions,
  TargetHealth,
  TrafficTarget,
  TrafficWeights,
} from '../../src/traffic/types.js';
import { fromScale, toScale } from '../../src/traffic/weights.js';

/**
 * Fault of one call of a {@link FakeTarget}:
 * - `throw`: the call fails without a change; `denied`: the permission is missing;
 * - `lostResponse`: the change takes effect, but the call fails;
 * - `stale`: a read returns the rule before the last changes, by their number;
 * - `external`: an external write sets weights right before the call (the other fields show it by a higher priority);
 * - `intruder`: an external write adds a third destination right before the call;
 * - `crashBefore`, `crashAfter`: the process stops before or after the call: a `Crash` is thrown.
 */
export type CallFault =
  | { readonly kind: 'throw' | 'denied' | 'lostResponse' | 'intruder' | 'crashBefore' | 'crashAfter' }
  | { readonly kind: 'stale'; readonly changes: number }
  | { readonly kind: 'external'; readonly weights: TrafficWeights };

/** Thrown when the calling process stops. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** Rule as its service stores it: every write replaces the whole rule. */
export interface FakeRule {
  readonly weights: TrafficWeights;
  readonly priority: number;
  readonly conditions: readonly string[];
  readonly stickinessSeconds: number;
}

/** A call and its outcome. */
export interface FakeCall {
  readonly kind: 'read' | 'write' | 'health';
  readonly at: number;
  /** Weights that a read returned, or that a write sent. */
  readonly weights?: TrafficWeights;
  readonly outcome: 'ok' | 'failed';
  readonly options: ReadWeightsOptions | undefined;
}

/** A change of the rule, with the weights that it made live. */
export interface FakeChange {
  readonly by: 'shifter' | 'external write' | 'repair' | 'setup';
  readonly weights: TrafficWeights;
  /** Number of calls before the change. */
  readonly callsBefore: number;
}

/** Options of {@link FakeTarget}. */
export interface FakeTargetOptions {
  readonly clock: Clock;
  /** @default all to blue */
  readonly weights?: TrafficWeights;
  /**
   * Sum of the two whole numbers of the service; undefined: the target holds every weight.
   * @default none
   */
  readonly scale?: number | undefined;
  /**
   * Seconds until a change is seen by reads.
   * @default 0
   */
  readonly delaySeconds?: number;
  /**
   * Seconds until all clients follow weights that were read back.
   * @default 0, without the method
   */
  readonly propagationSeconds?: number;
  /** Healthy instances of each stack; undefined: the target cannot read health. */
  readonly healthy?: number;
  /** Faults by number of the call, from 1. */
  readonly faults?: ReadonlyMap<number, CallFault>;
}

/** Rule in memory, whose calls can fail in every way that AWS calls do. */
export class FakeTarget implements TrafficTarget {
  readonly description = 'fake rule 1';
  readonly calls: FakeCall[] = [];
  readonly changes: FakeChange[] = [];
  readonly faults: Map<number, CallFault>;
  /** Seconds until a change is seen by reads. */
  delaySeconds: number;
  readonly nearestWeights?: (weights: TrafficWeights) => TrafficWeights;
  readonly propagationSeconds?: () => number;
  readonly readHealth?: () => Promise<TargetHealth>;

  readonly #clock: Clock;
  readonly #versions: { readonly rule: FakeRule; readonly visibleAt: number }[] = [];
  #hasIntruder = false;
  #lastRead: FakeRule | undefined;

  constructor(options: FakeTargetOptions) {
    const { clock, weights = { blue: 100, green: 0 }, scale, healthy, propagationSeconds = 0 } = options;
    this.#clock = clock;
    this.faults = new Map(options.faults);
    this.delaySeconds = options.delaySeconds ?? 0;
    const rule = { weights, priority: 10, conditions: ['/orders/*'], stickinessSeconds: 600 };
    this.#versions.push({ rule, visibleAt: clock.now() });
    this.#remember('setup', weights);
    if (scale !== undefined) {
      this.nearestWeights = (wanted) => fromScale(toScale(wanted, scale)) ?? wanted;
    }
    if (propagationSeconds > 0) this.propagationSeconds = () => propagationSeconds;
    if (healthy !== undefined) {
      this.readHealth = async () => {
        this.calls.push({ kind: 'health', at: clock.now(), outcome: 'ok', options: undefined });
        return { healthy, total: 2, ...(healthy < 2 && { detail: 'one is starting' }) };
      };
    }
  }

  /** Rule as the service stores it now, whatever reads return. */
  get rule(): FakeRule {
    const rule = this.#versions.at(-1)?.rule;
    if (rule === undefined) throw new TypeError('There is always a rule');
    return rule;
  }

  get writes(): TrafficWeights[] {
    return this.calls.filter(({ kind }) => kind === 'write').flatMap(({ weights }) => weights ?? []);
  }

  /** Writes weights outside the shift. */
  externalWrite(weights: TrafficWeights, { priority = this.rule.priority } = {}): void {
    this.#change('external write', { ...this.rule, weights, priority });
  }

  /** Removes the third destination, and restores the weights. */
  repair(weights: TrafficWeights): void {
    this.#hasIntruder = false;
    this.#change('repair', { ...this.rule, weights });
  }

  /** Adds or removes a third destination outside the shift. */
  setIntruder(isThere: boolean): void {
    this.#hasIntruder = isThere;
  }

  async readWeights(options?: ReadWeightsOptions): Promise<TrafficWeights> {
    this.#lastRead = undefined;
    const fault = this.#begin();
    const seen = this.#visible(fault?.kind === 'stale' ? fault.changes : 0);
    const hasFailed = fault !== undefined && fails(fault);
    const isOk = !hasFailed && !this.#hasIntruder;
    this.#record({
      kind: 'read',
      outcome: isOk ? 'ok' : 'failed',
      ...(isOk && { weights: seen.weights }),
      options,
    });
    if (hasFailed) throw errorOf(fault);
    if (this.#hasIntruder)
      throw new ResourceStateError('There are other destinations than the two stacks', {
        resource: this.description,
      });
    this.#lastRead = seen;
    return seen.weights;
  }

  async writeWeights(weights: TrafficWeights, options?: ReadWeightsOptions): Promise<void> {
    const read = this.#lastRead ?? this.rule;
    this.#lastRead = undefined;
    const fault = this.#begin();
    const hasFailed = fault !== undefined && fails(fault);
    const isMade = !hasFailed || fault.kind === 'lostResponse' || fault.kind === 'crashAfter';
    if (isMade) this.#change('shifter', { ...read, weights: this.nearestWeights?.(weights) ?? weights });
    this.#record({ kind: 'write', outcome: hasFailed ? 'failed' : 'ok', weights, options });
    if (hasFailed) throw errorOf(fault);
  }

  #begin(): CallFault | undefined {
    const fault = this.faults.get(this.calls.length + 1);
    if (fault?.kind === 'external') this.externalWrite(fault.weights, { priority: this.rule.priority + 1 });
    if (fault?.kind === 'intruder') this.#hasIntruder = true;
    return fault;
  }

  #record(call: Omit<FakeCall, 'at'>): void {
    this.calls.push({ ...call, at: this.#clock.now() });
  }

  #change(by: FakeChange['by'], rule: FakeRule): void {
    this.#versions.push({ rule, visibleAt: this.#clock.now() + this.delaySeconds * 1000 });
    this.#remember(by, rule.weights);
  }

  #remember(by: FakeChange['by'], weights: TrafficWeights): void {
    this.changes.push({ by, weights, callsBefore: this.calls.length });
  }

  #visible(changesAgo: number): FakeRule {
    const now = this.#clock.now();
    const newest = this.#versions.findLastIndex(({ visibleAt }) => visibleAt <= now);
    return this.#versions[Math.max(0, newest - changesAgo)]?.rule ?? this.rule;
  }
}

function fails(fault: CallFault): boolean {
  return ['throw', 'denied', 'lostResponse', 'crashBefore', 'crashAfter'].includes(fault.kind);
}

function errorOf(fault: CallFault): Error {
  if (fault.kind === 'crashBefore' || fault.kind === 'crashAfter')
    return new Crash('The process has stopped');
  if (fault.kind === 'denied') {
    return new AccessDeniedError({ action: 'fake:Call', resource: 'fake rule 1', cause: undefined });
  }
  return new Error(`The call failed (${fault.kind})`);
}
