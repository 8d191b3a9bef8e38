import { InvalidInputError, WaitTimeoutError } from '../core/errors.js';
import { type TimeLeft, timeLeftOf } from '../core/time-left.js';
import type { DurableShiftContext } from '../durable/types.js';
import {
  concludeExecution,
  type DelegatedRequest,
  type ExecutionEnd,
  parseDelegated,
  parseReport,
} from './engines/delegate.js';
import {
  type DurableSettings,
  respondDurably,
  runInDurableFunction,
} from './engines/run-in-durable-function.js';
import { runInLambda } from './engines/run-in-lambda.js';
import { addressIn, copyOfEvent } from './protocol/event.js';
import type { Conclusion } from './protocol/response.js';
import { type Delivery, sendResponse } from './protocol/send-response.js';
import { RequestContext } from './request-context.js';
import { parseOptions, type Settings } from './settings.js';
import type {
  DurableListenerRuleHandler,
  DurableListenerRuleOptions,
  ManagedListenerRuleHandler,
  ManagedListenerRuleOptions,
  ManagedListenerRuleResult,
} from './types.js';

/**
 * Makes the Lambda handler of a CloudFormation custom resource that owns a rule of an Application Load Balancer and shifts
 * its traffic step by step when the weights in the template change. The properties are those of courier's
 * `CourierManagedALBListenerRule`, besides `RetainOnDelete` and `AdoptExisting`; see docs/guides/custom-resource.md.
 *
 * A creation makes the rule with its weights. An update shifts the weights first; a metric out of its bounds, or the end of
 * the time, rolls them back and fails the update, so that CloudFormation rolls the stack back too. Conditions and priority
 * follow after the shift. An update that leaves the shares as they are writes no weights. A deletion removes a rule that was
 * created here, and no other.
 *
 * CloudFormation gets one response to each request, whatever happens, before the Lambda's time and its own are over. A request
 * that CloudFormation has given up for a later one, or does not wait for any more, writes nothing. The handler rejects, so
 * that Lambda runs the request again, only when no response can have arrived. The address of the response is in no error
 * and no log line.
 *
 * @remarks IAM: elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeTags, elasticloadbalancing:CreateRule,
 * elasticloadbalancing:AddTags, elasticloadbalancing:RemoveTags, elasticloadbalancing:ModifyRule,
 * elasticloadbalancing:SetRulePriorities, elasticloadbalancing:DeleteRule, elasticloadbalancing:DescribeTargetHealth;
 * cloudwatch:GetMetricData for `CloudWatchMetric`; states:StartExecution with a `delegate`
 * @throws InvalidInputError when an option is malformed. The handler rejects with a WaitTimeoutError when CloudFormation
 * cannot be reached, and with the error of StartExecution when it is not known whether a rollout was delegated.
 *
 * @example
 * ```ts
 * import { managedListenerRuleHandler } from 'aws-blue-green-toolkit/custom-resource';
 * import { stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
 *
 * export const handler = managedListenerRuleHandler({
 *   delegate: {
 *     stateMachineArn: process.env['STATE_MACHINE_ARN'] ?? '',
 *     steps: stepFunctionsHandler,
 *   },
 * });
 * ```
 */
export function managedListenerRuleHandler(options?: ManagedListenerRuleOptions): ManagedListenerRuleHandler;
export function managedListenerRuleHandler(options: DurableListenerRuleOptions): DurableListenerRuleHandler;
export function managedListenerRuleHandler(
  options: ManagedListenerRuleOptions | DurableListenerRuleOptions = {},
): ManagedListenerRuleHandler | DurableListenerRuleHandler {
  const settings = parseOptions(options);
  const { durable } = settings;
  return durable === undefined
    ? ordinaryHandler(settings)
    : (event: unknown, context: DurableShiftContext) =>
        handleDurably(event, context, { ...settings, durable });
}

/** Seconds for which one task of the state machine tries to read the ledger before a rollback. */
const taskSeconds = 20;

/** The state machine retries a rollback every five minutes at most. */
const lastChanceMilliseconds = 360_000;

function ordinaryHandler(settings: Settings): ManagedListenerRuleHandler {
  const { clock, logger } = settings;
  const handleTask = settings.delegate?.steps(
    (delegated) => delegatedContext(delegated, settings).shifterFor(delegated.plan),
    { parseInput: parseDelegated, clock, logger },
  );
  return async (given, context) => {
    const event = copyOfEvent(given);
    if (handleTask !== undefined && isTask(event)) return handleTask(event, context);
    const end = handleTask && parseReport(event);
    if (end !== undefined) return respondToEnd(end, context, settings);
    const address = addressIn(event, settings.allowedResponseOrigins);
    if (typeof address === 'string') return unanswerable(address, settings);
    const request = new RequestContext(event, address, settings);
    const limit = request.deadline.millisecondsToResponseDeadline();
    const timeLeft = timeLeftOf(context, clock, limit);
    const conclusion = await conclusionInTime(request, () => runInLambda(request, timeLeft, settings));
    return respond(request, conclusion, timeLeft, settings);
  };
}

