import type { Task } from '@aws-sdk/client-ecs';

/** Why a task stopped. */
export interface StoppedTask {
  /** The reasons of the task and of its containers, in ECS's words. */
  readonly stoppedReason: string;
  /** The exit codes of its containers, by their names; a container that never ran has none. */
  readonly exitCodes: Readonly<Record<string, number>>;
}

/** Whether a task has stopped, or is about to. */
export function isStopping({ lastStatus, desiredStatus }: Task): boolean {
  return desiredStatus === 'STOPPED' || lastStatus === 'STOPPED' || lastStatus === 'DELETED';
}

/** Whether nothing of a task is left. */
export function hasStopped({ lastStatus }: Task): boolean {
  return lastStatus === 'STOPPED' || lastStatus === 'DELETED';
}

/** Why a task stopped: the task's own reason is often just "Essential container in task exited". */
export function explainStop({ stoppedReason, stopCode, containers = [] }: Task): StoppedTask {
  const reasons = containers.flatMap(({ name, reason }) => (reason ? [`${name}: ${reason}`] : []));
  return {
    stoppedReason: [stoppedReason ?? stopCode ?? 'ECS tells no reason', ...reasons].join('; '),
    exitCodes: Object.fromEntries(
      containers.flatMap(({ name, exitCode }) =>
        name !== undefined && exitCode !== undefined ? [[name, exitCode]] : [],
      ),
    ),
  };
}

/** The same in a sentence. */
export function describeStop({ stoppedReason, exitCodes }: StoppedTask): string {
  const codes = Object.entries(exitCodes).map(([name, code]) => `${name} exited with ${code}`);
  return [stoppedReason, ...codes].join('; ');
}
