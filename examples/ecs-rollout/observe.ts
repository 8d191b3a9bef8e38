import type { Task } from '@aws-sdk/client-ecs';
import type { RolloutLeftovers } from 'aws-blue-green-toolkit/ecs-rollout';
import type { World } from './world.js';

/** The task definition and the desired count of the service. */
export function stateOf({ cloud }: World): { taskDefinition: string; desiredCount: number } {
  const { deployments, desiredCount } = cloud.ecs.service('shop', 'web');
  return { taskDefinition: deployments[0]?.taskDefinition ?? '', desiredCount };
}

/** Counts the running tasks of the service every virtual second, until `fewest` is called. */
export function countRunningTasks({ cloud }: World): { fewest(): number } {
  const count = () => cloud.ecs.tasks('shop').filter((task) => isOfService(task) && isRunning(task)).length;
  let fewest = count();
  const stop = cloud.clock.every(1, () => {
    fewest = Math.min(fewest, count());
  });
  return {
    fewest() {
      stop();
      return fewest;
    },
  };
}

/** The tasks that stopped by themselves. */
export function failedTasks({ cloud }: World): { canaries: number; ofService: number } {
  const failed = cloud.ecs.tasks('shop').filter(({ stopCode = '' }) => failures.includes(stopCode));
  const ofService = failed.filter(isOfService).length;
  return { canaries: failed.length - ofService, ofService };
}

/** Counts of the leftovers of a rollout. */
export interface LeftoverCounts {
  /** Canaries that have not stopped. */
  readonly tasks: number;
  /** Targets without a running task of the service. */
  readonly targets: number;
  /** Problems of the cleanup and the rollback, as the error lists them. */
  readonly problems: number;
}

/** Counts the leftovers in the simulated AWS, and the problems that a failed rollout has reported. */
export function countLeftovers(
  { cloud, targetGroupArns }: World,
  reported: RolloutLeftovers | undefined,
): LeftoverCounts {
  const tasks = cloud.ecs.tasks('shop');
  const running = tasks.filter((task) => isOfService(task) && isRunning(task));
  const addresses = new Set(running.map(addressOf));
  const targets = targetGroupArns.flatMap((arn) => cloud.elasticLoadBalancing.targetGroup(arn).targets);
  return {
    tasks: tasks.filter((task) => !isOfService(task) && task.lastStatus !== 'STOPPED').length,
    targets: targets.filter(({ id }) => !addresses.has(id)).length,
    problems: reported?.problems.length ?? 0,
  };
}

const failures = ['EssentialContainerExited', 'TaskFailedToStart'];

function isOfService({ group }: Task): boolean {
  return group === 'service:web';
}

function isRunning({ lastStatus }: Task): boolean {
  return lastStatus === 'RUNNING';
}

function addressOf({ containers = [] }: Task): string | undefined {
  return containers[0]?.networkInterfaces?.[0]?.privateIpv4Address;
}
