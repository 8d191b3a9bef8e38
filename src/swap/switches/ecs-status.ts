import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import type { OwnerStatus } from './types.js';

/**
 * Statuses of a service deployment that has ended.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
 */
const endedStatuses = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];

/** Statuses in which ECS returns the traffic, or ends the deployment. It can no longer succeed. */
const returningStatuses = ['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];

/** Returns the status of a service deployment. One that ECS has added since counts as under way. */
export function ecsStatus({
  serviceDeploymentArn,
  status,
  statusReason,
  lifecycleStage,
}: ServiceDeployment): OwnerStatus {
  const stage = lifecycleStage && ` in the stage ${lifecycleStage}`;
  const reason = statusReason && ` (${statusReason})`;
  const detail = `service deployment ${serviceDeploymentArn} is ${status}${stage ?? ''}${reason ?? ''}`;
  if (status === 'SUCCESSFUL') return { state: 'succeeded', detail };
  if (hasEcsDeploymentEnded(status)) return { state: 'ended', detail, isReturning: false };
  if (status !== undefined && returningStatuses.includes(status))
    return { state: 'ended', detail, isReturning: true };
  return { state: 'underWay', detail };
}

/** True when ECS moves no traffic of the deployment any more. */
export function hasEcsDeploymentEnded(status: string | undefined): boolean {
  return status !== undefined && endedStatuses.includes(status);
}
