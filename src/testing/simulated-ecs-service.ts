import type { DeploymentRolloutState, Service, StabilityStatus, TaskSet } from '@aws-sdk/client-ecs';

/** A rollout of one task definition by ECS itself. */
export interface SimulatedEcsDeployment {
  /** The deployment ID. */
  readonly id: string;
  /** The ARN of the task definition that it rolls out. */
  readonly taskDefinition: string;
  /** `PRIMARY` for the newest; an older one that still has tasks is `ACTIVE`. */
  status: 'PRIMARY' | 'ACTIVE';
  /** How many tasks it is to have. */
  desiredCount: number;
  /** How many of its tasks run. */
  runningCount: number;
  /** How many of its tasks did not start. */
  failedTasks: number;
  /** How far it is. */
  rolloutState: DeploymentRolloutState;
  /** The same in words, as ECS puts it. */
  rolloutStateReason: string;
}

/** A rollout of one task definition by CodeDeploy. */
export interface SimulatedTaskSet {
  /** The task set ID. */
  readonly id: string;
  /** The ARN. */
  readonly taskSetArn: string;
  /** The CodeDeploy deployment that made it. */
  readonly externalId: string | undefined;
  /** The ARN of the task definition that its tasks run. */
  readonly taskDefinition: string;
  /** `PRIMARY` serves production, `ACTIVE` is the replacement, `DRAINING` goes away. */
  status: 'PRIMARY' | 'ACTIVE' | 'DRAINING';
  /** How many of its tasks run. */
  runningCount: number;
}

/** A service of the `SimulatedEcs`. */
export interface SimulatedEcsService {
  /** The name, without its cluster. */
  readonly name: string;
  /** The ARN. */
  readonly serviceArn: string;
  /** The ARN of its cluster. */
  readonly clusterArn: string;
  /** A daemon has one task on each instance, and no desired count of its own. */
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON';
  /** Who rolls out a new task definition. */
  readonly deploymentController: 'ECS' | 'CODE_DEPLOY';
  /** What ECS does when the tasks of a deployment do not start; without it, it tries for ever. */
  readonly circuitBreaker:
    | {
        /** Whether it goes back to the last deployment that was completed. */
        readonly rollback: boolean;
      }
    | undefined;
  /** `INACTIVE` once it is deleted. */
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  /** How many tasks it is to have. */
  desiredCount: number;
  /** Newest first; empty when CodeDeploy deploys the service. */
  deployments: SimulatedEcsDeployment[];
  /** Empty when ECS deploys the service. */
  taskSets: SimulatedTaskSet[];
}

/** The service as DescribeServices shows it. */
export function describeService(service: SimulatedEcsService): Service {
  const runningCount = runningCountOf(service);
  return {
    serviceName: service.name,
    serviceArn: service.serviceArn,
    clusterArn: service.clusterArn,
    status: service.status,
    schedulingStrategy: service.schedulingStrategy,
    deploymentController: { type: service.deploymentController },
    desiredCount: service.desiredCount,
    runningCount,
    pendingCount: Math.max(0, service.desiredCount - runningCount),
    taskDefinition: (service.deployments[0] ?? service.taskSets[0])?.taskDefinition,
    deployments: service.deployments.map((deployment) => ({
      ...deployment,
      pendingCount: Math.max(0, deployment.desiredCount - deployment.runningCount),
    })),
    taskSets: service.taskSets.map((taskSet) => describeTaskSet(service, taskSet)),
  };
}

function describeTaskSet(service: SimulatedEcsService, taskSet: SimulatedTaskSet): TaskSet {
  const computedDesiredCount = targetOf(service, taskSet);
  return {
    ...taskSet,
    serviceArn: service.serviceArn,
    clusterArn: service.clusterArn,
    startedBy: 'CODE_DEPLOY',
    scale: { value: 100, unit: 'PERCENT' },
    computedDesiredCount,
    pendingCount: Math.max(0, computedDesiredCount - taskSet.runningCount),
    stabilityStatus: stabilityOf(service, taskSet),
  };
}

function runningCountOf({ deployments, taskSets }: SimulatedEcsService): number {
  return [...deployments, ...taskSets].reduce((sum, { runningCount }) => sum + runningCount, 0);
}

/** How many tasks a task set is to have. */
export function targetOf(service: SimulatedEcsService, { status }: SimulatedTaskSet): number {
  return status === 'DRAINING' ? 0 : service.desiredCount;
}

/** Whether a task set has reached its count. */
export function stabilityOf(service: SimulatedEcsService, taskSet: SimulatedTaskSet): StabilityStatus {
  return taskSet.runningCount === targetOf(service, taskSet) ? 'STEADY_STATE' : 'STABILIZING';
}
