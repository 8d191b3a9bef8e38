import { createHash } from 'node:crypto';
import type { Tag, Task } from '@aws-sdk/client-ecs';
import { lastSegment } from '../../core/last-segment.js';

/** The tag of a canary that holds the ID of its rollout. */
export const rolloutTag = 'aws-blue-green-toolkit:rollout';
/** The tag of a canary that holds the task definition which a rollback goes back to. */
export const previousTag = 'aws-blue-green-toolkit:previous-task-definition';

/** How a rollout's canaries are found again. */
export interface CanaryIdentity {
  /** The value of their tag. */
  readonly rolloutId: string;
  /** What ListTasks can filter by; it cannot by tags. */
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

/** Whether a task is a canary of this rollout. A prefix would be no proof: `startedBy` alone may be anybody's. */
export function isCanaryOf(identity: CanaryIdentity, task: Task): boolean {
  return task.startedBy === identity.startedBy && tagOf(task.tags, rolloutTag) === identity.rolloutId;
}

/** What the canary's tags tell about the task definition to go back to. */
export function previousOf({ tags }: Task): string | undefined {
  return tagOf(tags, previousTag);
}

function tagOf(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find((tag) => tag.key === key)?.value;
}

/** At most 128 letters, digits, hyphens, slashes and underscores; the hash keeps cut names apart. */
function startedBy(names: string, serviceArn: string): string {
  const hash = createHash('sha256').update(serviceArn).digest('hex').slice(0, 16);
  return `canary/${names.replace(/[^\w/-]/g, '-').slice(0, 100)}/${hash}`;
}

function tagValue(names: string): string {
  return names.slice(0, 256);
}
