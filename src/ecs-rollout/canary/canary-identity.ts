import { createHash } from 'node:crypto';
import type { Tag, Task } from '@aws-sdk/client-ecs';
import { lastSegment } from '../../core/last-segment.js';

/** Tag of a canary with the ID of its rollout. */
export const rolloutTag = 'aws-blue-green-toolkit:rollout';
/** Tag of a canary with the task definition of a rollback. */
export const previousTag = 'aws-blue-green-toolkit:previous-task-definition';

/** Identifies the canaries of a rollout. */
export interface CanaryIdentity {
  /** The value of their tag. */
  readonly rolloutId: string;
  /** A value that ListTasks can filter by; it cannot by tags. */
  readonly startedBy: string;
}

/**
 * The identity of the canaries of a service's rollout. By default every rollout of the service has the same one, so that
 * a canary is also found after the task definition was changed between two runs.
 */
export function identityOf(
  { clusterArn, serviceArn }: { clusterArn: string; serviceArn: string },
  rolloutId?: string,
): CanaryIdentity {
  const names = `${lastSegment(clusterArn)}/${lastSegment(serviceArn)}`;
  return { rolloutId: rolloutId ?? tagValue(names), startedBy: startedBy(names, serviceArn) };
}

/** True when a task is a canary of this rollout. `startedBy` alone proves nothing: every caller of RunTask can set it. */
export function isCanaryOf(identity: CanaryIdentity, task: Task): boolean {
  return task.startedBy === identity.startedBy && tagOf(task.tags, rolloutTag) === identity.rolloutId;
}

/** The task definition of a rollback, from the canary's tag. */
export function previousOf({ tags }: Task): string | undefined {
  return tagOf(tags, previousTag);
}

function tagOf(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.key === key)?.value;
}

/** At most 128 letters, digits, hyphens, slashes and underscores. The hash distinguishes names that were cut. */
function startedBy(names: string, serviceArn: string): string {
  const hash = createHash('sha256').update(serviceArn).digest('hex').slice(0, 16);
  return `canary/${names.replace(/[^\w/-]/g, '-').slice(0, 100)}/${hash}`;
}

function tagValue(names: string): string {
  return names.slice(0, 256);
}
