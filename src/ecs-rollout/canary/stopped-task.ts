import type { Task } from '@aws-sdk/client-ecs';

/** The reason of a task's stop. */
export interface StoppedTask {
  /** ECS's reasons for the task and its containers. */
  readonly stoppedReason: string;
  /** The exit codes of its containers, by their names. A container that never ran has none. */
  readonly exitCodes: Readonly<Record<string, number>>;
}

/** True when a task has stopped, or is about to. */
export function isStopping({ lastStatus, desiredStatus }: Task): boolean {
  return desiredStatus === 'STOPPED' || lastStatus === 'STOPPED' || lastStatus === 'DELETED';
}

/** True when nothing of a task runs any more. */
export function hasStopped({ lastStatus }: Task): boolean {
  return lastStatus === 'STOPPED' || lastStatus === 'DELETED';
}

/** The reason of a task's stop. The task's own reason is often just "Essential container in task exited". */
export function explainStop({ stoppedReason, stopCode, containers = [] }: Task): StoppedTask {
  const reasons = containers.flatMap(({ name, reason }) => (reason ? [`${name}: ${reason}`] : []));
  return {
    stoppedReason: [stoppedReason ?? stopCode ?? 'ECS gives no reason', ...reasons].join('; '),
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
