import * as v from 'valibot';
import { classifyFailure } from '../../core/failures.js';
import { anyFunction, nonEmptyString, notAFunction, permissionList } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { evaluateChecks } from '../../traffic/shift/evaluate-checks.js';
import type { Check, CheckContext } from '../../traffic/types.js';
import type { StepContext, SwapStep } from '../plan/step.js';
import { StepFailedError } from './step-failed-error.js';
import { type StepOptions, stepOptionsSchema } from './step-options.js';

const checkSchema = v.object({
  check: notAFunction(
    'a check: use customCheck(name, fn)',
    v.object({
      name: nonEmptyString,
      dryRun: v.optional(v.boolean()),
      evaluate: anyFunction,
      permissions: v.optional(permissionList),
    }),
  ),
});

/** Keys in the memory of the step: the time of the first evaluation, and whether that one passed. */
const beganKey = 'beganAt';
const passedKey = 'passed';

/**
 * Creates a step that continues only when a check of a traffic shift passes. A failure fails the step at once, and so does an error
 * that does not pass by itself, such as a denied permission. A check that is inconclusive, or throws another error, is evaluated again
 * until `maxWaitSeconds` are over, and once more at the end of the phase; the last result is the reason why the step is not done. A
 * check with `dryRun` is evaluated once, and its result is only logged. There is nothing to undo.
 *
 * The check sees all traffic on the stack that the step does not belong to. `weightsSince` and `startedAt` are the time of the first
 * evaluation, so that a metric covers the time since then.
 *
 * @param check - evaluated by `run` for the first time, never by a preview.
 * @param options - `name` is the name of the check, and `intervalSeconds` is 30 by default.
 * @remarks Has the permissions that the check declares. Add those of a check of your own to the role.
 * @throws InvalidInputError when the check is none, or an option is malformed or unknown.
 */
export function check(check: Check, options: StepOptions = {}): SwapStep {
  const parsed = parseInput('check arguments', checkSchema, { check }).check;
  const {
    name = parsed.name,
    intervalSeconds = 30,
    ...settings
  } = parseInput('check options', stepOptionsSchema, options);
  return {
    name,
    intervalSeconds,
    ...settings,
    ...(check.permissions !== undefined && { permissions: check.permissions }),
    undo: 'none',
    async isDone(context) {
      const { memory } = context;
      if (memory[passedKey] === true) return true;
      if (memory[beganKey] === undefined) return false;
      const { isPassed, detail } = await evaluateOnce(check, context);
      if (!isPassed) context.report?.(detail);
      return isPassed;
    },
    async run(context) {
      const { memory, clock } = context;
      if (memory[passedKey] === true) return;
      if (typeof memory[beganKey] !== 'number') memory[beganKey] = clock.now();
      memory[passedKey] = (await evaluateOnce(check, context)).isPassed;
    },
  };
}

/** Evaluates the check once. Throws when it fails, and the check's own error when that does not pass by itself. */
async function evaluateOnce(
  check: Check,
  context: StepContext,
): Promise<{ readonly isPassed: boolean; readonly detail: string }> {
  const resource = `check ${check.name}`;
  let thrown: unknown;
  const watched: Check = {
    name: check.name,
    dryRun: check.dryRun,
    evaluate: async (checkContext) => {
      try {
        return await check.evaluate(checkContext);
      } catch (error) {
        thrown = error;
        throw error;
      }
    },
  };
  const [evaluation] = await evaluateChecks([watched], checkContextOf(context), resource);
  if (evaluation === undefined) return { isPassed: false, detail: 'no result' };
  const { result, dryRun } = evaluation;
  context.logger.info('Evaluated check', {
    resource,
    outcome: result.outcome,
    detail: result.detail,
    ...('evidence' in result && { evidence: result.evidence }),
    dryRun,
  });
  if (result.outcome === 'fail' && !dryRun) {
    throw new StepFailedError(`Check ${check.name} failed`, {
      resource,
      expected: 'the outcome pass',
      actual: result.detail,
      remedy: 'Repair the cause, then deploy again',
    });
  }
  if (thrown !== undefined && !dryRun && classifyFailure(thrown) === 'final') throw thrown;
  return { isPassed: result.outcome === 'pass' || dryRun, detail: result.detail };
}

function checkContextOf({
  stack,
  incoming,
  outgoing,
  clock,
  logger,
  signal,
  memory,
}: StepContext): CheckContext {
  const now = clock.now();
  const beganAt = memory[beganKey];
  const weightsSince = typeof beganAt === 'number' ? beganAt : now;
  const shareOf = (it: typeof stack) => (it === stack ? 0 : 100);
  const weights = { blue: shareOf('blue'), green: shareOf('green') };
  return { incoming, outgoing, weights, weightsSince, startedAt: weightsSince, now, clock, logger, signal };
}
