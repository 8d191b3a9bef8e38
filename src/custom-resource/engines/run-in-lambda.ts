import { ResourceStateError } from '../../core/errors.js';
import { runBeforeDeadline, type TimedWork } from '../../core/respond-before-deadline.js';
import type { TimeLeft } from '../../core/time-left.js';
import type { ShiftState } from '../../traffic/shift/shift-state.js';
import { RequestEndedError } from '../ledger/request-ended.js';
import { requireTime, rolloutSeconds } from '../plan/rollout-time.js';
import { type RuleShiftPlan, rollbackArnOf } from '../plan/shift-plan.js';
import { describeShares, reasonOf } from '../plan/shift-reason.js';
import { parseRequest } from '../protocol/event.js';
import { type Conclusion, describeFailure } from '../protocol/response.js';
import type { RequestContext } from '../request-context.js';
import type { Prepared } from '../rule/rule-update.js';
import type { Settings } from '../settings.js';
import type { Delegate } from '../types.js';
import { isRefused, startExecution } from './delegate.js';
import type { RuleShifter } from './rule-shifter.js';

type PreparedShift = Extract<Prepared, { readonly kind: 'shift' }>;

/** Progress of a run, for the conclusion when its time is over. */
interface Progress {
  shift?: { readonly plan: RuleShiftPlan; readonly state: ShiftState };
  shifter?: RuleShifter;
  /** `tried`: an execution that responds by itself may be running. */
  delegate?: 'tried' | 'done' | undefined;
}

/** Reserved for the writes after an unreadable ledger. */
const reserveSeconds = 15;

/**
 * Runs a request until the Lambda's time is nearly over. A shift that has not ended then is rolled back. Rejects only when an
 * execution may have been started: Lambda's retry of the request finds out.
 */
export async function runInLambda(
  request: RequestContext,
  timeLeft: TimeLeft,
  settings: Settings,
): Promise<Conclusion> {
  const progress: Progress = {};
  const { clock, logger, marginSeconds } = settings;
  const { logicalResourceId: resource, requestId, stackId } = request.address;
  const over = new AbortController();
  const work = (timed: TimedWork) => {
    request.ledger.engineTime = {
      secondsToTry: () => timed.remainingSeconds() - reserveSeconds,
      isLastChance: () => true,
    };
    return workOn(request, { ...timed, haltSignal: over.signal }, progress, settings);
  };
  const outcome = await runBeforeDeadline(work, {
    work: 'rollout',
    resource,
    data: { requestId, stackId },
    context: timeLeft,
    clock,
    logger,
    marginSeconds,
    remedy: remedyOf(request, timeLeft, settings),
  });
  // The process may be thawed while CloudFormation rolls the stack back: a pending rollback must not continue then.
  over.abort(new Error('The request has its response'));
  if (progress.delegate === 'done') return { kind: 'delegated' };
  if (outcome.status === 'succeeded') return outcome.result;
  if (progress.delegate === 'tried') throw outcome.error;
  return request.conclusionOf(outcome.error, standingOf(progress));
}

/** Returns the conclusion of a request that has ended, which is no failure. */
async function workOn(
  request: RequestContext,
  timed: TimedWork & { readonly haltSignal: AbortSignal },
  progress: Progress,
  settings: Settings,
): Promise<Conclusion> {
  try {
    return await rollOut(request, timed, progress, settings);
  } catch (error) {
    if (!(error instanceof RequestEndedError)) throw error;
    progress.delegate = undefined;
    return request.conclusionOf(error);
  }
}

