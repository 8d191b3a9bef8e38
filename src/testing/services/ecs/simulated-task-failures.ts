import * as v from 'valibot';
import { nonEmptyString, seconds, strictObject, wholeNumber } from '../../../core/schemas.js';
import { parseInput } from '../../../core/validate.js';
import { familyOf, type StoredTaskDefinition } from './simulated-task-definitions.js';

/** Selects tasks of a `SimulatedEcs`. A task has to match every member. */
export interface SimulatedTaskSelection {
  /** The ARN, `family:revision` or family of their task definition. */
  readonly taskDefinition?: string;
  /** The image of one of their containers. */
  readonly image?: string;
  /** Limits the selection to tasks of services, or to tasks of RunTask and StartTask. */
  readonly among?: 'service' | 'standalone';
}

/** A failure of tasks of the `SimulatedEcs`. */
export type SimulatedTaskFailure =
  /** An image cannot be pulled: the task never runs. */
  | {
      /** Discriminates the failures. */
      readonly kind: 'imageNotFound';
    }
  /** An essential container exits, by default with code 1 and before the task is RUNNING. */
  | {
      /** Discriminates the failures. */
      readonly kind: 'exits';
      /** By default 1. */
      readonly exitCode?: number;
      /** Seconds that it runs before, by default 0. */
      readonly afterSeconds?: number;
    }
  /** The task stays PENDING for ever. */
  | {
      /** Discriminates the failures. */
      readonly kind: 'staysPending';
    }
  /** The containers that have a health check fail it. */
  | {
      /** Discriminates the failures. */
      readonly kind: 'containerUnhealthy';
    }
  /** The load balancer's health checks fail, by default in every target group. */
  | {
      /** Discriminates the failures. */
      readonly kind: 'targetUnhealthy';
      /** An ARN or a name, by default every group. */
      readonly targetGroup?: string;
    }
  /** The task cannot be placed. */
  | {
      /** Discriminates the failures. */
      readonly kind: 'noCapacity';
      /** The reason in the words of AWS, by default that of the launch type. */
      readonly reason?: string;
    };

const text = v.optional(nonEmptyString);
const selectionSchema = strictObject({
  taskDefinition: text,
  image: text,
  among: v.optional(v.picklist(['service', 'standalone'])),
});
const failureSchema = v.variant('kind', [
  strictObject({ kind: v.picklist(['imageNotFound', 'staysPending', 'containerUnhealthy']) }),
  strictObject({
    kind: v.literal('exits'),
    exitCode: v.optional(wholeNumber),
    afterSeconds: v.optional(seconds),
  }),
  strictObject({ kind: v.literal('targetUnhealthy'), targetGroup: text }),
  strictObject({ kind: v.literal('noCapacity'), reason: text }),
]);

/** The properties of a task that select its failures. */
export interface FailureCandidate {
  readonly taskDefinition: Pick<StoredTaskDefinition, 'arn' | 'definition'>;
  readonly isOfService: boolean;
}

/** The failures that a test has set. */
export class SimulatedTaskFailures {
  #entries: { readonly selection: SimulatedTaskSelection; readonly failure: SimulatedTaskFailure }[] = [];

  /** Adds a failure. Returns a function that removes it. */
  add(selection: SimulatedTaskSelection, failure: SimulatedTaskFailure): () => void {
    parseInput('failTasks selection', selectionSchema, selection);
    parseInput('failTasks failure', failureSchema, failure);
    const entry = { selection, failure };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /** Returns the first failure of this kind for the task, if any. */
  find<Kind extends SimulatedTaskFailure['kind']>(
    kind: Kind,
    candidate: FailureCandidate,
  ): Extract<SimulatedTaskFailure, { kind: Kind }> | undefined {
    return this.findAll(kind, candidate)[0];
  }

  /** Returns every failure of this kind for the task. */
  findAll<Kind extends SimulatedTaskFailure['kind']>(
    kind: Kind,
    candidate: FailureCandidate,
  ): Extract<SimulatedTaskFailure, { kind: Kind }>[] {
    return this.#entries
      .filter(({ selection }) => selects(selection, candidate))
      .map(({ failure }) => failure)
      .filter((failure): failure is Extract<SimulatedTaskFailure, { kind: Kind }> => failure.kind === kind);
  }
}

function selects(
  { taskDefinition, image, among }: SimulatedTaskSelection,
  { taskDefinition: { arn, definition }, isOfService }: FailureCandidate,
): boolean {
  if (among !== undefined && (among === 'service') !== isOfService) return false;
  if (image !== undefined && !definition.containerDefinitions?.some((container) => container.image === image))
    return false;
  return (
    taskDefinition === undefined ||
    taskDefinition === arn ||
    arn.endsWith(`:task-definition/${taskDefinition}`) ||
    taskDefinition === familyOf(arn)
  );
}
