import type { Clock } from '../../core/clock.js';
import { type TimeLeft, timeLeftOf } from '../../core/time-left.js';
import type { runDurably } from '../../durable/run-durably.js';
import type { DurableChangeContext, DurableStepOptions } from '../../durable/types.js';
import { isDecided } from '../ledger/ledger-retries.js';
import { RequestEndedError } from '../ledger/request-ended.js';
import { requireTime } from '../plan/rollout-time.js';
import { reasonOf } from '../plan/shift-reason.js';
import { parseRequest } from '../protocol/event.js';
import { type Conclusion, describeFailure } from '../protocol/response.js';
import { type Delivery, sendResponse } from '../protocol/send-response.js';
import type { RequestContext } from '../request-context.js';
import type { Prepared } from '../rule/rule-update.js';
import type { Settings } from '../settings.js';

export type DurableSettings = Settings & { readonly durable: typeof runDurably };

const maxAttempts = 5;
const retrySeconds = 10;

/** Time limit of one attempt to respond. A further attempt is a retry of the step. */
const maxRespondingMilliseconds = 60_000;

/** Time for a preparation where the invocation has no deadline. */
const maxPreparingMilliseconds = 300_000;

/** Reserved in an invocation for the writes after an unreadable ledger, and for its end. */
const reserveMilliseconds = 45_000;

const retries: DurableStepOptions = {
  retryStrategy: (error, attempt) =>
    isDecided(error) || attempt >= maxAttempts
      ? { shouldRetry: false }
      : { shouldRetry: true, delay: { seconds: retrySeconds } },
};

/** Result of the first step. A replay reads the times and the name of the run from it. */
type DurablyPrepared =
  | { readonly kind: 'concluded'; readonly conclusion: Conclusion }
  | (Exclude<Prepared, { readonly kind: 'shift' }> & RunInLedger)
  | (Extract<Prepared, { readonly kind: 'shift' }> & RunInLedger & { readonly rolloutSeconds: number });

interface RunInLedger {
  readonly run: string;
  readonly ruleArns: readonly string[];
}

/** Runs a request within a durable execution. Never rejects. */
export async function runInDurableFunction(
  request: RequestContext,
  context: DurableChangeContext,
  settings: DurableSettings,
): Promise<Conclusion> {
  const { resource, ledger, deadline } = request;
  try {
    const prepared = await context.step('prepare', () => prepare(request, context, settings.clock), retries);
    if (prepared.kind === 'concluded') return prepared.conclusion;
    if (prepared.ruleArns.length > 0) ledger.resume(prepared.ruleArns, prepared.run);
    ledger.engineTime = {
      secondsToTry: () =>
        (timeToWork(context, settings.clock).getRemainingTimeInMillis() - reserveMilliseconds) / 1000,
      isLastChance: () => deadline.isLastChance,
    };
    if (prepared.kind === 'done') return { kind: 'respond', response: prepared.response };
    if (prepared.kind === 'delegated') return prepared;
    const { plan, rolloutSeconds } = prepared;
    ledger.isRollback = plan.goesBack === true;
    const { durable, logger, clock } = settings;
    const shift = request.shiftRequestFor(plan, rolloutSeconds);
    const result = await durable(context, request.shifterFor(plan), shift, { logger, clock });
    const reason = reasonOf(result, plan);
    return await context.step('finish', () => finish(), retries);

    async function finish(): Promise<Conclusion> {
      return concluded(request, async () => {
        if (reason === undefined) return resource.finish(plan.ruleArn, request.properties, {});
        await ledger.check({});
        return request.failure(reason, plan.ruleArn);
      });
    }
  } catch (error) {
    settings.logger.error('Rollout failed', {
      resource: request.address.logicalResourceId,
      error: describeFailure(error),
    });
    return request.conclusionOf(error);
  }
}

/** Responds in a step, so that a replay does not respond again. Never rejects. */
export async function respondDurably(
  request: RequestContext,
  worked: Conclusion,
  context: DurableChangeContext,
  settings: Settings,
): Promise<{ readonly conclusion: Conclusion; readonly delivery: Delivery }> {
  const { clock } = settings;
  const timeLeft = () => timeLeftOf(context.lambdaContext, clock, maxRespondingMilliseconds);
  const conclusion = await context.step('record', () => request.conclude(worked, timeLeft()), retries);
  if (conclusion.kind !== 'respond') return { conclusion, delivery: 'notSent' };
  const { response } = conclusion;
  const respondOnce = async () => {
    const delivery = await sendResponse(request.address, response, { ...settings, timeLeft: timeLeft() });
    if (delivery === 'notSent') throw new Error('Could not send response to CloudFormation');
    return delivery;
  };
  try {
    return { conclusion, delivery: await context.step('respond', respondOnce, retries) };
  } catch {
    return { conclusion, delivery: 'notSent' };
  }
}

async function prepare(
  request: RequestContext,
  context: DurableChangeContext,
  clock: Clock,
): Promise<DurablyPrepared> {
  const { ledger, resource } = request;
  const timeLeft = timeToWork(context, clock);
  ledger.engineTime = {
    secondsToTry: () => (timeLeft.getRemainingTimeInMillis() - reserveMilliseconds) / 1000,
    isLastChance: () => true,
  };
  try {
    request.requireInTime();
    const prepared = await resource.prepare(parseRequest(request.event), {});
    const { run } = ledger;
    const ruleArns = ledger.hasBegun ? ledger.ruleArns : [];
    if (prepared.kind !== 'shift') return { ...prepared, run, ruleArns };
    const { rolloutSeconds } = request;
    requireTime(prepared.plan, request.properties, { seconds: rolloutSeconds, of: 'ServiceTimeout' });
    await resource.clear(prepared.plan, {});
    return { ...prepared, run, ruleArns, rolloutSeconds };
  } catch (error) {
    if (!(error instanceof RequestEndedError)) throw error;
    return { kind: 'concluded', conclusion: await request.conclusionOf(error) };
  }
}

/** Returns the conclusion of a request that has ended: a step would not preserve the class of its error. */
async function concluded(
  request: RequestContext,
  work: () => Promise<Extract<Conclusion, { readonly kind: 'respond' }>['response']>,
): Promise<Conclusion> {
  try {
    return { kind: 'respond', response: await work() };
  } catch (error) {
    if (error instanceof RequestEndedError) return request.conclusionOf(error);
    throw error;
  }
}

function timeToWork({ lambdaContext }: DurableChangeContext, clock: Clock): TimeLeft {
  return lambdaContext === undefined
    ? timeLeftOf({ getRemainingTimeInMillis: () => maxPreparingMilliseconds }, clock)
    : timeLeftOf(lambdaContext, clock);
}
