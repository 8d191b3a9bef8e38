import { messageOf } from '../../core/describe-error.js';
import type { Prepared } from '../prepare-rollout.js';
import { retryPassing } from '../retry-passing.js';
import type { RolloutContext } from '../rollout-context.js';
import type { Canary } from './canary.js';
import { readTasks } from './canary-task.js';
import { type CleanUpLimits, cleanUpCanary } from './clean-up-canary.js';
import { cleanUpLeftovers } from './clean-up-earlier-runs.js';
import { ownTargets } from './end-traffic.js';
import { findCanaries } from './find-canaries.js';

/** Seconds until ECS lists a task whose start got no response. */
const listedAfterSeconds = 5;

/** A run that has requested a canary. */
export interface RequestedCanary {
  readonly prepared: Prepared;
  /** Undefined when the start of the canary got no response. */
  readonly canary: Canary | undefined;
  readonly limits: CleanUpLimits;
}

/**
 * Cleans up every canary of a run, also one whose start got no response. The context has to be one without a signal.
 *
 * @throws the first failure, after all canaries were tried.
 */
export async function cleanUpRun(context: RolloutContext, run: RequestedCanary): Promise<void> {
  const results = await Promise.allSettled([cleanUpKnown(context, run), cleanUpOthers(context, run)]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function cleanUpKnown(
  context: RolloutContext,
  { prepared: { groups }, canary, limits }: RequestedCanary,
): Promise<void> {
  if (canary === undefined) return;
  // A task that cannot be read counts as in its last reading: it may still take traffic.
  const task = await readTasks(context, [canary.taskArn]).then(
    ([now]) => now,
    () => canary.lastRead,
  );
  const targets = await ownTargets(context, groups, task, canary.targets);
  await cleanUpCanary(context, { taskArn: canary.taskArn, groups }, targets, limits);
}

/** A start whose response was lost, or which the SDK has repeated, may have started another canary. */
async function cleanUpOthers(
  context: RolloutContext,
  { prepared: { identity, groups }, canary, limits }: RequestedCanary,
): Promise<void> {
  await context.clock.sleep(listedAfterSeconds * 1000);
  const canaries = await retryPassing(context, () => findCanaries(context, identity, [])).catch((cause) => {
    if (canary === undefined)
      context.leftovers.addProblem(`A task with startedBy ${identity.startedBy} may run`);
    throw cause;
  });
  const others = canaries.filter(({ taskArn }) => taskArn !== canary?.taskArn);
  await cleanUpLeftovers(context, groups, others, limits);
}

/** A failed cleanup in a sentence, without its period. */
export function describeFailedCleanup(cause: unknown): string {
  return `The canary could not be cleaned up: ${messageOf(cause)}`;
}
