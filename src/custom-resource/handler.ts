import { invalidInput, WaitTimeoutError } from '../core/errors.js';
import { type TimeLeft, timeLeftOf } from '../core/time-left.js';
import type { DurableChangeContext } from '../durable/types.js';
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
 * Creates the Lambda handler of a CloudFormation custom resource that owns a rule of an Application Load Balancer and shifts
 * its traffic step by step when the weights in the template change. The properties are those of courier's
 * `CourierManagedALBListenerRule`, plus `RetainOnDelete` and `AdoptExisting`; see docs/guides/custom-resource.md.
 *
 * A creation creates the rule with its weights. An update shifts the weights first. A metric out of its bounds, or the end of
 * the time, rolls them back and fails the update, so that CloudFormation rolls the stack back too. Conditions and priority
 * change after the shift. An update that leaves the shares unchanged writes no weights. A deletion removes only a rule that
 * this resource created.
 *
 * CloudFormation gets exactly one response to each request, before the Lambda's time and its own are over. A request that
 * CloudFormation has replaced by a later one, or no longer waits for, writes nothing. The handler rejects, so that Lambda
 * retries the request, only when no response can have arrived. No error and no log line contains the response URL.
 *
 * @remarks IAM: elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeTags, elasticloadbalancing:CreateRule,
 * elasticloadbalancing:AddTags, elasticloadbalancing:RemoveTags, elasticloadbalancing:ModifyRule,
 * elasticloadbalancing:SetRulePriorities, elasticloadbalancing:DeleteRule, elasticloadbalancing:DescribeTargetHealth;
 * cloudwatch:GetMetricData for `CloudWatchMetric`; states:StartExecution with a `delegate`
 * @throws InvalidInputError when an option is malformed. The handler rejects with a WaitTimeoutError when CloudFormation
 * cannot be reached, and with the error of StartExecution when the rollout may have been delegated.
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
    : (event: unknown, context: DurableChangeContext) =>
        handleDurably(event, context, { ...settings, durable });
}

/** Seconds for which one task of the state machine tries to read the ledger before a rollback. */
const taskSeconds = 20;

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

/** Skips the work of a late request: Lambda delivers one hours late after throttling or for a retry. */
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
  context: DurableChangeContext,
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
    // Makes Lambda retry the request. Not after an attempt that may have arrived: CloudFormation may have continued since.
    throw new WaitTimeoutError({
      resource: request.address.logicalResourceId,
      maxWaitSeconds: 0,
      expected: 'a connection to the ResponseURL of CloudFormation',
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
  // Does not throw: Lambda would retry the same event twice.
  logger.error('Rejected event that is not a CloudFormation request', {
    resource: 'custom resource',
    reason,
  });
  return { status: 'unanswerable', reason, isConfirmed: false };
}

/** Recreates the request of an execution, as the same run. */
function delegatedContext(
  { event, run, ruleArns, plan }: DelegatedRequest,
  settings: Settings,
): RequestContext {
  const address = addressIn(event, settings.allowedResponseOrigins);
  if (typeof address === 'string') {
    throw invalidInput('Execution input', {
      field: 'customResource.event.ResponseURL',
      expected: 'the address of a request',
      actual: address,
    });
  }
  const request = new RequestContext(event, address, settings);
  const { ledger, deadline } = request;
  ledger.resume(ruleArns, run);
  ledger.isRollback = plan.goesBack === true;
  ledger.engineTime = {
    secondsToTry: taskTimer(settings),
    isLastChance: () => deadline.isLastChance,
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
