import * as v from 'valibot';
import { describeError } from '../core/describe-error.js';
import { classifyFailure } from '../core/failures.js';
import { isRecord } from '../core/is-record.js';
import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import { positiveSeconds, strictObject } from '../core/schemas.js';
import { requireLambdaContext, timeLeftOf } from '../core/time-left.js';
import { parseInput } from '../core/validate.js';
import type { HookScope } from '../swap/engine/decision.js';
import type { DeploymentSwap } from '../swap/engine/end-earlier.js';
import { requestOwnReturn } from '../swap/engine/request-return.js';
import { wakeForOwner, wakeForTick } from '../swap/engine/wake.js';
import { SwapPlanError } from '../swap/errors.js';
import type { SwapOwner } from '../swap/record/types.js';
import type { StackSwap } from '../swap/stack-swap.js';
import type { SwapSettings } from '../swap/swap-options.js';
import { type EcsHookExecution, parseEcsHookEvent } from './ecs-event.js';
import type { EcsHookResponse } from './ecs-types.js';
import { settingsOf } from './parse-swap.js';
import { runWatched, swapListener, type WatchedSwap, watchSwap } from './swap-feed.js';
import type { EcsSwapHookHandler, EcsSwapHookOptions, SwapTickResult } from './swap-hook-types.js';
import { tickResultOf } from './tick-result.js';
import type { HookLambdaContext } from './types.js';

const optionsSchema = strictObject({
  deadlineMarginSeconds: v.optional(positiveSeconds, 30),
  onEvent: v.optional(swapListener),
});

/** Part of the swap that each stage ends. The other stages have no work. */
const scopes: Readonly<Record<string, HookScope>> = {
  PRE_SCALE_UP: 'prepare',
  POST_SCALE_UP: 'effect',
  POST_TEST_TRAFFIC_SHIFT: 'test',
  PRE_PRODUCTION_TRAFFIC_SHIFT: 'gate',
  POST_PRODUCTION_TRAFFIC_SHIFT: 'verify',
};

/** Longest pause within one invocation. ECS calls again after a longer one, so that no function waits. */
const maxPauseSeconds = 5;
const minDelaySeconds = 5;
const maxDelaySeconds = 60;

/** Dependencies of the hook. */
interface EcsSwapHookDependencies {
  readonly swap: WatchedSwap;
  readonly deadlineMarginSeconds: number;
}

/**
 * Creates the Lambda handler of a swap whose traffic ECS moves itself. One function has three triggers: the lifecycle hooks of the
 * service, the event `ECS Deployment State Change` of EventBridge, and the schedule `rate(5 minutes)`.
 *
 * PRE_SCALE_UP prepares, POST_SCALE_UP waits until the changes are in effect, POST_TEST_TRAFFIC_SHIFT tests,
 * PRE_PRODUCTION_TRAFFIC_SHIFT verifies that everything still holds, POST_PRODUCTION_TRAFFIC_SHIFT verifies the traffic. The response is
 * `IN_PROGRESS` while the swap waits. At a traffic shift of a rollback the hook records that the swap rolls back, and responds at once.
 * The event and the schedule do what follows: they retire the outgoing stack when the deployment has succeeded, or undo the changes
 * when the traffic has returned.
 *
 * `FAILED` is the response only to a verdict in the record, and to a revision that was refused before its swap began.
 *
 * @remarks IAM: the permissions of the swap.
 * @throws InvalidInputError for a malformed option; SwapPlanError for a swap without `ecsSwitch`. The handler rejects when an event or
 * the schedule could not be carried out; a hook never rejects.
 *
 * @example
 * ```ts
 * import { ecsSwapHook } from 'aws-blue-green-toolkit/hooks';
 * import { ecsSwitch, StackSwap } from 'aws-blue-green-toolkit/swap';
 * import { DynamoSwapRecord } from 'aws-blue-green-toolkit/swap/dynamo';
 *
 * const swap = new StackSwap({
 *   application: 'orders-production',
 *   record: new DynamoSwapRecord({ tableName: 'stack-swaps' }),
 *   boundBy: 'STACK',
 *   switch: ecsSwitch({
 *     cluster: 'orders',
 *     service: 'web',
 *     listenerArn: process.env['LISTENER_ARN'] ?? '',
 *   }),
 * });
 *
 * export const handler = ecsSwapHook(swap);
 * ```
 */
export function ecsSwapHook(swap: StackSwap, options: EcsSwapHookOptions = {}): EcsSwapHookHandler {
  const settings = settingsOf('ecsSwapHook', swap);
  const { deadlineMarginSeconds, onEvent } = parseInput('ecsSwapHook options', optionsSchema, options);
  const dependencies = { swap: watchSwap(requireEcs(settings), onEvent), deadlineMarginSeconds };
  return (event, context) =>
    runWatched<EcsHookResponse | SwapTickResult>(dependencies.swap, context, () =>
      isHookEvent(event) ? runHook(dependencies, event, context) : runTick(dependencies, context),
    );
}

