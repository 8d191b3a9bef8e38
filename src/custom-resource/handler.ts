import type { Clock } from '../core/clock.js';
import { InvalidInputError, WaitTimeoutError } from '../core/errors.js';
import type { TimeLeft } from '../core/time-left.js';
import type { DurableShiftContext } from '../durable/types.js';
import { answerDurably, type DurableSettings, workDurably } from './durably.js';
import { answerAfter, type ExecutionEnd, parseDelegated, parseReport } from './hand-over.js';
import { runInLambda } from './in-lambda.js';
import { RequestContext } from './job.js';
import { millisecondsToResponseDeadline, tooLate } from './patience.js';
import { addressOf } from './request.js';
import { answerCloudFormation, type Delivery, type ResourceAnswer } from './response.js';
import { parseOptions, type Settings } from './settings.js';
import type {
  DurableListenerRuleHandler,
  DurableListenerRuleOptions,
  ManagedListenerRuleHandler,
  ManagedListenerRuleOptions,
  ManagedListenerRuleResult,
} from './types.js';

/** For a context that does not say how much time there is. */
const unknownMilliseconds = 30_000;

/**
 * Makes the Lambda handler of a CloudFormation custom resource that owns a rule of an Application Load Balancer and shifts
 * its traffic step by step when the weights in the template change. The properties are those of courier's
 * `CourierManagedALBListenerRule`, besides `RetainOnDelete` and `AdoptExisting`; see docs/guides/custom-resource.md.
 *
 * A creation makes the rule with its weights. An update shifts the weights first; a metric out of its bounds, or the end of
 * the time, rolls them back and fails the update, so that CloudFormation rolls the stack back too. Conditions and priority
 * follow when the traffic is where it shall be. A deletion removes what was created here, and nothing else.
 *
 * CloudFormation is answered once for each request, whatever happens, before the Lambda's time and its own are over. The
 * handler rejects, so that Lambda runs the request again, only when nothing can have been answered: it is repeatable. The
 * address of the answer is in no error and no log line.
 *
 * @remarks IAM: elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeTags, elasticloadbalancing:CreateRule,
 * elasticloadbalancing:AddTags, elasticloadbalancing:ModifyRule, elasticloadbalancing:SetRulePriorities,
 * elasticloadbalancing:DeleteRule, elasticloadbalancing:DescribeTargetHealth; cloudwatch:GetMetricData for
 * `CloudWatchMetric`; states:StartExecution with a `delegate`
 * @throws InvalidInputError when an option is malformed. The handler rejects with a WaitTimeoutError when CloudFormation
 * cannot be reached, and with the error of StartExecution when nobody can say whether a rollout was handed over.
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
  const { durable } = options;
  return durable === undefined
    ? ordinaryHandler(settings)
    : (event: unknown, context: DurableShiftContext) => runDurably(event, context, { ...settings, durable });
}

function ordinaryHandler(settings: Settings): ManagedListenerRuleHandler {
  const { clock, logger } = settings;
  const handleTask = settings.delegate?.steps(({ event, plan }) => jobOf(event, settings).shifterFor(plan), {
    parseInput: parseDelegated,
    clock,
    logger,
  });
  return async (event, context) => {
    if (handleTask !== undefined && isTask(event)) return handleTask(event, context);
    const end = handleTask && parseReport(event);
    if (end !== undefined) return answerEnd(end, context, settings);
    const address = addressOf(event);
    if (address === undefined) return unanswerable(settings);
    const job = new RequestContext(event, address, settings);
    const timeLeft = timeLeftOf(context, clock, millisecondsToResponseDeadline(job, clock));
    const outcome = tooLate(job, clock) ?? (await runInLambda(job, timeLeft, settings));
    if (outcome === 'delegated') return { status: 'delegated', isConfirmed: false };
    return give(job, outcome, timeLeft, settings);
  };
}

async function runDurably(
  event: unknown,
  context: DurableShiftContext,
  settings: DurableSettings,
): Promise<ManagedListenerRuleResult> {
  const address = addressOf(event);
  if (address === undefined) return unanswerable(settings);
  const job = new RequestContext(event, address, settings);
  const answer = await workDurably(job, context, settings);
  const { answer: given, delivery } = await answerDurably(job, answer, context, settings);
  return resultOf(given, delivery);
}

/** The state machine has ended: CloudFormation is told how. */
async function answerEnd(
  end: ExecutionEnd,
  context: TimeLeft,
  settings: Settings,
): Promise<ManagedListenerRuleResult> {
  const { event, plan } = parseDelegated(end.input);
  const job = jobOf(event, settings);
  const timeLeft = timeLeftOf(context, settings.clock);
  return give(job, await answerAfter(job, plan, end, { ...settings, timeLeft }), timeLeft, settings);
}

async function give(
  job: RequestContext,
  worked: ResourceAnswer,
  timeLeft: TimeLeft,
  settings: Settings,
): Promise<ManagedListenerRuleResult> {
  const answer = await job.remember(worked, timeLeft);
  const delivery = await answerCloudFormation(job.address, answer, { ...settings, timeLeft });
  if (delivery === 'notSent') {
    // Lambda runs the request again. Not after an attempt that may have arrived: CloudFormation would go on meanwhile.
    throw new WaitTimeoutError({
      resource: job.address.logicalResourceId,
      maxWaitSeconds: 0,
      expected: 'a connection to the address that CloudFormation waits at',
    });
  }
  return resultOf(answer, delivery);
}

function resultOf(
  { status, physicalResourceId, reason }: ResourceAnswer,
  delivery: Delivery,
): ManagedListenerRuleResult {
  return {
    status,
    physicalResourceId,
    isConfirmed: delivery === 'delivered',
    ...(reason !== undefined && { reason }),
  };
}

function unanswerable({ logger }: Settings): ManagedListenerRuleResult {
  const reason = 'The event has no ResponseURL, so nobody can be answered';
  // To throw would have Lambda run the same event two more times.
  logger.error('Not a request of CloudFormation', { resource: 'custom resource', reason });
  return { status: 'unanswerable', reason, isConfirmed: false };
}

function jobOf(event: unknown, settings: Settings): RequestContext {
  const address = addressOf(event);
  if (address !== undefined) return new RequestContext(event, address, settings);
  throw new InvalidInputError({
    subject: 'Execution input',
    problems: [{ field: 'customResource.event.ResponseURL', expected: 'a URL', actual: 'none' }],
  });
}

/** What comes from a task of the state machine; CloudFormation's events have no action. */
function isTask(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'action' in event && 'state' in event;
}

/** As much time as the Lambda has, and as CloudFormation still gives. */
function timeLeftOf(context: unknown, clock: Clock, patience = Number.POSITIVE_INFINITY): TimeLeft {
  const startedAt = clock.now();
  return {
    getRemainingTimeInMillis() {
      const passed = clock.now() - startedAt;
      return Math.max(0, Math.min(millisecondsOf(context, passed), patience - passed));
    },
  };
}

function millisecondsOf(context: unknown, passed: number): number {
  const { getRemainingTimeInMillis: remaining } = (context ?? {}) as Partial<TimeLeft>;
  return typeof remaining === 'function' ? remaining.call(context) : unknownMilliseconds - passed;
}
