import { strictObject } from '../core/schemas.js';
import { objectWith } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { DurableDrive } from './durable-drive.js';
import { requireEnoughOperations } from './durable-operations.js';
import { parseDurableOptions, parseDurableRequest } from './settings.js';
import type {
  DurableShiftContext,
  DurableShifter,
  DurableShiftOptions,
  DurableShiftRequest,
  DurableShiftResult,
} from './types.js';

const argumentsSchema = strictObject({
  context: objectWith<DurableShiftContext>('a durable context with the methods', [
    'step',
    'wait',
    'createCallback',
    'invoke',
  ]),
  shifter: objectWith<DurableShifter>('a shifter with the methods', ['begin', 'advance', 'rollBack']),
});

/**
 * Runs a whole shift in a Lambda durable function, for hours or days. Every call of the shifter is a step of the durable
 * execution, and every hold is one of its waits, during which no Lambda runs.
 *
 * A step that fails `maxAttempts` times rolls the shift back. A step of the rollback that fails `maxRollbackAttempts` times halts
 * it. Stopping the execution (`StopDurableExecution`) and its timeout stop the shift without a rollback. Limit the shift by the
 * request's `maxDurationSeconds` instead, and configure a longer execution timeout of the function.
 *
 * @param context - the context of the durable function.
 * @param shifter - a `TrafficShifter`, created in each invocation with the same options.
 * @param request - the shift, or the {@link ContinuedShift} of another execution.
 * @remarks IAM: lambda:CheckpointDurableExecution, lambda:GetDurableExecutionState on the function's versions, for AWS's
 * own SDK; lambda:InvokeFunction on the version or alias that `continueIn` names; and the actions of the shifter's target and
 * checks.
 * @throws InvalidInputError for a wrong request or option, before the first operation; the errors of `TrafficShifter.begin`, as
 * the error of a step. Later errors become part of the result.
 *
 * @example
 * ```ts
 * import { withDurableExecution } from '@aws/durable-execution-sdk-js';
 * import { AlbListenerRuleTarget, type ShiftRequest, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 * import { shiftDurably } from 'aws-blue-green-toolkit/durable';
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
 *   shiftDurably(context, shifter, request),
 * );
 * ```
 */
export async function shiftDurably(
  context: DurableShiftContext,
  shifter: DurableShifter,
  request: DurableShiftRequest,
  options: DurableShiftOptions = {},
): Promise<DurableShiftResult> {
  parseInput('shiftDurably', argumentsSchema, { context, shifter });
  const settings = parseDurableOptions(options);
  const task = parseDurableRequest(request, settings);
  if (task.run === undefined) requireEnoughOperations(shifter, task.request, settings);
  const drive = new DurableDrive(context, shifter, settings);
  return drive.runToEnd(task.run ?? (await drive.begin(task.request)));
}
