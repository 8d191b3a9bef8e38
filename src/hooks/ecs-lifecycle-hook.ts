import * as v from 'valibot';
import { type Clock, systemClock } from '../core/clock.js';
import { describeError } from '../core/describe-error.js';
import { ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import { safeLogger } from '../core/safe-logger.js';
import { positiveSeconds, someSeconds, strictObject } from '../core/schemas.js';
import { requireLambdaContext, timeLeftOf } from '../core/time-left.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { driveSteps } from './ecs-drive-steps.js';
import { type EcsHookExecution, parseEcsHookEvent } from './ecs-event.js';
import { configuredDetails, ProgressStore, readProgress, writeProgress } from './ecs-hook-details.js';
import type { EcsHookInvocation } from './ecs-invocation.js';
import type { StepResult } from './ecs-stage-drive.js';
import { planStages } from './ecs-stages.js';
import type { EcsHookStep } from './ecs-steps.js';
import type {
  EcsHookResponse,
  EcsHookStages,
  EcsLifecycleHookHandler,
  EcsLifecycleHookOptions,
} from './ecs-types.js';
import type { HookLambdaContext } from './types.js';

/** AWS documents no minimum delay. */
const minDelaySeconds = 1;

/** AWS documents no maximum delay. An early call costs one short invocation; a rejected delay would cost the deployment. */
const maxDelaySeconds = 300;

const optionsSchema = strictObject({
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
  deadlineMarginSeconds: v.optional(positiveSeconds, 30),
  maxStageSeconds: v.optional(someSeconds, 82_800),
});

const timeLeftSchema = v.object({
  'getRemainingTimeInMillis()': v.pipe(v.number(), v.finite()),
});

interface Hook {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlineMarginSeconds: number;
  readonly maxStageSeconds: number;
}

/** One invocation, and the steps of its stage. */
interface StageWork {
  readonly execution: EcsHookExecution;
  readonly steps: readonly EcsHookStep[];
  readonly context: HookLambdaContext;
}

/**
 * Creates the Lambda handler for the lifecycle hooks of ECS's own blue/green, linear and canary deployments. The handler never
 * rejects and always returns a valid response:
 *
 * - `SUCCEEDED` when the stage's work is done, or the stage has none;
 * - `FAILED` when a step throws or returns a failure such as `false`, the time is over, or the event is malformed; ECS then rolls back;
 * - `IN_PROGRESS` while a step waits, or when the Lambda's time ends during a step, which the next invocation repeats.
 *
 * The progress is stored in the event's `hookDetails`, beside the hook's configuration, and needs no table or bucket.
 *
 * @param stages - the work of each stage.
 * @remarks IAM: the actions of the work.
 * @throws InvalidInputError when a stage, a step or an option is malformed.
 *
 * @example
 * ```ts
 * import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
 * import { ecsLifecycleHook } from 'aws-blue-green-toolkit/hooks';
 *
 * const aurora = new AuroraTools({
 *   blue: { clusterIdentifier: 'orders-blue' },
 *   green: { clusterIdentifier: 'orders-green' },
 *   minimumReaderCount: 1,
 * });
 *
 * export const handler = ecsLifecycleHook({
 *   PRE_SCALE_UP: [
 *     { name: 'start the database', run: ({ signal }) => aurora.startDatabase('green', { signal }) },
 *     { name: 'database available', waitFor: (once) => aurora.waitForClusterState('green', 'available', once) },
 *   ],
 * });
 * ```
 */
export function ecsLifecycleHook(
  stages: EcsHookStages,
  options: EcsLifecycleHookOptions = {},
): EcsLifecycleHookHandler {
  const parsed = parseInput('ecsLifecycleHook options', optionsSchema, options);
  const { clock = systemClock, logger = console, ...limits } = parsed;
  const workOf = planStages(stages);
  const hook: Hook = { ...limits, clock, logger: safeLogger(logger) };

  return async (event, context) => {
    let execution: EcsHookExecution | undefined;
    try {
      requireTimeLeft(context);
      execution = parseEcsHookEvent(event);
      const { stage, direction } = execution;
      const work = workOf(stage, direction);
      if ('isDirectionUnknown' in work) return fail(hook, execution, unknownDirection(execution));
      if ('skipReason' in work) return skip(hook, execution, work.skipReason);
      return await proceed(hook, { execution, steps: work.steps, context });
    } catch (error) {
      return fail(hook, execution, error);
    }
  };
}

/** @throws InvalidInputError for a context without a readable remaining time. */
function requireTimeLeft(context: HookLambdaContext): void {
  requireLambdaContext(context);
  const left = { 'getRemainingTimeInMillis()': context.getRemainingTimeInMillis() };
  parseInput('Lambda context', timeLeftSchema, left);
}

/** Resumes the stage where the last invocation of this execution stopped. */
async function proceed(hook: Hook, { execution, steps, context }: StageWork): Promise<EcsHookResponse> {
  const { clock, logger, deadlineMarginSeconds: marginSeconds, maxStageSeconds } = hook;
  const { deploymentArn: resource, stage, direction } = execution;
  const [first] = steps;
  if (first === undefined) return skip(hook, execution, 'The list of steps is empty');
  const now = clock.now();
  const store = new ProgressStore(
    readProgress(execution) ?? { startedAt: now, step: first.name, since: now },
    steps,
  );
  const drive = { steps, clock, maxStageSeconds, store };
  const outcome = await runBeforeDeadline(
    (timed) =>
      resultOf(() => driveSteps({ ...drive, invocation: invocationOf(execution, timed, store, logger) })),
    // A step that ran out of time is no failure: the next invocation resumes it.
    {
      context: timeLeftOf(context, clock),
      clock,
      logger: { ...logger, error: logger.warn },
      resource,
      data: { stage, direction },
      marginSeconds,
    },
  );
  if (outcome.status === 'failed') return callBack(hook, execution, store, minDelaySeconds);
  const result = outcome.result;
  if ('error' in result) return fail(hook, execution, result.error, store.progress.step);
  return result.isDone ? succeed(hook, execution) : callBack(hook, execution, store, result.waitSeconds);
}

/** Returns an error as the result, so that only the deadline makes the work fail. */
async function resultOf(drive: () => Promise<StepResult>): Promise<StepResult | { readonly error: unknown }> {
  try {
    return await drive();
  } catch (error) {
    return { error };
  }
}

function invocationOf(
  execution: EcsHookExecution,
  timed: TimedWork,
  store: ProgressStore,
  logger: Logger,
): EcsHookInvocation {
  return {
    ...execution,
    ...timed,
    hookDetails: configuredDetails(execution),
    logger,
    get kept() {
      return store.progress.kept;
    },
    keep: (value) => store.keep(value),
  };
}

function callBack(
  { logger }: Hook,
  execution: EcsHookExecution,
  { progress }: ProgressStore,
  waitSeconds: number,
): EcsHookResponse {
  const callBackDelay = Math.ceil(Math.min(Math.max(waitSeconds, minDelaySeconds), maxDelaySeconds));
  const hookStatus = 'IN_PROGRESS';
  logger.info('Sent response to ECS', {
    ...lineOf(execution),
    hookStatus,
    callBackDelay,
    step: progress.step,
  });
  return { hookStatus, callBackDelay, hookDetails: writeProgress(execution, progress) };
}

function succeed({ logger }: Hook, execution: EcsHookExecution): EcsHookResponse {
  logger.info('Sent response to ECS', { ...lineOf(execution), hookStatus: 'SUCCEEDED' });
  return { hookStatus: 'SUCCEEDED' };
}

/** Succeeds: a stage without work, or one that AWS added later, must not stop a deployment. */
function skip({ logger }: Hook, execution: EcsHookExecution, reason: string): EcsHookResponse {
  logger.debug('Sent response to ECS', { ...lineOf(execution), hookStatus: 'SUCCEEDED', reason });
  return { hookStatus: 'SUCCEEDED' };
}

function fail(
  { logger }: Hook,
  execution: EcsHookExecution | undefined,
  error: unknown,
  step?: string,
): EcsHookResponse {
  logger.error('Sent response to ECS', {
    ...(execution === undefined ? { resource: 'ECS hook event' } : lineOf(execution)),
    hookStatus: 'FAILED',
    ...(step !== undefined && { step }),
    ...describeError(error),
  });
  return { hookStatus: 'FAILED' };
}

function lineOf({ deploymentArn: resource, stage, direction }: EcsHookExecution) {
  return { resource, stage, direction };
}

/** ECS sends no test traffic weights for a service without a test listener. */
function unknownDirection({
  deploymentArn,
  stage,
  targetServiceRevisionArn,
}: EcsHookExecution): ResourceStateError {
  const isTest = stage === 'TEST_TRAFFIC_SHIFT';
  const field = `executionDetails.${isTest ? 'testTrafficWeights' : 'productionTrafficWeights'}`;
  const remedy = isTest
    ? 'A service without a test listener has no test weights: add a test listener rule to the service, ' +
      'or move the work to POST_SCALE_UP, which runs on the way forward only'
    : 'Read the deployment in the ECS console';
  return new ResourceStateError(`Cannot determine whether deployment ${deploymentArn} is rolling back`, {
    resource: deploymentArn,
    expected: `${field} with a weight of ${targetServiceRevisionArn} at ${stage}`,
    actual: 'none',
    remedy: `${remedy}; or add work for the direction \`unknown\` to this stage`,
  });
}
