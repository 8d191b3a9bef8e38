import * as v from 'valibot';
import { nonEmptyString, strictObject, time } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { StateSummary } from '../../resumable/types.js';
import { requestEntries } from './parse.js';
import type { DatabaseIdentity, ResolvedBlueGreenRequest } from './types.js';

/** Version of {@link BlueGreenState}. */
const stateVersion = 1;

/** Key of the approval of the switchover. */
export const switchoverApproval = 'switchover';

function identitySchema() {
  return v.object({
    arn: nonEmptyString,
    identifier: nonEmptyString,
    resourceId: nonEmptyString,
  });
}

function stateSchema() {
  return v.object({
    version: v.literal(stateVersion),
    request: strictObject(requestEntries()),
    source: identitySchema(),
    startedAt: time,
    createRequestedAt: v.exactOptional(time),
    deploymentId: v.exactOptional(nonEmptyString),
    target: v.exactOptional(identitySchema()),
    status: v.exactOptional(v.string()),
    guardrailsSince: v.exactOptional(time),
    notMet: v.exactOptional(v.string()),
    switchover: v.exactOptional(
      v.object({ requestedAt: time, isSeen: v.boolean(), endedSince: v.exactOptional(time) }),
    ),
    refusedSince: v.exactOptional(time),
    switchedOverAt: v.exactOptional(time),
    oldDatabase: v.exactOptional(identitySchema()),
    deletionRequestedAt: v.exactOptional(time),
    rollbackReason: v.exactOptional(v.string()),
    rollbackStartedAt: v.exactOptional(time),
    haltReason: v.exactOptional(v.string()),
    outcome: v.exactOptional(v.picklist(['succeeded', 'rolledBack'])),
  });
}

/** State of `RdsBlueGreen`: plain JSON. Treat it as opaque. */
export interface BlueGreenState {
  /** Version of the form. */
  readonly version: 1;
  /** Request with its defaults. */
  readonly request: ResolvedBlueGreenRequest;
  /** Production database when the run began. */
  readonly source: DatabaseIdentity;
  /** Time of the start: milliseconds since 1970. */
  readonly startedAt: number;
  /** Time from which RDS may have a deployment of this run: milliseconds since 1970. */
  readonly createRequestedAt?: number;
  /** ID of the deployment. */
  readonly deploymentId?: string;
  /** Green database. */
  readonly target?: DatabaseIdentity;
  /** Last status and details, as RDS returned them. */
  readonly status?: string;
  /** Time since which guardrails are not met: milliseconds since 1970. */
  readonly guardrailsSince?: number;
  /** Guardrails that are not met. */
  readonly notMet?: string;
  /** Switchover of this run. */
  readonly switchover?: {
    /** Time at which RDS has accepted it: milliseconds since 1970. */
    readonly requestedAt: number;
    /** True when a reading has shown it in progress. */
    readonly isSeen: boolean;
    /** Time since which a reading shows its end without effect: milliseconds since 1970. */
    readonly endedSince?: number;
  };
  /** Time since which RDS refuses the deletion: milliseconds since 1970. */
  readonly refusedSince?: number;
  /** Time at which the switchover was verified: milliseconds since 1970. */
  readonly switchedOverAt?: number;
  /** Former production database. */
  readonly oldDatabase?: DatabaseIdentity;
  /** Time at which RDS has accepted the deletion: milliseconds since 1970. */
  readonly deletionRequestedAt?: number;
  /** Reason of the rollback. */
  readonly rollbackReason?: string;
  /** Time at which the rollback started: milliseconds since 1970. */
  readonly rollbackStartedAt?: number;
  /** Reason of a halt. */
  readonly haltReason?: string;
  /** End of the run. A halted run can be resumed. */
  readonly outcome?: 'succeeded' | 'rolledBack';
}

/** @throws InvalidInputError for anything but a state of this version. */
export function parseBlueGreenState(value: unknown): BlueGreenState {
  return parseInput('RdsBlueGreen state', stateSchema(), value);
}

export function firstBlueGreenState(
  request: ResolvedBlueGreenRequest,
  source: DatabaseIdentity,
  now: number,
): BlueGreenState {
  return { version: stateVersion, request, source, startedAt: now };
}

/** Drops what a halt left, so that a resumed run tries again. */
export function withoutHalt({
  haltReason,
  switchover,
  guardrailsSince,
  notMet,
  ...state
}: BlueGreenState): BlueGreenState {
  if (haltReason !== undefined) return state;
  return {
    ...state,
    ...(switchover !== undefined && { switchover }),
    ...(guardrailsSince !== undefined && { guardrailsSince }),
    ...(notMet !== undefined && { notMet }),
  };
}

/** Summarizes a state. A rollback reads the deployment first, so it notices a completed switchover. */
export function summarizeBlueGreen(state: BlueGreenState): StateSummary {
  const { outcome, haltReason, rollbackReason, status, deploymentId, request, oldDatabase } = state;
  const reason = haltReason ?? rollbackReason;
  const end = haltReason === undefined ? outcome : 'halted';
  return {
    ...(reason !== undefined && { reason }),
    isRollingBack: rollbackReason !== undefined,
    isComplete: end === 'succeeded' || end === 'rolledBack',
    mayHaveSucceeded: false,
    ...(end !== undefined && { outcome: end }),
    details: {
      name: request.name,
      source: state.source.identifier,
      ...(deploymentId !== undefined && { deploymentIdentifier: deploymentId }),
      ...(status !== undefined && { status }),
      ...(state.target !== undefined && { greenIdentifier: state.target.identifier }),
      ...(oldDatabase !== undefined && { oldIdentifier: oldDatabase.identifier }),
    },
  };
}
