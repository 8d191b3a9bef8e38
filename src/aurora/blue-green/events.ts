import type { Logger } from '../../core/logger.js';
import type { Outcome } from '../../resumable/types.js';
import type { BlueGreenGuardrail } from './types.js';

/** Event of a run of `RdsBlueGreen`. */
export type BlueGreenEvent = {
  /** Time of the event: milliseconds since 1970. */
  readonly at: number;
} & NewBlueGreenEvent;

/** An event before its time is known. */
export type NewBlueGreenEvent =
  | {
      /** RDS has accepted the creation, or an earlier call has created the deployment. */
      readonly type: 'deploymentFound';
      /** ID of the deployment. */
      readonly deploymentIdentifier: string;
    }
  | {
      /** A new status was read. */
      readonly type: 'statusChanged';
      /** Status and details as RDS returned them. */
      readonly status: string;
    }
  | {
      /** Other guardrails than before are not met. */
      readonly type: 'guardrailsChanged';
      /** Guardrails that are not met; none: the switchover can begin. */
      readonly notMet: readonly BlueGreenGuardrail[];
    }
  | {
      /** RDS has accepted the switchover. */
      readonly type: 'switchoverStarted';
      /** Seconds after which RDS cancels it. */
      readonly timeoutSeconds: number;
    }
  | {
      /** RDS has cancelled the switchover, or it failed. */
      readonly type: 'switchoverEndedWithoutEffect';
      /** Status and details as RDS returned them. */
      readonly status: string;
    }
  | {
      /** The green database has the name of the blue one. */
      readonly type: 'switchoverCompleted';
      /** Identifier of the former production database, unless it is gone. */
      readonly oldIdentifier?: string;
    }
  | {
      /** RDS has accepted that the green database has no deletion protection. */
      readonly type: 'protectionRemoved';
      /** Identifier of the green database. */
      readonly identifier: string;
    }
  | {
      /** RDS has accepted the deletion of the deployment. */
      readonly type: 'deletionStarted';
      /** True when the green environment is deleted, too. */
      readonly withGreen: boolean;
    }
  | {
      /** A rollback has begun. */
      readonly type: 'rollingBack';
      /** Its reason. */
      readonly reason: string;
    }
  | {
      /** The run has ended. */
      readonly type: 'ended';
      /** Its outcome. */
      readonly outcome: Outcome;
      /** Reason of a rollback or halt. */
      readonly reason?: string;
    };

const messages: Readonly<Record<NewBlueGreenEvent['type'], string>> = {
  deploymentFound: 'Found blue/green deployment',
  statusChanged: 'Read status of blue/green deployment',
  guardrailsChanged: 'Read guardrails of blue/green deployment',
  switchoverStarted: 'Started switchover of blue/green deployment',
  switchoverEndedWithoutEffect: 'Read cancelled switchover of blue/green deployment',
  switchoverCompleted: 'Completed switchover of blue/green deployment',
  protectionRemoved: 'Removed deletion protection of green database',
  deletionStarted: 'Started deletion of blue/green deployment',
  rollingBack: 'Started rollback of blue/green deployment',
  ended: 'Ended run of blue/green deployment',
};

const warnings: readonly NewBlueGreenEvent['type'][] = ['rollingBack', 'switchoverEndedWithoutEffect'];

export function logBlueGreenEvent(
  logger: Logger,
  resource: string,
  { type, ...data }: NewBlueGreenEvent,
): void {
  const fields = { resource, ...structuredClone(data) };
  if (warnings.includes(type)) logger.warn(messages[type], fields);
  else logger.info(messages[type], fields);
}
