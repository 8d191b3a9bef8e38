import { strictObject } from '../core/schemas.js';
import { objectWith } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { resumableSchema, SafeResumable } from '../resumable/safe-resumable.js';
import type { Resumable } from '../resumable/types.js';
import { DurableDrive } from './durable-drive.js';
import { requireEnoughOperations } from './durable-operations.js';
import { parseDurableOptions, parseDurableRequest } from './settings.js';
import type { DurableChangeContext, DurableOptions, DurableRequest, DurableResult } from './types.js';

const argumentsSchema = strictObject({
  context: objectWith<DurableChangeContext>('a durable context with the methods', [
    'step',
    'wait',
    'createCallback',
    'invoke',
  ]),
  resumable: resumableSchema,
});

/**
 * Runs a long change, such as a traffic shift, in a Lambda durable function, for hours or days. Every call of the change is a step
 * of the durable execution, and every hold is one of its waits, during which no Lambda runs.
 *
 * A step that fails `maxAttempts` times rolls the change back. A step of the rollback that fails `maxRollbackAttempts` times halts
 * it. Stopping the execution (`StopDurableExecution`) and its timeout stop the change without a rollback. Limit a shift by the
 * request's `maxDurationSeconds` instead, and configure a longer execution timeout of the function.
 *
 * @param context - the context of the durable function.
 * @param resumable - a `TrafficShifter`, or an object of your own class, created in each invocation with the same options.
 * @param request - the request, or the {@link ContinuedChange} of another execution.
 * @remarks IAM: lambda:CheckpointDurableExecution, lambda:GetDurableExecutionState on the function's versions, for AWS's
 * own SDK; lambda:InvokeFunction on the version or alias that `continueIn` names; and the actions of the change: those of a
 * shifter's target and checks.
 * @throws InvalidInputError for a wrong request or option, before the first operation; the errors of `begin`, as the error of a
 * step. Later errors become part of the result.
 *
 * @example
 * ```ts
 * import { withDurableExecution } from '@aws/durable-execution-sdk-js';
 * import { AlbListenerRuleTarget, type ShiftRequest, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 * import { runDurably } from 'aws-blue-green-toolkit/durable';
 *
 * const shifter = new TrafficShifter({
 *   target: new AlbListenerRuleTarget({
 *     ruleArns: [process.env['RULE_ARN'] ?? ''],
 *     blue: { targetGroupArn: process.env['BLUE_TARGET_GROUP_ARN'] ?? '' },
 *     green: { targetGroupArn: process.env['GREEN_TARGET_GROUP_ARN'] ?? '' },
 *   }),
 * });
 *
 * export const handler = withDurableExecution(async (request: ShiftRequest, context) =>
 *   runDurably(context, shifter, request),
 * );
 * ```
 */
export async function runDurably<Request, State, Event>(
  context: DurableChangeContext,
  resumable: Resumable<Request, State, Event>,
  request: DurableRequest<NoInfer<Request>, NoInfer<State>>,
  options: DurableOptions<NoInfer<State>, NoInfer<Event>> = {},
): Promise<DurableResult<State>> {
  parseInput('runDurably', argumentsSchema, { context, resumable });
  const settings = parseDurableOptions<State, Event>(options);
  const safe = new SafeResumable(resumable);
  const task = parseDurableRequest(request, safe, settings);
  if (task.continued === undefined) requireEnoughOperations(safe, task.request, settings);
  const drive = new DurableDrive(context, safe, task.request, settings);
  return drive.runToEnd(await drive.begin(task));
}
