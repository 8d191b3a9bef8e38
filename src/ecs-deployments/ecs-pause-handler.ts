import * as v from 'valibot';
import { type Clock, systemClock } from '../core/clock.js';
import { ResourceStateError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import { safeLogger } from '../core/safe-logger.js';
import { functionOf, positiveSeconds, strictObject } from '../core/schemas.js';
import { requireLambdaContext, type TimeLeft, timeLeftOf } from '../core/time-left.js';
import { clockSchema, loggerSchema, objectWith } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { runToEnd } from '../resumable/run-to-end.js';
import type { EcsPause } from './ecs-pause.js';
import { type HookStateChange, parseHookEvent } from './parse-hook-event.js';
import type { EcsPauseEvent } from './pause-events.js';
import type { EcsPauseState } from './pause-state.js';
import { resourceOf } from './read-deployment.js';

/** Options of {@link ecsPauseHandler}. */
export interface EcsPauseHandlerOptions {
  /**
   * Receives each event of a pause. Its errors are logged and ignored.
   * @default none
   */
  readonly onEvent?: ((event: EcsPauseEvent, state: EcsPauseState) => unknown) | undefined;
  /**
   * Seconds before the Lambda's own deadline at which the work ends, 1 or more. At most half of the Lambda's time-out is used.
   * @default 15
   */
  readonly deadlineMarginSeconds?: number | undefined;
  /**
   * Receives a line for each result.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time and of waits.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** Result of one event. */
export interface EcsPauseHandlerResult {
  /** `ignored`: the event needs no response; `continued` and `rolledBack`: the pause has this response, of this call or another. */
  readonly result: 'continued' | 'rolledBack' | 'ignored';
  /** Reason of a rollback, or of ignoring the event. */
  readonly reason?: string;
}

/** A Lambda handler for the hook events of ECS. */
export type EcsPauseHandler = (event: unknown, context: TimeLeft) => Promise<EcsPauseHandlerResult>;

const pauseSchema = objectWith<EcsPause>('an EcsPause with the methods', [
  'begin',
  'advance',
  'rollBack',
  'hasWorkAt',
]);

const optionsSchema = strictObject({
  onEvent: v.optional(functionOf<NonNullable<EcsPauseHandlerOptions['onEvent']>>()),
  deadlineMarginSeconds: v.optional(positiveSeconds, 15),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

/**
 * Creates the Lambda handler of an EventBridge rule for `ECS Hook State Change`. It responds to the pause of the event and returns;
 * other events are ignored. EventBridge can deliver an event twice: a pause that is settled is read again and left as it is.
 *
 * The handler rejects when the Lambda's time is over before the checks have decided, so that Lambda calls it again twice. After that
 * the pause waits for its expiry. Use a state machine for checks that take longer.
 *
 * @remarks IAM: ecs:DescribeServiceDeployments, ecs:ContinueServiceDeployment, ecs:StopServiceDeployment
 * @throws InvalidInputError when an option is malformed. The handler rejects with an InvalidInputError for a malformed event, a
 * DeadlineError near the end of the Lambda's time, and a ResourceStateError for a deployment that can be neither continued nor
 * rolled back.
 *
 * @example
 * ```ts
 * import { EcsPause, ecsPauseHandler } from 'aws-blue-green-toolkit/ecs-deployments';
 * import { httpCheck } from 'aws-blue-green-toolkit/traffic';
 *
 * export const handler = ecsPauseHandler(
 *   new EcsPause({
 *     stages: { POST_TEST_TRAFFIC_SHIFT: { checks: [httpCheck({ url: 'https://test.example.com/health' })] } },
 *   }),
 * );
 * ```
 */
export function ecsPauseHandler(pause: EcsPause, options: EcsPauseHandlerOptions = {}): EcsPauseHandler {
  const given = parseInput('ecsPauseHandler pause', pauseSchema, pause);
  const parsed = parseInput('ecsPauseHandler options', optionsSchema, options);
  const { clock = systemClock, deadlineMarginSeconds: marginSeconds, onEvent } = parsed;
  const logger = safeLogger(parsed.logger ?? console);
  return async (event, context) => {
    requireLambdaContext(context);
    const change = parseHookEvent(event);
    const resource = resourceOf(change.serviceDeploymentArn);
    const data = { hookId: change.hookId, stage: change.lifecycleStage };
    const ignored = reasonToIgnore(change, given);
    if (ignored !== undefined) {
      logger.debug('Ignored event of ECS', { resource, ...data, reason: ignored });
      return { result: 'ignored', reason: ignored };
    }
    const left = timeLeftOf(context, clock);
    const outcome = await runBeforeDeadline(
      (timed) => respond({ pause: given, change, timed, clock, logger, onEvent }),
      { work: 'pause', context: left, clock, logger, resource, data, marginSeconds },
    );
    if (outcome.status === 'failed') throw outcome.error;
    return outcome.result;
  };
}

/** Names of events and hooks that ECS has added since are ignored. */
function reasonToIgnore(
  { eventName, hookType, lifecycleStage }: HookStateChange,
  pause: EcsPause,
): string | undefined {
  if (eventName !== 'HOOK_AWAITING_ACTION') return `The event ${eventName} needs no response`;
  if (hookType !== undefined && hookType !== 'PAUSE') return `The hook is of the type ${hookType}`;
  // The deployment may show a stage that the event lacks.
  if (lifecycleStage === undefined || pause.hasWorkAt(lifecycleStage)) return undefined;
  return `EcsPause has no work for the stage ${lifecycleStage}`;
}

async function respond({
  pause,
  change,
  timed,
  clock,
  logger,
  onEvent,
}: {
  readonly pause: EcsPause;
  readonly change: HookStateChange;
  readonly timed: TimedWork;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onEvent: EcsPauseHandlerOptions['onEvent'];
}): Promise<EcsPauseHandlerResult> {
  const { serviceDeploymentArn, hookId, lifecycleStage } = change;
  const request = {
    serviceDeploymentArn,
    hookId,
    ...(lifecycleStage !== undefined && { lifecycleStage }),
    waitForRollback: false,
  };
  const { outcome, reason } = await runToEnd(pause, request, {
    clock,
    logger,
    onEvent,
    haltSignal: timed.signal,
  });
  timed.signal.throwIfAborted();
  if (outcome === 'halted')
    throw new ResourceStateError(`Could not respond to pause ${hookId}`, {
      resource: resourceOf(serviceDeploymentArn),
      remedy: reason,
    });
  return outcome === 'succeeded'
    ? { result: 'continued' }
    : { result: 'rolledBack', ...(reason !== undefined && { reason }) };
}