async function rollOut(
  request: RequestContext,
  timed: TimedWork & { readonly haltSignal: AbortSignal },
  progress: Progress,
  settings: Settings,
): Promise<Conclusion> {
  const { signal, haltSignal } = timed;
  const { resource, ledger } = request;
  const parsed = parseRequest(request.event);
  const prepared = await ledger.retry(() => resource.prepare(parsed, { signal }), { signal });
  if (prepared.kind === 'done') return { kind: 'respond', response: prepared.response };
  if (prepared.kind === 'delegated') {
    progress.delegate = 'done';
    return prepared;
  }
  const { plan } = prepared;
  const delegate = delegateFor(request, prepared, timed, settings);
  await ledger.retry(() => resource.clear(plan, { signal }), { signal });
  if (delegate !== undefined) return delegateRollout(request, plan, { settings, delegate, progress, signal });
  const shifter = request.shifterFor(plan);
  progress.shifter = shifter;
  const shift = () =>
    shifter.shiftTo(plan.incoming, plan.strategy, {
      acceptLiveWeights: true,
      signal,
      haltSignal,
      onEvent: (_event, state) => {
        progress.shift = { plan, state };
      },
    });
  // shiftTo throws only errors of its beginning.
  const result = await ledger.retry(shift, { signal });
  const reason = reasonOf(result, plan);
  if (reason === undefined) {
    const { properties } = request;
    const finish = () => resource.finish(plan.ruleArn, properties, { signal });
    return { kind: 'respond', response: await ledger.retry(finish, { signal }) };
  }
  const end = await ledger.endOf({ signal });
  if (end !== undefined) throw new RequestEndedError(end, plan.ruleArn, reason);
  throw new ResourceStateError(reason, { resource: plan.ruleArn });
}

/**
 * Returns the delegate of a rollout that may outlast this Lambda. Returns undefined when the rollout runs here.
 *
 * @throws InvalidInputError when the rollout cannot end in time
 */
function delegateFor(
  request: RequestContext,
  { plan, mayBeUnderWay }: PreparedShift,
  { remainingSeconds }: TimedWork,
  { delegate }: Settings,
): Delegate | undefined {
  const { properties } = request;
  const here = remainingSeconds();
  const within = { seconds: request.rolloutSeconds, of: 'ServiceTimeout' };
  if (delegate === undefined) {
    const isShorter = here < within.seconds;
    requireTime(
      plan,
      properties,
      isShorter ? { seconds: here, of: "the Lambda function's time-out" } : within,
    );
    return undefined;
  }
  // A repeated StartExecution finds an execution that exists, which then responds within its own time.
  if (mayBeUnderWay) return delegate;
  requireTime(plan, properties, within);
  return rolloutSeconds(plan, properties).atMost > here ? delegate : undefined;
}

async function delegateRollout(
  request: RequestContext,
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
): Promise<Conclusion> {
  await request.ledger.amend({ status: 'delegated', rollbackArn: rollbackArnOf(plan), signal });
  progress.delegate = 'tried';
  try {
    await startExecution(request, plan, { ...settings, delegate, signal });
  } catch (error) {
    if (isRefused(error)) progress.delegate = undefined;
    throw error;
  }
  progress.delegate = 'done';
  return { kind: 'delegated' };
}

/** Remedy for a rollout that ran out of time. Depends on whether Lambda or CloudFormation stops first. */
function remedyOf({ deadline }: RequestContext, timeLeft: TimeLeft, { delegate }: Settings): string {
  const isServiceTimeout = deadline.millisecondsToResponseDeadline() <= timeLeft.getRemainingTimeInMillis();
  if (isServiceTimeout) return 'Raise ServiceTimeout (at most 3600 s), or take fewer or shorter steps';
  const shorter = 'take fewer or shorter steps';
  return delegate === undefined
    ? `Raise the function's time-out (at most 900 s), ${shorter}, or let the function delegate long rollouts`
    : `Raise the function's time-out (at most 900 s), or ${shorter}`;
}

/** State of the traffic when the time was over. */
function standingOf({ shift, shifter }: Progress): string {
  if (shift === undefined) return '';
  const { plan, state } = shift;
  const shares = describeShares(plan, state.verifiedWeights);
  const cause =
    shifter?.lastError === undefined ? '' : `. The last error was ${describeFailure(shifter.lastError)}`;
  return state.phase === 'rolledBack'
    ? `. The traffic was rolled back to ${shares}${cause}`
    : `. The traffic is at ${shares}${cause}`;
}
