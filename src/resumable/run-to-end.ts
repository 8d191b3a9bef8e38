import { invalidInput } from '../core/errors.js';
import { strictObject } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { parseRunOptions } from './parse-run-options.js';
import { runInProcess } from './run-in-process.js';
import type { RunResult, RunSettings, RunToEndOptions } from './run-options.js';
import { resumableSchema, SafeResumable } from './safe-resumable.js';
import type { Resumable } from './types.js';

const argumentsSchema = strictObject({ resumable: resumableSchema });

/**
 * Runs a long change in this process, from its request to its end: a traffic shift, or a class of your own.
 *
 * A call that fails is retried. After `maxAttempts` failures in a row the change is rolled back, and after `maxRollbackAttempts` the
 * rollback is halted. When the process stops earlier, continue from the last state that `onEvent` received.
 *
 * @param resumable - the change.
 * @param request - its request, which `parseRequest` accepts.
 * @remarks IAM: the actions of the change.
 * @throws InvalidInputError for an invalid option or request, before the first call; the errors of `begin`. Later errors roll the
 * change back or halt it. The error of a clock that cannot sleep is thrown after the change was rolled back or halted.
 *
 * @example
 * ```ts
 * import { runToEnd } from 'aws-blue-green-toolkit/resumable';
 * import { AlbListenerRuleTarget, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * const shifter = new TrafficShifter({
 *   target: new AlbListenerRuleTarget({
 *     ruleArns: [process.env['RULE_ARN'] ?? ''],
 *     blue: { targetGroupArn: process.env['BLUE_TARGET_GROUP_ARN'] ?? '' },
 *     green: { targetGroupArn: process.env['GREEN_TARGET_GROUP_ARN'] ?? '' },
 *   }),
 * });
 *
 * const { outcome, reason } = await runToEnd(shifter, {
 *   incoming: 'green',
 *   strategy: { type: 'canary', percent: 10, holdSeconds: 300 },
 * });
 * ```
 */
export async function runToEnd<Request, State, Event>(
  resumable: Resumable<Request, State, Event>,
  request: NoInfer<Request>,
  options: RunToEndOptions<NoInfer<State>, NoInfer<Event>> = {},
): Promise<RunResult<State, Event>> {
  parseInput('runToEnd', argumentsSchema, { resumable });
  const settings = parseRunOptions<State, Event>(options);
  const safe = new SafeResumable(resumable);
  const parsed = safe.parseRequest(request);
  requireApprovable(safe.plannedApprovals(parsed), settings);
  return runInProcess(safe, parsed, settings);
}

/** @throws InvalidInputError for a request with approvals that the run can never get. */
function requireApprovable(
  planned: readonly string[] = [],
  { isApproved, approved }: Pick<RunSettings<unknown, unknown>, 'isApproved' | 'approved'>,
): void {
  if (planned.length === 0 || isApproved !== undefined || approved.length > 0) return;
  throw invalidInput('runToEnd options', {
    field: 'isApproved',
    expected: `a function, because the request needs approvals (${planned.join(', ')})`,
    actual: 'nothing',
  });
}
