import type { Service } from '@aws-sdk/client-ecs';
import { ResourceStateError } from '../core/errors.js';
import { decideStability, primaryRollout, type ServiceStability, usesTaskSets } from './service-stability.js';

/** Two looks in a row without a trace: a single one may be older than the update that was just made. */
const conclusiveAbsences = 2;

/** Follows one wait for a service: what a later look means depends on what an earlier one has seen. */
export class RolloutWatch {
  readonly #resource: string;
  #wanted: string | undefined;
  #wasSeen = false;
  #absences = 0;

  /** Without a wanted task definition it is the one that the first look finds the service on, or on its way to. */
  constructor(resource: string, wanted: string | undefined) {
    this.#resource = resource;
    this.#wanted = wanted;
  }

  /** @throws ResourceStateError when the wanted task definition will not come any more. */
  look(service: Service): ServiceStability {
    this.#wanted ??= primaryRollout(service)?.taskDefinition;
    if (this.#wanted === undefined) return { state: 'pending', seen: 'no PRIMARY deployment or task set' };
    const stability = decideStability(service, this.#wanted);
    this.#absences = stability.state === 'absent' ? this.#absences + 1 : 0;
    this.#wasSeen ||= stability.state !== 'absent';
    if (stability.state === 'failed' || (stability.state === 'absent' && this.#isGone(service))) {
      throw new ResourceStateError(`The rollout of ${this.#resource} failed or was rolled back`, {
        resource: this.#resource,
        expected: this.#wanted,
        seen: stability.seen,
        remedy: "The service's events and its stopped tasks tell why",
      });
    }
    return stability;
  }

  /** A task set is made some time after the deployment has begun, so its absence alone says nothing. */
  #isGone(service: Service): boolean {
    return this.#wasSeen || (!usesTaskSets(service) && this.#absences >= conclusiveAbsences);
  }
}
