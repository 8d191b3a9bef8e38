import * as v from 'valibot';
import { nonEmptyString, strictObject, time, wholeNumber } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { CheckTally } from '../traffic/shift/shift-state.js';
import type { EcsPauseRequest } from './pause-types.js';

/** Version of {@link EcsPauseState}. */
const stateVersion = 1;

/** A pause whose work is in progress. */
export interface PauseUnderWay {
  /** ID of the pause. */
  readonly hookId: string;
  /** Stage of the pause. */
  readonly stage: string;
  /** Time at which its work began: milliseconds since 1970. */
  readonly since: number;
  /** Names of the completed steps. */
  readonly stepsDone: readonly string[];
  /** Counts of the evaluations by check. */
  readonly tallies: Readonly<Record<string, CheckTally>>;
  /** Time of the next evaluation: milliseconds since 1970. */
  readonly nextCheckAt: number;
  /** Time at which ECS acts by itself. */
  readonly expiresAt?: number | undefined;
  /** Action of ECS at that time. */
  readonly timeoutAction?: string | undefined;
  /** Time since which ECS no longer lists the pause: milliseconds since 1970. */
  readonly missingSince?: number | undefined;
}

/** State of `EcsPause`: plain JSON. Treat it as opaque. */
export interface EcsPauseState {
  /** Version of the form. */
  readonly version: 1;
  /** ARN of the service deployment. */
  readonly serviceDeploymentArn: string;
  /** Only pause to respond to. */
  readonly hookId?: string | undefined;
  /** Stage of that pause, from its event. */
  readonly lifecycleStage?: string | undefined;
  /** False when the run ends with the response. */
  readonly waitForRollback: boolean;
  /** Time of the start: milliseconds since 1970. */
  readonly startedAt: number;
  /** Last reading of the deployment. */
  readonly seen?: {
    /** Status as ECS returned it. */
    readonly status: string;
    /** Stage as ECS returned it. */
    readonly stage?: string | undefined;
    /** Percent of the production traffic that the new revision has. */
    readonly percent?: number | undefined;
    /** Time since which it has had this share: milliseconds since 1970. */
    readonly since: number;
  };
  /** Pause whose work is in progress. */
  readonly pause?: PauseUnderWay;
  /** Latest pauses that have a response. ECS may list them as waiting for a moment. */
  readonly ended: readonly string[];
  /** Pauses that are left to others. */
  readonly left: readonly string[];
  /** Reason of the rollback. */
  readonly rollbackReason?: string;
  /** Time at which ECS has accepted the rollback: milliseconds since 1970. */
  readonly rollbackRequestedAt?: number;
  /** Calls in a row that AWS throttled; absent when it answered the last one. */
  readonly throttles?: number;
  /** Reason of a halt. */
  readonly haltReason?: string;
  /** End of the run. A halted run can be resumed. */
  readonly outcome?: 'succeeded' | 'rolledBack';
}

const requestSchema = v.pipe(
  strictObject({
    serviceDeploymentArn: v.pipe(
      nonEmptyString,
      v.check((arn) => arn.includes(':service-deployment/'), 'the ARN of a service deployment'),
    ),
    hookId: v.optional(nonEmptyString),
    lifecycleStage: v.optional(nonEmptyString),
    waitForRollback: v.optional(v.boolean()),
  }),
  v.forward(
    v.partialCheck(
      [['hookId'], ['waitForRollback']],
      ({ hookId, waitForRollback }) => hookId !== undefined || waitForRollback !== false,
      'true, or a hookId',
    ),
    ['waitForRollback'],
  ),
  v.forward(
    v.partialCheck(
      [['hookId'], ['lifecycleStage']],
      ({ hookId, lifecycleStage }) => hookId !== undefined || lifecycleStage === undefined,
      'nothing without a hookId',
    ),
    ['lifecycleStage'],
  ),
);

/** @throws InvalidInputError that names every wrong field. */
export function parsePauseRequest(value: unknown): EcsPauseRequest {
  return parseInput('EcsPause request', requestSchema, value);
}

const tally = v.object({
  failures: wholeNumber,
  inconclusives: wholeNumber,
  errors: wholeNumber,
  successes: wholeNumber,
});

const stateSchema = v.object({
  version: v.literal(stateVersion),
  serviceDeploymentArn: nonEmptyString,
  hookId: v.exactOptional(nonEmptyString),
  lifecycleStage: v.exactOptional(nonEmptyString),
  waitForRollback: v.boolean(),
  startedAt: time,
  seen: v.exactOptional(
    v.object({
      status: v.string(),
      stage: v.exactOptional(v.string()),
      percent: v.exactOptional(v.number()),
      since: time,
    }),
  ),
  pause: v.exactOptional(
    v.object({
      hookId: nonEmptyString,
      stage: nonEmptyString,
      since: time,
      stepsDone: v.array(v.string()),
      tallies: v.record(v.string(), tally),
      nextCheckAt: time,
      expiresAt: v.exactOptional(time),
      timeoutAction: v.exactOptional(v.string()),
      missingSince: v.exactOptional(time),
    }),
  ),
  ended: v.array(v.string()),
  left: v.array(v.string()),
  rollbackReason: v.exactOptional(v.string()),
  rollbackRequestedAt: v.exactOptional(time),
  throttles: v.exactOptional(wholeNumber),
  haltReason: v.exactOptional(v.string()),
  outcome: v.exactOptional(v.picklist(['succeeded', 'rolledBack'])),
});

/** @throws InvalidInputError for anything but a state of this version. */
export function parsePauseState(value: unknown): EcsPauseState {
  return parseInput('EcsPause state', stateSchema, value);
}

export function firstPauseState(request: EcsPauseRequest, now: number): EcsPauseState {
  const { serviceDeploymentArn, hookId, lifecycleStage, waitForRollback = true } = request;
  return {
    version: stateVersion,
    serviceDeploymentArn,
    ...(hookId !== undefined && { hookId }),
    ...(lifecycleStage !== undefined && { lifecycleStage }),
    waitForRollback,
    startedAt: now,
    ended: [],
    left: [],
  };
}
