import * as v from 'valibot';
import { systemClock } from '../core/clock.js';
import { describeValue } from '../core/describe-value.js';
import { UnexpectedResponseError } from '../core/errors.js';
import { EventFeed } from '../core/event-feed.js';
import { runBeforeDeadline } from '../core/respond-before-deadline.js';
import { safeLogger } from '../core/safe-logger.js';
import { anyFunction, positiveSeconds, strictObject } from '../core/schemas.js';
import { timeLeftOf } from '../core/time-left.js';
import { clockSchema, loggerSchema, objectWith } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { ShiftEvent } from '../traffic/shift/shift-events.js';
import type { DrivenShifter } from '../traffic/shift/shift-run.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';
import { nextState, requireSmall } from './next-state.js';
import { parseShiftTask } from './shift-task.js';
import { takeStep } from './take-step.js';
import type {
  MakeShifter,
  ShiftExecutionInput,
  StepFunctionsHandler,
  StepFunctionsHandlerOptions,
} from './types.js';

const makeSchema = strictObject({ makeShifter: anyFunction });

const optionsSchema = strictObject({
  parseInput: v.optional(anyFunction),
  isApproved: v.optional(anyFunction),
  onEvent: v.optional(anyFunction),
  deadlineMarginSeconds: v.optional(positiveSeconds, 10),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

const resource = 'traffic shift';

const shifterSchema = objectWith<DrivenShifter>('a shifter with the methods', [
  'begin',
  'advance',
  'rollBack',
]);

const contextSchema = v.object({ getRemainingTimeInMillis: anyFunction });

/**
 * Creates the Lambda handler that a state machine of `stepFunctionsDefinition` calls. Each invocation advances a shift by one
 * step and returns the whole state for the next one. One handler and one state machine serve any number of services, because
 * the shifter is created from the execution's input.
 *
 * An event that is malformed in any part changes nothing.
 *
 * @param makeShifter - creates the execution's shifter from its input.
 * @remarks IAM: the actions of the shifter's target and checks.
 * @throws InvalidInputError when an option is malformed. The handler rejects with an InvalidInputError for a malformed event or
 * input, a DeadlineError shortly before the Lambda's end, and the shifter's own errors; the state machine retries or rolls
 * back. A step that ignores the signal gets no response: Lambda's time-out ends it with its process.
 *
 * @example
 * ```ts
 * import { AlbListenerRuleTarget, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 * import { type ShiftExecutionInput, stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
 *
 * // Executions are started with { "shift": { "incoming": "green", "strategy": … }, "ruleArn": …, "blue": …, "green": … }
 * function settingsOf({ ruleArn, blue, green }: ShiftExecutionInput) {
 *   if (typeof ruleArn !== 'string' || typeof blue !== 'string' || typeof green !== 'string') {
 *     throw new TypeError('ruleArn, blue and green have to be ARNs');
 *   }
 *   return { ruleArn, blue, green };
 * }
 *
 * export const handler = stepFunctionsHandler(
 *   ({ ruleArn, blue, green }) =>
 *     new TrafficShifter({
 *       target: new AlbListenerRuleTarget({
 *         ruleArns: [ruleArn],
 *         blue: { targetGroupArn: blue },
 *         green: { targetGroupArn: green },
 *       }),
 *     }),
 *   { parseInput: settingsOf },
 * );
 * ```
 */
export function stepFunctionsHandler(
  makeShifter: MakeShifter<ShiftExecutionInput>,
  options?: StepFunctionsHandlerOptions,
): StepFunctionsHandler;
export function stepFunctionsHandler<Input>(
  makeShifter: MakeShifter<Input>,
  options: StepFunctionsHandlerOptions<Input> & { parseInput(input: ShiftExecutionInput): Input },
): StepFunctionsHandler;
export function stepFunctionsHandler<Input>(
  makeShifter: MakeShifter<Input>,
  options: StepFunctionsHandlerOptions<Input> = {},
): StepFunctionsHandler {
  parseInput('stepFunctionsHandler', makeSchema, { makeShifter });
  const parsed = parseInput('stepFunctionsHandler options', optionsSchema, options);
  const { deadlineMarginSeconds: marginSeconds, clock = systemClock } = parsed;
  const logger = safeLogger(parsed.logger ?? console);

  return async (event, lambdaContext) => {
    const task = parseShiftTask(event, options);
    parseInput('Lambda context', contextSchema, lambdaContext);
    const context = timeLeftOf(lambdaContext, clock);
    if (task.action === 'validate') return requireSmall({ input: task.executionInput });
    const step = async (signal: AbortSignal) => {
      const shifter = requireShifter(await makeShifter(task.input));
      return takeStep(task, { shifter, isApproved: options.isApproved, signal });
    };
    const outcome = await runBeforeDeadline(({ signal }) => step(signal), {
      work: 'step of the shift',
      resource,
      data: { action: task.action },
      context,
      clock,
      logger,
      marginSeconds,
      // A pending write would continue when Lambda uses this process again, with weights that may be outdated by then.
      mustEnd: true,
    });
    if (outcome.status === 'failed') throw outcome.error;
    const next = nextState(task, outcome.result, clock.now());
    const state = task.action === 'begin' ? requireSmall(next) : next;
    const { onEvent } = options;
    if (onEvent !== undefined) {
      const feed = new EventFeed<ShiftEvent, [ShiftState]>({
        subject: 'shift',
        onEvent: (emitted, current) => onEvent(emitted, current, task.input),
        resource,
        clock,
        logger,
      });
      feed.emit(outcome.result.events, state.run.state);
      await feed.settled(context.getRemainingTimeInMillis());
    }
    return state;
  };
}

/** @throws UnexpectedResponseError for anything else: unlike a malformed input, the state machine retries it. */
function requireShifter(made: unknown): DrivenShifter {
  if (v.is(shifterSchema, made)) return made;
  const field = 'methods begin, advance and rollBack';
  throw new UnexpectedResponseError({ action: 'makeShifter', resource, field, actual: describeValue(made) });
}