/** EventBridge sends the event and the schedule with other fields. */
function isHookEvent(event: unknown): boolean {
  return isRecord(event) && 'lifecycleStage' in event;
}

async function runHook(
  { swap, deadlineMarginSeconds }: EcsSwapHookDependencies,
  event: unknown,
  context: HookLambdaContext,
): Promise<EcsHookResponse> {
  const { clock, logger } = swap;
  try {
    const execution = parseEcsHookEvent(event);
    requireLambdaContext(context);
    const outcome = await runBeforeDeadline((time) => respond(swap, execution, time), {
      context: timeLeftOf(context, clock),
      clock,
      // The next invocation continues.
      logger: { ...logger, error: logger.warn },
      resource: execution.deploymentArn,
      data: { stage: execution.stage },
      marginSeconds: deadlineMarginSeconds,
    });
    const response =
      outcome.status === 'succeeded' ? outcome.result : await responseTo(outcome.error, swap, execution);
    logger.info('Sent response to ECS', {
      resource: execution.deploymentArn,
      stage: execution.stage,
      ...response,
    });
    return response;
  } catch (error) {
    logger.error('Sent response to ECS', {
      resource: 'ECS hook event',
      hookStatus: 'FAILED',
      ...describeError(error),
    });
    return { hookStatus: 'FAILED' };
  }
}

async function respond(
  swap: DeploymentSwap,
  { stage, direction, deploymentArn }: EcsHookExecution,
  time: TimedWork,
): Promise<EcsHookResponse> {
  const owner: SwapOwner = { kind: 'ecs', id: deploymentArn };
  if (direction === 'rollback') {
    await requestOwnReturn(swap, owner, 'ECS rolls the deployment back');
    return { hookStatus: 'SUCCEEDED' };
  }
  const scope = Object.hasOwn(scopes, stage) ? scopes[stage] : undefined;
  if (scope === undefined) return { hookStatus: 'SUCCEEDED' };
  const result = await wakeForOwner(swap, owner, scope, {
    signal: time.signal,
    remainingSeconds: () => time.remainingSeconds(),
    maxPauseSeconds,
  });
  if (result.status === 'refused') {
    swap.logger.error('Refused deployment', { resource: deploymentArn, stage, reason: result.reason });
    return { hookStatus: 'FAILED' };
  }
  return result.status === 'unfinished' ? inProgress(result.waitSeconds) : { hookStatus: 'SUCCEEDED' };
}

function inProgress(waitSeconds: number): EcsHookResponse {
  const callBackDelay = Math.ceil(Math.min(Math.max(waitSeconds, minDelaySeconds), maxDelaySeconds));
  return { hookStatus: 'IN_PROGRESS', callBackDelay };
}

/** An error is no verdict. One that a repeated call gets again makes the swap roll back, and then it is one. */
async function responseTo(
  error: unknown,
  swap: DeploymentSwap,
  { deploymentArn, direction }: EcsHookExecution,
): Promise<EcsHookResponse> {
  const details = { resource: deploymentArn, ...describeError(error) };
  swap.logger.warn('Hook of the swap failed', details);
  if (direction === 'rollback') return { hookStatus: 'SUCCEEDED' };
  if (classifyFailure(error) !== 'final') return inProgress(minDelaySeconds);
  try {
    const owner: SwapOwner = { kind: 'ecs', id: deploymentArn };
    const reason = `The hook failed: ${String(describeError(error).error)}`;
    return (await requestOwnReturn(swap, owner, reason))
      ? { hookStatus: 'FAILED' }
      : inProgress(maxDelaySeconds);
  } catch (failure) {
    swap.logger.warn('Could not record the rollback of the swap', {
      resource: deploymentArn,
      ...describeError(failure),
    });
    return inProgress(maxDelaySeconds);
  }
}

async function runTick(
  { swap, deadlineMarginSeconds }: EcsSwapHookDependencies,
  lambdaContext: HookLambdaContext,
): Promise<SwapTickResult> {
  const { clock, logger, application } = swap;
  requireLambdaContext(lambdaContext);
  const context = timeLeftOf(lambdaContext, clock);
  const work = { context, clock, logger, work: 'swap tick', resource: application };
  const outcome = await runBeforeDeadline((time) => wakeForTick(swap, time), {
    ...work,
    marginSeconds: deadlineMarginSeconds,
  });
  if (outcome.status === 'failed') throw outcome.error;
  return tickResultOf(outcome.result);
}

function requireEcs(settings: SwapSettings): DeploymentSwap {
  const { switch: mover, application } = settings;
  if (mover.kind === 'ecs') return { ...settings, switch: mover };
  throw new SwapPlanError(`ECS does not move the traffic of ${application}`, {
    resource: application,
    steps: [],
    expected: 'a swap with ecsSwitch',
    actual: mover.kind,
  });
}
