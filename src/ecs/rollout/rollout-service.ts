import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { ResourceStateError } from '../../core/errors.js';
import { usesTaskSets } from '../service-stability.js';

/** What a service runs before its rollout. */
export interface PresentDefinitions {
  /** The ARN of the task definition that it is on, or on its way to. */
  readonly primary: string;
  /** The ARN of the task definition that a rollback goes back to. */
  readonly lastGood: string;
}

/**
 * What a service runs. A newest deployment that is not completed is nothing to go back to: then it is the completed one
 * beside it, or the one that was there before.
 */
export function presentDefinitions({
  deployments = [],
  taskDefinition,
}: Service): PresentDefinitions | undefined {
  const primary = deployments.find(({ status }) => status === 'PRIMARY')?.taskDefinition ?? taskDefinition;
  if (primary === undefined) return undefined;
  const isOther = (deployment: Deployment) => deployment.taskDefinition !== primary;
  const good = isSettled({ deployments })
    ? undefined
    : (deployments.find((it) => isOther(it) && it.rolloutState === 'COMPLETED') ?? deployments.find(isOther));
  return { primary, lastGood: good?.taskDefinition ?? primary };
}

/** Whether the newest deployment is completed; what it runs is what a rollback goes back to. */
export function isSettled({ deployments = [] }: Pick<Service, 'deployments'>): boolean {
  return deployments.some(
    ({ status, rolloutState }) =>
      status === 'PRIMARY' && (rolloutState === 'COMPLETED' || rolloutState === undefined),
  );
}

/**
 * Refuses a service that is swapped instead of rolled: a new task definition would begin a blue/green deployment there, or
 * is refused by AWS.
 */
export function requireRolled(service: Service, resource: string): void {
  const { deploymentController, deploymentConfiguration } = service;
  const strategy = deploymentConfiguration?.strategy ?? 'ROLLING';
  const seen = usesTaskSets(service) ? deploymentController?.type : strategy;
  if (seen === 'ROLLING') return;
  throw new ResourceStateError(`${resource} is not rolled out by ECS task by task`, {
    resource,
    expected: 'the deployment controller ECS and the strategy ROLLING',
    actual: seen ?? 'no controller',
    remedy:
      'Deploy it with what it is made for: CodeDeploy, its controller, or a blue/green deployment of ECS',
  });
}
