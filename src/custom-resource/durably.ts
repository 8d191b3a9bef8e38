import type { Clock } from '../core/clock.js';
import { ToolkitError } from '../core/errors.js';
import type { TimeLeft } from '../core/time-left.js';
import type { shiftDurably } from '../durable/shift-durably.js';
import type { DurableShiftContext, DurableStepOptions } from '../durable/types.js';
import { describeFailure, type RequestContext, reasonOf } from './job.js';
import { tooLate } from './patience.js';
import { parseRequest } from './request.js';
import type { Prepared } from './resource.js';
import { answerCloudFormation, type Delivery, type ResourceAnswer } from './response.js';
import { requireTime } from './rollout-time.js';
import type { Settings } from './settings.js';

/** How a durable function works on a request. */
export type DurableSettings = Settings & { readonly durable: typeof shiftDurably };

const maxAttempts = 5;
const retrySeconds = 10;

/** One attempt to answer within one invocation; a further one is another attempt of the step. */
const maxAnswering = 60_000;

/**
 * What goes wrong on the way to AWS is repeated; what the toolkit itself refuses does not get better.
 */
const retries: DurableStepOptions = {
  retryStrategy: (error, attempt) =>
    ToolkitError.isInstance(error) || attempt >= maxAttempts
      ? { shouldRetry: false }
      : { shouldRetry: true, delay: { seconds: retrySeconds } },
};

/** The time is kept in the step's result: a replay must not find that there is less of it by now. */
type DurablyPrepared =
  | Exclude<Prepared, { readonly kind: 'shift' }>
  | (Extract<Prepared, { readonly kind: 'shift' }> & { readonly answerable: number });

/** Works on a request within a durable execution. Never rejects. */
export async function workDurably(
  job: RequestContext,
  context: DurableShiftContext,
  settings: DurableSettings,
): Promise<ResourceAnswer> {
  let ruleArn: string | undefined;
  try {
    const prepared = await context.step('prepare', () => prepare(job, settings.clock), retries);
    if (prepared.kind === 'done') return prepared.answer;
    if (prepared.kind === 'delegated') return job.failure('An execution is at work on this request');
    const { plan, answerable } = prepared;
    ruleArn = plan.ruleArn;
    const { durable, logger, clock } = settings;
    const result = await durable(context, job.shifterFor(plan), job.requestFor(plan, answerable), {
      logger,
      clock,
    });
    const reason = reasonOf(result, plan);
    if (reason !== undefined) return job.failure(reason, ruleArn);
    return await context.step('finish', () => job.resource.finish(plan.ruleArn, job.properties, {}), retries);
  } catch (error) {
    settings.logger.error('The rollout failed', {
      resource: job.address.logicalResourceId,
      error: describeFailure(error),
    });
    return job.failure(describeFailure(error), ruleArn);
  }
}

/** Answers in a step, so that a replay does not answer again. Never rejects. */
export async function answerDurably(
  job: RequestContext,
  worked: ResourceAnswer,
  context: DurableShiftContext,
  settings: Settings,
): Promise<{ readonly answer: ResourceAnswer; readonly delivery: Delivery }> {
  const { clock } = settings;
  const answer = await context.step(
    'remember',
    () => job.remember(worked, timeToAnswer(context, clock)),
    retries,
  );
  const answerOnce = async () => {
    const timeLeft = timeToAnswer(context, clock);
    const delivery = await answerCloudFormation(job.address, answer, { ...settings, timeLeft });
    if (delivery === 'notSent') throw new Error('CloudFormation cannot be reached');
    return delivery;
  };
  try {
    return { answer, delivery: await context.step('answer', answerOnce, retries) };
  } catch {
    return { answer, delivery: 'notSent' };
  }
}

function timeToAnswer({ lambdaContext }: DurableShiftContext, clock: Clock): TimeLeft {
  const end = clock.now() + maxAnswering;
  return {
    getRemainingTimeInMillis: () =>
      Math.min(lambdaContext?.getRemainingTimeInMillis() ?? maxAnswering, end - clock.now()),
  };
}

async function prepare(job: RequestContext, clock: Clock): Promise<DurablyPrepared> {
  const late = tooLate(job, clock);
  if (late !== undefined) return { kind: 'done', answer: late };
  const prepared = await job.resource.prepare(parseRequest(job.event), {});
  if (prepared.kind !== 'shift') return prepared;
  const answerable = job.answerableSeconds();
  requireTime(prepared.plan, job.properties, { seconds: answerable, of: 'ServiceTimeout' });
  await job.resource.clear(prepared.plan, {});
  await job.resource.memory.rememberBeginning(prepared.plan, {});
  return { ...prepared, answerable };
}
