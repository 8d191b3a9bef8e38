import { ElapsedTime } from '../../core/elapsed-time.js';
import { ResourceStateError } from '../../core/errors.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { retryPassing } from '../retry-passing.js';
import type { RolloutContext } from '../rollout-context.js';
import type { Canary } from './canary.js';
import { readTarget, type TargetState } from './canary-targets.js';

/** Seconds that a state may be neither healthy nor unhealthy, such as `unavailable`. */
const maxUnclearSeconds = 60;

/** States of a registered target that is not, or no longer, fit for traffic. All others may pass. */
const unfitStates: readonly string[] = ['unhealthy', 'unhealthy.draining', 'draining', 'unused'];

/** Reads the canary and its state in its target groups. */
export class TargetWatch {
  readonly #context: RolloutContext;
  readonly #canary: Canary;
  readonly #emitted = new Map<string, string>();
  #unclearSince: ElapsedTime | undefined;

  constructor(context: RolloutContext, canary: Canary) {
    this.#context = context;
    this.#canary = canary;
  }

  /** Reads the canary and its targets once, and emits the changes. */
  async read(): Promise<TargetState[]> {
    await this.#canary.read(this.#context);
    const states = await mapConcurrently(this.#canary.targets, (target) => readTarget(this.#context, target));
    for (const { target, state, detail } of states) {
      const { targetGroupArn, port } = target;
      const key = `${targetGroupArn} ${port}`;
      if (this.#emitted.get(key) === state) continue;
      this.#emitted.set(key, state);
      this.#context.emit({ type: 'targetHealthChanged', targetGroupArn, state, detail });
    }
    return states;
  }

  /**
   * Returns true when the canary, once healthy, still is, and false while that is unclear.
   *
   * @throws ResourceStateError when it is no longer healthy, or has been unclear for a minute; the last failure when it
   * cannot be read for a minute
   */
  async isStillHealthy(): Promise<boolean> {
    const states = await retryPassing(this.#context, () => this.read());
    if (states.every((it) => isFit(this.#canary, it))) {
      this.#unclearSince = undefined;
      return true;
    }
    this.#unclearSince ??= new ElapsedTime(this.#context.clock);
    const isUnfit = states.some((it) => !isFit(this.#canary, it) && unfitStates.includes(it.state));
    if (!isUnfit && this.#unclearSince.seconds < maxUnclearSeconds) return false;
    throw new ResourceStateError(`Canary of ${this.#context.resource} did not stay healthy`, {
      resource: this.#canary.taskArn,
      expected: 'a healthy target in every target group of the service',
      actual: describeStates(states),
      remedy: "Check the target groups' health checks and the containers' logs",
    });
  }
}

/** True when a target is healthy, or unused and that is accepted. */
export function isFit({ acceptsUnused }: Canary, { state, isNotInUse }: TargetState): boolean {
  return state === 'healthy' || (acceptsUnused && isNotInUse);
}

export function describeStates(states: readonly TargetState[]): string {
  return states
    .map(({ target, state, detail }) => `${state} in ${target.targetGroupArn}${detail ? ` (${detail})` : ''}`)
    .join(', ');
}
