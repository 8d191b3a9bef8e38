import type { Deployment, DeploymentConfiguration, Service } from '@aws-sdk/client-ecs';
import { ResourceStateError } from '../../core/errors.js';
import { isRolledOut, usesTaskSets } from '../../ecs/service-stability.js';

/** The task definitions of a service before its rollout. */
export interface PresentDefinitions {
  /** The ARN of the task definition that it runs, or is being updated to. */
  readonly primary: string;
  /** The ARN of the task definition of a rollback. */
  readonly lastGood: string;
}

/**
 * The task definitions of a service. A newest deployment that is not completed is no target of a rollback: then that is the
 * completed one beside it, or the one before it.
 */
export function presentDefinitions({
  deployments = [],
  taskDefinition,
}: Service): PresentDefinitions | undefined {
  const primary = deployments.find(({ status }) => status === 'PRIMARY')?.taskDefinition ?? taskDefinition;
  if (primary === undefined) return undefined;
  const isOther = (deployment: Deployment) => deployment.taskDefinition !== primary;
  const good = isNewestCompleted({ deployments })
    ? undefined
    : (deployments.find((it) => isOther(it) && it.rolloutState === 'COMPLETED') ?? deployments.find(isOther));
  return { primary, lastGood: good?.taskDefinition ?? primary };
}

/** True when the newest deployment is completed, so that a rollback returns to it. */
export function isNewestCompleted({ deployments = [] }: Pick<Service, 'deployments'>): boolean {
  return deployments.some((deployment) => deployment.status === 'PRIMARY' && isRolledOut(deployment));
}

/**
 * Refuses a service that ECS does not roll out task by task: a new task definition would begin a blue/green deployment
 * there, or is refused by AWS.
 */
export function requireRolled(service: Service, resource: string): void {
  const controller = service.deploymentController?.type ?? 'ECS';
  const strategy = service.deploymentConfiguration?.strategy ?? 'ROLLING';
  if (!usesTaskSets(service) && controller === 'ECS' && strategy === 'ROLLING') return;
  throw new ResourceStateError(`Service ${resource} is not rolled out by ECS task by task`, {
    resource,
    expected: 'the deployment controller ECS and the strategy ROLLING',
    actual: controller === 'ECS' ? strategy : controller,
    remedy: 'Deploy it with CodeDeploy, its own controller, or a blue/green deployment of ECS',
  });
}

/**
 * Refuses a daemon whose rollout could not replace a task. ECS stops a task of a daemon before it starts the next one, because there
 * is one on each container instance, and keeps the minimum of healthy tasks meanwhile.
 *
 * @param next - deployment configuration that the rollout sets.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
export function requireReplaceable(
  service: Service,
  resource: string,
  next: Pick<DeploymentConfiguration, 'minimumHealthyPercent'> = {},
): void {
  const { schedulingStrategy, desiredCount = 0, deploymentConfiguration } = service;
  const percent = next.minimumHealthyPercent ?? deploymentConfiguration?.minimumHealthyPercent ?? 0;
  const needed = Math.ceil((desiredCount * percent) / 100);
  if (schedulingStrategy !== 'DAEMON' || desiredCount === 0 || needed < desiredCount) return;
  throw new ResourceStateError(`Daemon ${resource} cannot replace a task`, {
    resource,
    expected: `a minimumHealthyPercent that allows fewer than ${desiredCount} of ${desiredCount} healthy tasks`,
    actual: `${percent} %`,
    remedy: 'Lower minimumHealthyPercent of the service: the default of a daemon is 0',
  });
}
