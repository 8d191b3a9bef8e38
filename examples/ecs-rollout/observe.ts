import type { Task } from '@aws-sdk/client-ecs';
import type { World } from './world.js';

/** What the service of the demo is on. */
export function stateOf({ cloud }: World): { taskDefinition: string; desiredCount: number } {
  const { deployments, desiredCount } = cloud.ecs.service('shop', 'web');
  return { taskDefinition: deployments[0]?.taskDefinition ?? '', desiredCount };
}

/** Counts the running tasks of the service every virtual second, until the fewest are asked for. */
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

/** Canaries that have not stopped, and targets behind which no running task of the service is. */
export function leftovers({ cloud, targetGroupArns }: World): { tasks: number; targets: number } {
  const tasks = cloud.ecs.tasks('shop');
  const running = tasks.filter((task) => isOfService(task) && isRunning(task));
  const addresses = new Set(running.map(addressOf));
  const targets = targetGroupArns.flatMap((arn) => cloud.elasticLoadBalancing.targetGroup(arn).targets);
  return {
    tasks: tasks.filter((task) => !isOfService(task) && task.lastStatus !== 'STOPPED').length,
    targets: targets.filter(({ id }) => !addresses.has(id)).length,
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
