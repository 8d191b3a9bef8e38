import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import * as v from 'valibot';
import { resolveClients } from '../core/clients.js';
import { systemClock } from '../core/clock.js';
import { describeError } from '../core/describe-error.js';
import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import { throwIfReturnedFailure } from '../core/returned-failure.js';
import { safeLogger } from '../core/safe-logger.js';
import { anyFunction, positiveSeconds, strictObject } from '../core/schemas.js';
import { stopwatch } from '../core/stopwatch.js';
import { requireLambdaContext, timeLeftOf } from '../core/time-left.js';
import { toolOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { parseCodeDeployEvent } from './parse-codedeploy-event.js';
import { sendCodeDeployResponse } from './send-codedeploy-response.js';
import type {
  CodeDeployHookClients,
  CodeDeployHookFunction,
  CodeDeployHookHandler,
  CodeDeployHookOptions,
} from './types.js';

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  deadlineMarginSeconds: v.optional(positiveSeconds, 30),
});

const runSchema = strictObject({ run: anyFunction });

/**
 * Creates the Lambda handler of a CodeDeploy lifecycle hook from a function. The handler responds to CodeDeploy exactly once:
 * `Succeeded` when the function resolves; `Failed` when it throws, or when the Lambda's deadline is near, even if the function
 * never ends. A function that ends after the signal was aborted counts as failed, because the abort may have ended it. A function
 * that returns `false` or `{ status: 'Failed' }` has failed as if it had thrown.
 *
 * The handler resolves as soon as CodeDeploy has the response, also a `Failed` one: CodeDeploy invokes asynchronously, and
 * Lambda retries a handler that throws, up to two times. The handler rejects, so that Lambda retries it, only when CodeDeploy
 * got no response, or when the event is malformed.
 *
 * @param run - the hook's work, which has to be repeatable. CodeDeploy waits at most an hour, Lambda at most 15 minutes.
 * @remarks IAM: codedeploy:PutLifecycleEventHookExecutionStatus
 * @throws InvalidInputError when an option is malformed. The handler rejects with an InvalidInputError for a malformed
 * event, an AccessDeniedError, or CodeDeploy's own error when it refused the response or every attempt failed.
 *
 * @example
 * ```ts
 * import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
 * import { codeDeployHook } from 'aws-blue-green-toolkit/hooks';
 *
 * const aurora = new AuroraTools({
 *   blue: { clusterIdentifier: 'orders-blue' },
 *   green: { clusterIdentifier: 'orders-green' },
 *   minimumReaderCount: 1,
 * });
 *
 * export const handler = codeDeployHook(async ({ signal }) => {
 *   await aurora.startDatabase('green', { signal });
 *   await aurora.waitForClusterState('green', 'available', { signal });
 * });
 * ```
 */
export function codeDeployHook(
  run: CodeDeployHookFunction,
  options: CodeDeployHookOptions = {},
): CodeDeployHookHandler {
  parseInput('codeDeployHook', runSchema, { run });
  const parsed = parseInput('codeDeployHook options', optionsSchema, options);
  const { deadlineMarginSeconds, clock = systemClock } = parsed;
  const { codeDeploy } = resolveClients<CodeDeployHookClients>(options, { codeDeploy: CodeDeployClient });
  const logger = safeLogger(parsed.logger ?? console);

  return async (event, context) => {
    const elapsed = stopwatch(clock);
    const execution = parseCodeDeployEvent(event);
    requireLambdaContext(context);
    const hook = { ...execution, context: timeLeftOf(context, clock), clock, logger };
    const work = async (timed: TimedWork) =>
      throwIfReturnedFailure(await run({ ...execution, ...timed, logger }), 'Function of the hook');
    const outcome = await runBeforeDeadline(work, {
      ...hook,
      resource: execution.deploymentId,
      data: { ...execution },
      marginSeconds: deadlineMarginSeconds,
    });
    const status = outcome.status === 'succeeded' ? 'Succeeded' : 'Failed';
    const { alreadyAnswered } = await sendCodeDeployResponse({ ...hook, codeDeploy, status, elapsed });
    return {
      ...execution,
      status,
      alreadyAnswered,
      ...(outcome.status === 'failed' && { reason: describeError(outcome.error).error }),
    };
  };
}
