import type { DeploymentInfo } from '@aws-sdk/client-codedeploy';
import type { OwnerStatus } from './types.js';

/** Statuses of a deployment that has ended. CodeDeploy may add others: a deployment in an unknown status is under way. */
const endedStatuses = ['Succeeded', 'Failed', 'Stopped'];

/** Statuses of a deployment that is under way, as ListDeployments filters them. */
export const codeDeployUnderWay = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'] as const;

/**
 * Returns the status of a deployment from GetDeployment.
 *
 * @param rollback - its rollback deployment, the one that `rollbackInfo` names: CodeDeploy returns traffic with a deployment of its own.
 */
export function codeDeployStatus(info: DeploymentInfo, rollback: DeploymentInfo | undefined): OwnerStatus {
  const isRollback = info.creator === 'codeDeployRollback' ? ({ isRollback: true } as const) : {};
  const detail = describe(info, rollback);
  if (!hasEnded(info)) return { state: 'underWay', detail, ...isRollback };
  const rollbackId = info.rollbackInfo?.rollbackDeploymentId;
  if (info.status === 'Succeeded' && rollbackId === undefined)
    return { state: 'succeeded', detail, ...isRollback };
  const isReturning = rollback !== undefined && !hasEnded(rollback);
  return { state: 'ended', detail, isReturning, ...isRollback };
}

function hasEnded({ status }: DeploymentInfo): boolean {
  return status !== undefined && endedStatuses.includes(status);
}

function describe(info: DeploymentInfo, rollback: DeploymentInfo | undefined): string {
  const { deploymentId, status, errorInformation } = info;
  const error = errorInformation && ` (${errorInformation.code}: ${errorInformation.message})`;
  const returned = rollback && `; its rollback deployment ${rollback.deploymentId} is ${rollback.status}`;
  return `deployment ${deploymentId} is ${status}${error ?? ''}${returned ?? ''}`;
}
