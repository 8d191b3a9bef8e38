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
 * Carries a whole shift out within a Lambda durable function: for hours or days, without a Lambda that runs meanwhile. Every
 * call of the shifter is a step of the durable execution, and every hold is one of its waits.
 *
 * What goes wrong too often turns the shift round; what goes wrong too often on the way back halts it. Stopping the execution
 * (`StopDurableExecution`) or its timeout stops the shift where it is, without a rollback: bound it by the request's
 * `maxDurationSeconds` instead, and let the function's execution timeout be longer than that.
 *
 * @param context - the context of the durable function.
 * @param shifter - a `TrafficShifter`; made anew in each invocation, with the same options.
 * @param request - what is wanted, or what another execution has handed over.
 * @remarks IAM: lambda:CheckpointDurableExecution, lambda:GetDurableExecutionState on the function's versions, for AWS's
 * own SDK; lambda:InvokeFunction on the version or alias that `continueIn` names; and what the shifter's target and checks
 * need.
 * @throws InvalidInputError for a wrong request or option, before anything is done; what `TrafficShifter.begin` throws, as the
 * error of a step. Later errors end in a result.
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
  return drive.toTheEnd(task.run ?? (await drive.begin(task.request)));
}
