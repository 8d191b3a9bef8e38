import * as v from 'valibot';
import { systemClock } from '../core/clock.js';
import { describeValue } from '../core/describe-value.js';
import { UnexpectedResponseError } from '../core/errors.js';
import { EventFeed } from '../core/event-feed.js';
import { runBeforeDeadline } from '../core/respond-before-deadline.js';
import { safeLogger } from '../core/safe-logger.js';
import { anyFunction, positiveSeconds, strictObject } from '../core/schemas.js';
import { requireLambdaContext, timeLeftOf } from '../core/time-left.js';
import { clockSchema, loggerSchema } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { resumableSchema, SafeResumable } from '../resumable/safe-resumable.js';
import { standingOf } from '../resumable/standing.js';
import type { Resumable } from '../resumable/types.js';
import { nextState, requireSmall } from './next-state.js';
import { parseTask } from './parse-task.js';
import { takeStep } from './take-step.js';
import type {
  ExecutionInput,
  MakeResumable,
  StepFunctionsHandler,
  StepFunctionsHandlerOptions,
} from './types.js';

const makeSchema = strictObject({ makeResumable: anyFunction });

const optionsSchema = strictObject({
  parseInput: v.optional(anyFunction),
  isApproved: v.optional(anyFunction),
  onEvent: v.optional(anyFunction),
  deadlineMarginSeconds: v.optional(positiveSeconds, 10),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

const resource = 'change of the execution';

/**
 * Creates the Lambda handler that a state machine of `stepFunctionsDefinition` calls. Each invocation advances a long change, such
 * as a traffic shift, by one step and returns the whole state for the next one. One handler and one state machine serve any number
 * of services, because the change is created from the execution's input.
 *
 * An event that is malformed in any part changes nothing.
 *
 * @param makeResumable - creates the execution's change from its input: a `TrafficShifter`, or an object of your own class.
 * @remarks IAM: the actions of the change: those of a shifter's target and checks.
 * @throws InvalidInputError when an option is malformed. The handler rejects with an InvalidInputError for a malformed event or
 * input, a DeadlineError shortly before the Lambda's end, and the change's own errors; the state machine retries or rolls
 * back. A step that ignores the signal gets no response: Lambda's time-out ends it with its process.
 *
 * @example
 * ```ts
 * import { AlbListenerRuleTarget, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 * import { type ExecutionInput, stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
 *
 * // Executions are started with { "request": { "incoming": "green", "strategy": … }, "ruleArn": …, "blue": …, "green": … }
 * function settingsOf({ ruleArn, blue, green }: ExecutionInput) {
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
export function stepFunctionsHandler<Request, State, Event>(
  makeResumable: MakeResumable<ExecutionInput, Request, State, Event>,
  options?: StepFunctionsHandlerOptions<ExecutionInput, NoInfer<State>, NoInfer<Event>>,
): StepFunctionsHandler<State>;
export function stepFunctionsHandler<Input, Request, State, Event>(
  makeResumable: MakeResumable<Input, Request, State, Event>,
  options: StepFunctionsHandlerOptions<Input, NoInfer<State>, NoInfer<Event>> & {
    parseInput(input: ExecutionInput): Input;
  },
): StepFunctionsHandler<State>;
export function stepFunctionsHandler<Input, Request, State, Event>(
  makeResumable: MakeResumable<Input, Request, State, Event>,
  options: StepFunctionsHandlerOptions<Input, State, Event> = {},
): StepFunctionsHandler<State> {
  parseInput('stepFunctionsHandler', makeSchema, { makeResumable });
  const parsed = parseInput('stepFunctionsHandler options', optionsSchema, options);
  const { deadlineMarginSeconds: marginSeconds, clock = systemClock } = parsed;
  const logger = safeLogger(parsed.logger ?? console);

  return async (event, lambdaContext) => {
    const task = parseTask(event, options);
    requireLambdaContext(lambdaContext);
    const context = timeLeftOf(lambdaContext, clock);
    const outcome = await runBeforeDeadline(
      async ({ signal }) => {
        const resumable = requireResumable(await makeResumable(task.input));
        return {
          resumable,
          step: await takeStep(task, { resumable, isApproved: options.isApproved, signal }),
        };
      },
      {
        work: 'step of the change',
        resource,
        data: { action: task.action },
        context,
        clock,
        logger,
        marginSeconds,
        // A pending write would continue when Lambda uses this process again, when it may be outdated.
        mustEnd: true,
      },
    );
    if (outcome.status === 'failed') throw outcome.error;
    const { resumable, step } = outcome.result;
    if (step === undefined) return requireSmall({ input: task.executionInput });
    const next = nextState(task, step, standingOf(resumable, step, step.standing, logger), clock.now());
    const state = task.action === 'begin' ? requireSmall(next) : next;
    const { onEvent } = options;
    if (onEvent !== undefined) {
      const feed = new EventFeed<Event, [State]>({
        subject: 'change',
        onEvent: (emitted, current) => onEvent(emitted, current, task.input),
        resource: resumable.description,
        clock,
        logger,
      });
      feed.emit(step.events, step.state);
      await feed.settled(context.getRemainingTimeInMillis());
    }
    return state;
  };
}

/** @throws UnexpectedResponseError for anything else: unlike a malformed input, the state machine retries it. */
function requireResumable<Request, State, Event>(
  made: Resumable<Request, State, Event>,
): SafeResumable<Request, State, Event> {
  if (v.is(resumableSchema, made)) return new SafeResumable(made);
  const field = 'methods parseRequest, parseState, begin, advance and rollBack';
  throw new UnexpectedResponseError({
    action: 'makeResumable',
    resource,
    field,
    actual: describeValue(made),
  });
}
