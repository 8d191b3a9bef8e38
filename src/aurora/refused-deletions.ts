import { isAwsError } from '../core/aws-call.js';
import { refusalsTolerated } from './context.js';

/** The resource that RDS refused to delete for now, in the state that it showed before. */
interface Refusal {
  readonly error: Error;
  readonly state: string;
  /** Refusals in this state. */
  readonly count: number;
  readonly round: number;
}

/** Rounds until a refusal in a state that should allow the deletion is tried again: 1, 2, 4, and then always 8. */
function roundsToWait({ count }: Refusal): number {
  return Math.min(8, 2 ** (count - 1));
}

/**
 * The refused deletions of one cluster and its members. RDS refuses a deletion until the state changes, so a deletion is
 * sent once for each state. In a state that should allow it, the refusal may be a race or a stale read, so the deletion is
 * retried.
 */
export class RefusedDeletions {
  readonly #refusals = new Map<string, Refusal>();
  #round = 0;

  /** Begins the next round. A resource is tried once in a round at most. */
  nextRound(): void {
    this.#round += 1;
  }

  /** True when the deletion of a resource in this state is due. */
  isDue(resource: string, state: string, shouldBeAllowed: boolean): boolean {
    const refusal = this.#refusals.get(resource);
    if (refusal === undefined) return true;
    if (refusal.round === this.#round) return false;
    return (
      refusal.state !== state || (shouldBeAllowed && this.#round >= refusal.round + roundsToWait(refusal))
    );
  }

  record(resource: string, state: string, error: Error): void {
    const last = this.#refusals.get(resource);
    const count = last?.state === state ? last.count + 1 : 1;
    this.#refusals.set(resource, { error, state, count, round: this.#round });
  }

  /** The last error with which RDS refused to delete one of these resources. */
  lastError(resources: readonly string[]): Error | undefined {
    const refusals = resources.flatMap((resource) => this.#refusals.get(resource) ?? []);
    return refusals.sort((one, other) => other.round - one.round)[0]?.error;
  }

  /** The error that RDS keeps reporting although the cluster is at rest: waiting cannot succeed. */
  lastingError(resources: readonly string[]): Error | undefined {
    return resources
      .flatMap((resource) => this.#refusals.get(resource) ?? [])
      .find(
        ({ error, count }) => count > refusalsTolerated && isAwsError(error, 'InvalidDBClusterStateFault'),
      )?.error;
  }
}
