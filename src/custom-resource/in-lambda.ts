import { ResourceStateError } from '../core/errors.js';
import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import type { TimeLeft } from '../core/time-left.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';
import { isRefused, startExecution } from './hand-over.js';
import { describeFailure, describeShares, type RequestContext, reasonOf } from './job.js';
import { parseRequest } from './request.js';
import type { Prepared } from './resource.js';
import type { ResourceAnswer } from './response.js';
import { requireTime, rolloutSeconds } from './rollout-time.js';
import type { Settings } from './settings.js';
import { type RuleShiftPlan, wayBackOf } from './shift-plan.js';
import type { Delegate } from './types.js';

/** What a request came to in this Lambda: an answer to give, or an execution that gives it. */
export type LambdaOutcome = ResourceAnswer | 'delegated';

type ShiftToDo = Extract<Prepared, { readonly kind: 'shift' }>;

/** How far a run has come, for those who have to know when its time is over. */
interface Progress {
  shift?: { readonly plan: RuleShiftPlan; readonly state: ShiftState };
  /** Whether an execution may be under way that answers by itself. */
  delegate?: 'tried' | 'done' | undefined;
}

/**
 * Works on a request until the Lambda's time is nearly over; a shift that has not ended then is rolled back. Rejects only
 * when nobody can say whether an execution was started: the same request finds out when it is worked on again.
 */
export async function runInLambda(
  job: RequestContext,
  timeLeft: TimeLeft,
  settings: Settings,
): Promise<LambdaOutcome> {
  const progress: Progress = {};
  const { clock, logger, marginSeconds } = settings;
  const { logicalResourceId: resource, requestId, stackId } = job.address;
  const over = new AbortController();
  const tried = (timed: TimedWork) => work(job, { ...timed, haltSignal: over.signal }, progress, settings);
  const outcome = await runBeforeDeadline(tried, {
    work: 'rollout',
    resource,
    data: { requestId, stackId },
    context: timeLeft,
    clock,
    logger,
    marginSeconds,
  });
  // The process may be thawed while CloudFormation takes the stack back: a rollback that is still at work must not go on.
  over.abort(new Error('The request was answered'));
  if (progress.delegate === 'done') return 'delegated';
  if (outcome.status === 'succeeded') return outcome.result;
  if (progress.delegate === 'tried') throw outcome.error;
  return job.failure(`${describeFailure(outcome.error)}${whereItStands(progress)}`);
}

async function work(
  job: RequestContext,
  timed: TimedWork & { readonly haltSignal: AbortSignal },
  progress: Progress,
  settings: Settings,
): Promise<LambdaOutcome> {
  const { signal, haltSignal } = timed;
  const prepared = await job.resource.prepare(parseRequest(job.event), { signal });
  if (prepared.kind === 'done') return prepared.answer;
  if (prepared.kind === 'delegated') {
    progress.delegate = 'done';
    return 'delegated';
  }
  const { plan } = prepared;
  const delegate = whereToDelegate(job, prepared, timed, settings);
  await job.resource.clear(plan, { signal });
  if (delegate !== undefined) return delegateRollout(job, plan, { settings, delegate, progress, signal });
  await job.resource.memory.rememberBeginning(plan, { signal });
  const result = await job.shifterFor(plan).shiftTo(plan.incoming, plan.strategy, {
    acceptLiveWeights: true,
    signal,
    haltSignal,
    onEvent: (_event, state) => {
      progress.shift = { plan, state };
    },
  });
  const reason = reasonOf(result, plan);
  if (reason !== undefined) throw new ResourceStateError(reason, { resource: plan.ruleArn });
  return job.resource.finish(plan.ruleArn, job.properties, { signal });
}

/**
 * Where a rollout goes that may take longer than this Lambda has; nothing when it stays here.
 *
 * @throws InvalidInputError when it cannot end in time anywhere
 */
function whereToDelegate(
  job: RequestContext,
  { plan, mayBeUnderWay }: ShiftToDo,
  { remainingSeconds }: TimedWork,
  { delegate }: Settings,
): Delegate | undefined {
  const { properties } = job;
  const here = remainingSeconds();
  const answerable = { seconds: job.answerableSeconds(), of: 'ServiceTimeout' };
  if (delegate === undefined) {
    requireTime(
      plan,
      properties,
      here < answerable.seconds ? { seconds: here, of: "the Lambda function's time-out" } : answerable,
    );
    return undefined;
  }
  // Whether there is an execution, and the answer is its own, is found out by starting it once more. It knows its time.
  if (mayBeUnderWay) return delegate;
  requireTime(plan, properties, answerable);
  return rolloutSeconds(plan, properties).atMost > here ? delegate : undefined;
}

async function delegateRollout(
  job: RequestContext,
  plan: RuleShiftPlan,
  {
    settings,
    delegate,
    progress,
    signal,
  }: {
    readonly settings: Settings;
    readonly delegate: Delegate;
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<'delegated'> {
  await job.resource.memory.remember(plan.ruleArn, 'delegated', { signal, wayBack: wayBackOf(plan) });
  progress.delegate = 'tried';
  try {
    await startExecution(job, plan, { ...settings, delegate, signal });
  } catch (error) {
    if (isRefused(error)) progress.delegate = undefined;
    throw error;
  }
  progress.delegate = 'done';
  return 'delegated';
}

/** What became of the traffic when the time was over. */
function whereItStands({ shift }: Progress): string {
  if (shift === undefined) return '';
  const { plan, state } = shift;
  const shares = describeShares(plan, state.verifiedWeights);
  return state.phase === 'rolledBack'
    ? `. The traffic was rolled back to ${shares}`
    : `. The traffic is at ${shares}`;
}
