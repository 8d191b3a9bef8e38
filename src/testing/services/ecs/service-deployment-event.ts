import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedServiceEvent } from '../event-bridge/event-deliveries.js';
import type { ActiveEcsHook } from './simulated-active-hooks.js';
import type { SimulatedEcsServiceDeployment } from './simulated-ecs-deployment.js';

/**
 * Returns the event of a status, or undefined for a status without one. The event names the service and the ID of the
 * deployment (`ecs-svc/…`), and not the ARN of the service deployment. A rollback has events of its own.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 */
export function serviceDeploymentEvent(
  { clock }: SimulatedEnvironment,
  { arns, options }: SimulatedEcsServiceDeployment,
  status: ServiceDeploymentStatus,
): SimulatedServiceEvent | undefined {
  const eventName = eventNameOf(status, options.sendsFailedEvent ?? false);
  if (eventName === undefined) return undefined;
  const id = arns.deployment.slice(arns.deployment.lastIndexOf('/') + 1);
  const deploymentId = `ecs-svc/${id}`;
  return {
    source: 'aws.ecs',
    detailType: 'ECS Deployment State Change',
    resources: [arns.service],
    detail: {
      eventType: eventName === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO',
      eventName,
      deploymentId,
      updatedAt: new Date(clock.now()).toISOString(),
      reason: reasonOf(deploymentId, status),
    },
  };
}

function eventNameOf(status: ServiceDeploymentStatus, sendsFailedEvent: boolean): string | undefined {
  if (status === 'IN_PROGRESS') return 'SERVICE_DEPLOYMENT_IN_PROGRESS';
  if (status === 'ROLLBACK_IN_PROGRESS')
    return sendsFailedEvent ? 'SERVICE_DEPLOYMENT_FAILED' : 'SERVICE_DEPLOYMENT_IN_PROGRESS';
  const isSteady = status === 'SUCCESSFUL' || status === 'ROLLBACK_SUCCESSFUL';
  return isSteady ? 'SERVICE_DEPLOYMENT_COMPLETED' : undefined;
}

function reasonOf(deploymentId: string, status: ServiceDeploymentStatus): string {
  if (status === 'ROLLBACK_IN_PROGRESS') return `ECS deployment ${deploymentId} is rolling back.`;
  return `ECS deployment ${deploymentId} ${status === 'IN_PROGRESS' ? 'in progress' : 'completed'}.`;
}

/**
 * Returns the event of a hook's new status. Unlike the events of the deployment, it names the service deployment.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html
 */
export function hookEvent(
  { clock }: SimulatedEnvironment,
  { arns }: SimulatedEcsServiceDeployment,
  { hookId, targetType, status, stage, expiresAt }: ActiveEcsHook,
): SimulatedServiceEvent {
  return {
    source: 'aws.ecs',
    detailType: 'ECS Hook State Change',
    resources: [arns.deployment],
    detail: {
      eventType: 'INFO',
      eventName: `HOOK_${status}`,
      hookId,
      hookType: targetType,
      expiresAt: new Date(expiresAt).toISOString(),
      lifecycleStage: stage,
      clusterArn: arns.cluster,
      serviceArn: arns.service,
      serviceDeploymentArn: arns.deployment,
      updatedAt: new Date(clock.now()).toISOString(),
    },
  };
}
