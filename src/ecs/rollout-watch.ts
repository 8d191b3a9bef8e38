import type { Service } from '@aws-sdk/client-ecs';
import { ResourceStateError } from '../core/errors.js';
import { decideStability, primaryRollout, type ServiceStability, usesTaskSets } from './service-stability.js';

/** Equal readings in a row that rule out a response from before a change that was just made. */
const conclusiveReadings = 2;

/** Judges the readings of one wait for a stable service. The meaning of a reading depends on the earlier ones. */
export class RolloutWatch {
  readonly #resource: string;
  #wanted: string | undefined;
  readonly #countSet: number | undefined;
  #wasSeen = false;
  #absences = 0;
  #otherCounts = 0;

  constructor(options: {
    readonly resource: string;
    /** The wanted task definition; when undefined, that of the first reading's PRIMARY deployment or task set. */
    readonly wanted: string | undefined;
    /** The desired count that this process set last. Scaling or another process may have set another one since. */
    readonly countSet: number | undefined;
  }) {
    this.#resource = options.resource;
    this.#wanted = options.wanted;
    this.#countSet = options.countSet;
  }

  /** @throws ResourceStateError when the rollout of the wanted task definition failed or was rolled back. */
  judge(service: Service): ServiceStability {
    this.#wanted ??= primaryRollout(service)?.taskDefinition;
    if (this.#wanted === undefined) return { state: 'pending', actual: 'no PRIMARY deployment or task set' };
    const stability = decideStability(service, this.#wanted);
    this.#absences = stability.state === 'absent' ? this.#absences + 1 : 0;
    this.#wasSeen ||= stability.state !== 'absent';
    if (stability.state === 'failed' || (stability.state === 'absent' && this.#isGone(service))) {
      throw new ResourceStateError(`Rollout of ${this.#resource} failed or was rolled back`, {
        resource: this.#resource,
        expected: this.#wanted,
        actual: stability.actual,
        remedy: "Read the service's events and the reasons of its stopped tasks",
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
    return isOther && this.#otherCounts < conclusiveReadings;
  }

  /** A task set is created some time after the start of its deployment, so only one that was read before can be gone. */
  #isGone(service: Service): boolean {
    return usesTaskSets(service) ? this.#wasSeen : this.#absences >= conclusiveReadings;
  }
}