/** Lambda delivers a request hours late when it was throttled or is repeated: then nothing is done. */
async function conclusionInTime(
  request: RequestContext,
  work: () => Promise<Conclusion>,
): Promise<Conclusion> {
  try {
    request.requireInTime();
  } catch (error) {
    return request.conclusionOf(error);
  }
  return work();
}

async function handleDurably(
  given: unknown,
  context: DurableShiftContext,
  settings: DurableSettings,
): Promise<ManagedListenerRuleResult> {
  const event = copyOfEvent(given);
  const address = addressIn(event, settings.allowedResponseOrigins);
  if (typeof address === 'string') return unanswerable(address, settings);
  const request = new RequestContext(event, address, settings);
  const worked = await runInDurableFunction(request, context, settings);
  const { conclusion, delivery } = await respondDurably(request, worked, context, settings);
  return resultOf(conclusion, delivery);
}

/** Responds to CloudFormation when the state machine has ended. */
async function respondToEnd(
  end: ExecutionEnd,
  context: unknown,
  settings: Settings,
): Promise<ManagedListenerRuleResult> {
  const delegated = parseDelegated(end.input);
  const request = delegatedContext(delegated, settings);
  const timeLeft = timeLeftOf(context, settings.clock);
  const conclusion = await concludeExecution(request, delegated.plan, end, { ...settings, timeLeft });
  return respond(request, conclusion, timeLeft, settings);
}

async function respond(
  request: RequestContext,
  worked: Conclusion,
  timeLeft: TimeLeft,
  settings: Settings,
): Promise<ManagedListenerRuleResult> {
  const conclusion = await request.conclude(worked, timeLeft);
  request.ledger.stop();
  if (conclusion.kind !== 'respond') return resultOf(conclusion, 'notSent');
  const delivery = await sendResponse(request.address, conclusion.response, { ...settings, timeLeft });
  if (delivery === 'notSent') {
    // Lambda runs the request again. Not after an attempt that may have arrived: CloudFormation would go on meanwhile.
    throw new WaitTimeoutError({
      resource: request.address.logicalResourceId,
      maxWaitSeconds: 0,
      expected: 'a connection to the address that CloudFormation waits at',
    });
  }
  return resultOf(conclusion, delivery);
}

function resultOf(conclusion: Conclusion, delivery: Delivery): ManagedListenerRuleResult {
  if (conclusion.kind !== 'respond') return { status: conclusion.kind, isConfirmed: false };
  const { status, physicalResourceId, reason } = conclusion.response;
  return {
    status,
    physicalResourceId,
    isConfirmed: delivery === 'delivered',
    ...(reason !== undefined && { reason }),
  };
}

function unanswerable(reason: string, { logger }: Settings): ManagedListenerRuleResult {
  // To throw would have Lambda run the same event two more times.
  logger.error('Rejected an event that is no request of CloudFormation', {
    resource: 'custom resource',
    reason,
  });
  return { status: 'unanswerable', reason, isConfirmed: false };
}

/** The request behind an execution of the state machine, as the same run. */
function delegatedContext(
  { event, run, ruleArns, plan }: DelegatedRequest,
  settings: Settings,
): RequestContext {
  const address = addressIn(event, settings.allowedResponseOrigins);
  if (typeof address === 'string') {
    throw new InvalidInputError({
      subject: 'Execution input',
      problems: [
        {
          field: 'customResource.event.ResponseURL',
          expected: 'the address of a request',
          actual: address,
        },
      ],
    });
  }
  const request = new RequestContext(event, address, settings);
  const { ledger, deadline } = request;
  ledger.resume(ruleArns, run);
  ledger.isRollback = plan.goesBack === true;
  ledger.engineTime = {
    secondsToTry: taskTimer(settings),
    isLastChance: () => deadline.millisecondsToResponseDeadline() <= lastChanceMilliseconds,
  };
  return request;
}

function taskTimer({ clock }: Settings): () => number {
  const timeLeft = timeLeftOf({ getRemainingTimeInMillis: () => taskSeconds * 1000 }, clock);
  return () => timeLeft.getRemainingTimeInMillis() / 1000;
}

/** True for a task of the state machine; CloudFormation's events have no action. */
function isTask(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'action' in event && 'state' in event;
}
