import { throwIfAborted } from '../../core/aws-call.js';
import type { Prepared } from '../prepare-rollout.js';
import type { RolloutContext } from '../rollout-context.js';
import type { RolloutJournal } from '../rollout-journal.js';
import type { parseRollOutOptions } from '../rollout-options.js';
import type { RegisteredDefinition } from '../service/task-definitions.js';
import { Canary } from './canary.js';
import { registerTarget, targetsOf } from './canary-targets.js';
import { startCanary } from './canary-task.js';
import { observeChecks } from './observe-checks.js';
import { requireTargets } from './require-targets.js';
import { awaitContainerHealth, awaitRunning, awaitTargetHealth, watchFor } from './watch-canary.js';

/** The trial of one canary. */
export interface Trial {
  readonly journal: RolloutJournal;
  readonly prepared: Prepared;
  readonly next: RegisteredDefinition;
  readonly options: ReturnType<typeof parseRollOutOptions>;
  /** Called just before the canary is requested: from then on one may run. */
  readonly onRequest: () => void;
  /** Called as soon as the canary is known. */
  readonly onStart: (canary: Canary) => void;
}

/** Starts the canary, and waits until it has passed every phase of the trial. */
export async function tryOutCanary(context: RolloutContext, trial: Trial): Promise<void> {
  const { journal, prepared, next, options } = trial;
  const { limits } = options;
  journal.enter('startCanary');
  const canary = await start(context, trial);
  const task = await awaitRunning(context, canary, limits.canaryRunningSeconds);
  journal.enter('containerHealth');
  await awaitContainerHealth(context, canary, limits.containerHealthSeconds);
  journal.enter('targetHealth');
  const targets = await targetsOf(context, prepared.groups, task);
  requireTargets(context.resource, prepared.groups, targets);
  for (const target of targets) {
    throwIfAborted(context);
    canary.targets.push(target);
    context.leftovers.addTarget(target);
    await registerTarget(context, target);
  }
  const isHealthy =
    targets.length > 0 && (await awaitTargetHealth(context, canary, limits.targetHealthSeconds));
  journal.enter('observe');
  const isJudged = isHealthy || next.checkedContainers.length > 0;
  if (!isJudged) await watchFor(context, canary, options.idleSeconds);
  await observe(context, canary, options);
}

async function start(
  context: RolloutContext,
  { prepared, next, options, onRequest, onStart }: Trial,
): Promise<Canary> {
  const { service, identity, previous } = prepared;
  const spec = { taskDefinition: next.arn, previous, identity };
  throwIfAborted(context);
  onRequest();
  const taskArn = await startCanary(context, service, spec, options.containerInstance);
  context.leftovers.addTask(taskArn);
  const canary = new Canary({
    taskArn,
    checkedContainers: next.checkedContainers,
    acceptsUnused: options.unusedTargets === 'accept',
  });
  onStart(canary);
  return canary;
}

async function observe(
  context: RolloutContext,
  canary: Canary,
  { checks, stack, policy, observeSeconds, limits }: Trial['options'],
): Promise<void> {
  if (checks.length === 0) return watchFor(context, canary, observeSeconds);
  const { checksSeconds } = limits;
  return observeChecks(context, canary, { stack, checks, policy, observeSeconds, checksSeconds });
}
