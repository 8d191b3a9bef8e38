import type { Service } from '@aws-sdk/client-ecs';
import { ResourceStateError } from '../core/errors.js';
import { decideStability, primaryRollout, type ServiceStability, usesTaskSets } from './service-stability.js';

/** Looks in a row that say what a single one may say only because it is older than a change that was just made. */
const conclusiveLooks = 2;

/** Follows one wait for a service: what a later look means depends on what an earlier one has actual. */
export class RolloutWatch {
  readonly #resource: string;
  #wanted: string | undefined;
  readonly #countSet: number | undefined;
  #wasSeen = false;
  #absences = 0;
  #otherCounts = 0;

  /** Without a wanted task definition it is the one that the first look finds the service on, or on its way to. */
  constructor(options: {
    readonly resource: string;
    readonly wanted: string | undefined;
    /** The desired count that was set last; scaling, or somebody else, may have set another one since. */
    readonly countSet: number | undefined;
  }) {
    this.#resource = options.resource;
    this.#wanted = options.wanted;
    this.#countSet = options.countSet;
  }

  /** @throws ResourceStateError when the wanted task definition will not come any more. */
  look(service: Service): ServiceStability {
    this.#wanted ??= primaryRollout(service)?.taskDefinition;
    if (this.#wanted === undefined) return { state: 'pending', actual: 'no PRIMARY deployment or task set' };
    const stability = decideStability(service, this.#wanted);
    this.#absences = stability.state === 'absent' ? this.#absences + 1 : 0;
    this.#wasSeen ||= stability.state !== 'absent';
    if (stability.state === 'failed' || (stability.state === 'absent' && this.#isGone(service))) {
      throw new ResourceStateError(`The rollout of ${this.#resource} failed or was rolled back`, {
        resource: this.#resource,
        expected: this.#wanted,
        actual: stability.actual,
        remedy: "The service's events and its stopped tasks tell why",
      });
    }
    return stability.state === 'stable' && this.#mayBeOutdated(service)
      ? {
          state: 'pending',
          actual: `a desired count of ${service.desiredCount} after ${this.#countSet} was set`,
        }
      : stability;
  }

  #mayBeOutdated({ desiredCount }: Service): boolean {
    const isOther = this.#countSet !== undefined && desiredCount !== this.#countSet;
    this.#otherCounts = isOther ? this.#otherCounts + 1 : 0;
    return isOther && this.#otherCounts < conclusiveLooks;
  }

  /** A task set is made some time after the deployment has begun, so its absence alone says nothing. */
  #isGone(service: Service): boolean {
    return this.#wasSeen || (!usesTaskSets(service) && this.#absences >= conclusiveLooks);
  }
}
