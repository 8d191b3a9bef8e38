import { ResourceStateError, type ToolkitError } from '../../core/errors.js';
import { BlueGreenDeploymentError, BlueGreenNotReadyError } from './blue-green-error.js';
import { describeGuardrails, notMet } from './guardrails.js';
import type { ObservedDeployment } from './observe.js';
import type { BlueGreenGuardrail } from './types.js';

/** @throws BlueGreenNotReadyError or BlueGreenDeploymentError when a guardrail is not met. */
export function requireMet(resource: string, guardrails: readonly BlueGreenGuardrail[]): void {
  const failed = notMet(guardrails);
  if (failed.length > 0) throw guardrailError(resource, failed);
}

export function guardrailError(resource: string, failed: readonly BlueGreenGuardrail[]): ToolkitError {
  const message = `Switchover of ${resource} cannot begin`;
  const details = {
    resource,
    guardrails: failed,
    expected: 'every guardrail to be met',
    actual: describeGuardrails(failed),
  };
  if (failed.every(({ mayPass }) => mayPass))
    return new BlueGreenNotReadyError(message, {
      ...details,
      remedy: 'Nothing was changed. Switch over again when the reason is gone',
    });
  if (failed.some(({ name }) => name === 'identity'))
    return new BlueGreenDeploymentError(message, {
      ...details,
      remedy:
        'Compare the databases by their resource IDs before anything is deleted: the green one may have the name of the production database',
    });
  return new BlueGreenDeploymentError(message, {
    ...details,
    remedy:
      'Delete the blue/green deployment with its green environment, remove the reason, and create it again',
  });
}

/** Error for a deployment that another caller has created, or for another database. */
export function foreignError(
  name: string,
  source: string,
  deployment: ObservedDeployment | undefined,
): BlueGreenDeploymentError {
  const { createdFor, creationId, text } = deployment ?? {};
  const origin =
    createdFor === undefined ? 'one without the mark of RdsBlueGreen' : `one for the database ${createdFor}`;
  const caller = creationId === undefined ? '' : ` with the creationId ${creationId}`;
  return new BlueGreenDeploymentError(`Blue/green deployment ${name} belongs to another caller`, {
    resource: name,
    expected: `no deployment of this name, or one of this caller for ${source} with these green settings`,
    actual: `${origin}${caller}, ${text}`,
    remedy:
      'Choose another name, also for another upgrade of the same database, or delete the other deployment by hand. Nothing was changed',
  });
}

/** Error for a change that the status forbids for now. */
export function busyError(
  name: string,
  { text }: ObservedDeployment,
  expected: string,
  cause?: Error,
): ResourceStateError {
  return new ResourceStateError(`Blue/green deployment ${name} cannot be changed now`, {
    resource: name,
    expected,
    actual: text,
    remedy: 'Try again when its status has changed',
    cause,
  });
}

/** Error for a deployment whose switchover is completed. */
export function pastReturnError(name: string, source: string): BlueGreenDeploymentError {
  return new BlueGreenDeploymentError(`Green environment of ${name} was not deleted`, {
    resource: name,
    expected: 'a deployment before its switchover',
    actual: 'a completed switchover: the green database is the production database',
    remedy: `A switchover cannot be taken back. Keep the former database, ${source}-old1: it has the data up to the switchover`,
  });
}
