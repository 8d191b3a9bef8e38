import * as v from 'valibot';
import { type Clock, systemClock } from '../core/clock.js';
import { describeError } from '../core/describe-error.js';
import { ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import { safeLogger } from '../core/safe-logger.js';
import { anyFunction, positiveSeconds, seconds, strictObject } from '../core/schemas.js';
import { timeLeftOf } from '../core/time-left.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { driveSteps } from './ecs-drive-steps.js';
import { type EcsHookExecution, parseEcsHookEvent } from './ecs-event.js';
import { configuredDetails, readProgress, StageMemory, writeProgress } from './ecs-hook-details.js';
import type { Turn } from './ecs-stage-drive.js';
import { planStages } from './ecs-stages.js';
import type { EcsHookStep } from './ecs-steps.js';
import type {
  EcsHookInvocation,
  EcsHookResponse,
  EcsHookStages,
  EcsLifecycleHookHandler,
  EcsLifecycleHookOptions,
} from './ecs-types.js';
import type { HookLambdaContext } from './types.js';

/** AWS names no shortest delay either. */
const soonSeconds = 1;

/** AWS names no longest delay; calling early costs an invocation of a moment, and a delay that is refused a deployment. */
const maxDelaySeconds = 300;

const optionsSchema = strictObject({
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
  deadlineMarginSeconds: v.optional(positiveSeconds, 30),
  maxStageSeconds: v.optional(
    v.pipe(
      seconds,
      v.check((value) => value > 0, 'more than 0 seconds'),
    ),
    82_800,
  ),
});

const contextSchema = v.object({ getRemainingTimeInMillis: anyFunction });
const timeLeftSchema = v.object({
  'getRemainingTimeInMillis()': v.pipe(v.number(), v.finite()),
});

/** What every invocation of a hook has in common. */
interface Hook {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlineMarginSeconds: number;
  readonly maxStageSeconds: number;
}

/** An invocation, and the stage's work that it goes on with. */
interface StageWork {
  readonly execution: EcsHookExecution;
  readonly steps: readonly EcsHookStep[];
  readonly context: HookLambdaContext;
}

/**
 * Makes a Lambda handler for the lifecycle hooks of ECS's own blue/green, linear and canary deployments. It never throws
 * and always gives a valid answer: `SUCCEEDED` when the stage's work is done, or there is none; `FAILED`, upon which ECS
 * rolls back, when a step throws, time is up, or the event is malformed; `IN_PROGRESS` while there is something to wait
 * for, or when the Lambda's time ends in the middle of a step, which is run again then.
 *
 * What it has to remember travels in the event's `hookDetails`, beside the hook's configuration, so nothing has to be set up for it.
 *
 * @param stages - what is done, by stage.
 * @remarks IAM: what the work needs.
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
      if ('isUnclear' in work) return fail(hook, execution, unclear(execution));
      if ('nothingBecause' in work) return skip(hook, execution, work.nothingBecause);
      return await proceed(hook, { execution, steps: work.steps, context });
    } catch (error) {
      return fail(hook, execution, error);
    }
  };
}

/** @throws InvalidInputError for a context that cannot tell the time that is left. */
function requireTimeLeft(context: HookLambdaContext): void {
  parseInput('Lambda context', contextSchema, context);
  const left = { 'getRemainingTimeInMillis()': context.getRemainingTimeInMillis() };
  parseInput('Lambda context', timeLeftSchema, left);
}

/** Goes on where the last invocation of this execution has stopped. */
async function proceed(hook: Hook, { execution, steps, context }: StageWork): Promise<EcsHookResponse> {
  const { clock, logger, deadlineMarginSeconds: marginSeconds, maxStageSeconds } = hook;
  const { deploymentArn: resource, stage, direction } = execution;
  const [first] = steps;
  if (first === undefined) return skip(hook, execution, 'The list of steps is empty');
  const now = clock.now();
  const memory = new StageMemory(
    readProgress(execution) ?? { startedAt: now, step: first.name, since: now },
    steps,
  );
  const drive = { steps, clock, maxStageSeconds, memory };
  const outcome = await runBeforeDeadline(
    (timed) =>
      turnOf(() => driveSteps({ ...drive, invocation: invocationOf(execution, timed, memory, logger) })),
    // A step whose time is over goes on in the next invocation.
    {
      context: timeLeftOf(context, clock),
      clock,
      logger: { ...logger, error: logger.warn },
      resource,
      data: { stage, direction },
      marginSeconds,
    },
  );
  if (outcome.status === 'failed') return callBack(hook, execution, memory, soonSeconds);
  const turn = outcome.result;
  if ('error' in turn) return fail(hook, execution, turn.error, memory.progress.step);
  return turn.isDone ? succeed(hook, execution) : callBack(hook, execution, memory, turn.waitSeconds);
}

/** What a turn throws is its result, so that only time that is over makes it fail. */
async function turnOf(drive: () => Promise<Turn>): Promise<Turn | { readonly error: unknown }> {
  try {
    return await drive();
  } catch (error) {
    return { error };
  }
}

function invocationOf(
  execution: EcsHookExecution,
  timed: TimedWork,
  memory: StageMemory,
  logger: Logger,
): EcsHookInvocation {
  return {
    ...execution,
    ...timed,
    hookDetails: configuredDetails(execution),
    logger,
    get kept() {
      return memory.progress.kept;
    },
    keep: (value) => memory.keep(value),
  };
}

function callBack(
  { logger }: Hook,
  execution: EcsHookExecution,
  { progress }: StageMemory,
  waitSeconds: number,
): EcsHookResponse {
  const callBackDelay = Math.ceil(Math.min(Math.max(waitSeconds, soonSeconds), maxDelaySeconds));
  const hookStatus = 'IN_PROGRESS';
  logger.info('Answered ECS', { ...lineOf(execution), hookStatus, callBackDelay, step: progress.step });
  return { hookStatus, callBackDelay, hookDetails: writeProgress(execution, progress) };
}

function succeed({ logger }: Hook, execution: EcsHookExecution): EcsHookResponse {
  logger.info('Answered ECS', { ...lineOf(execution), hookStatus: 'SUCCEEDED' });
  return { hookStatus: 'SUCCEEDED' };
}

/** A stage that nobody has given work for, or that AWS has added since, is no reason to stop a deployment. */
function skip({ logger }: Hook, execution: EcsHookExecution, reason: string): EcsHookResponse {
  logger.debug('Answered ECS', { ...lineOf(execution), hookStatus: 'SUCCEEDED', reason });
  return { hookStatus: 'SUCCEEDED' };
}

function fail(
  { logger }: Hook,
  execution: EcsHookExecution | undefined,
  error: unknown,
  step?: string,
): EcsHookResponse {
  logger.error('Answered ECS', {
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

/** A service without a test listener has no test traffic, so ECS sends no weights of it. */
function unclear({ deploymentArn, stage, targetServiceRevisionArn }: EcsHookExecution): ResourceStateError {
  const isTest = stage === 'TEST_TRAFFIC_SHIFT';
  const field = `executionDetails.${isTest ? 'testTrafficWeights' : 'productionTrafficWeights'}`;
  const remedy = isTest
    ? 'A service without a test listener has no test weights: give the service a test listener rule, ' +
      'or move the work to POST_SCALE_UP, which runs on the way forward only'
    : 'Read the deployment in the ECS console';
  return new ResourceStateError(`Cannot determine whether deployment ${deploymentArn} is rolling back`, {
    resource: deploymentArn,
    expected: `${field} with a weight of ${targetServiceRevisionArn} at ${stage}`,
    actual: 'none',
    remedy: `${remedy}; or add work for the direction \`unknown\` to this stage`,
  });
}
