import * as v from 'valibot';
import { callAws, isAwsError } from '../core/aws-call.js';
import { classifyFailure } from '../core/failures.js';
import { runBeforeDeadline, type TimedWork } from '../core/respond-before-deadline.js';
import { sleep } from '../core/sleep.js';
import { stopwatch } from '../core/stopwatch.js';
import type { TimeLeft } from '../core/time-left.js';
import { parseInput } from '../core/validate.js';
import { strategySchema } from '../traffic/strategies/strategy-schema.js';
import { isPair } from '../traffic/weights.js';
import { describeFailure, type RequestContext } from './job.js';
import type { ResourceAnswer } from './response.js';
import type { Settings } from './settings.js';
import type { RuleShiftPlan } from './shift-plan.js';
import type { Delegate, ExecutionStarter } from './types.js';

const retrySeconds = 5;

const weights = v.custom<RuleShiftPlan['initialWeights']>(isPair, 'two shares that are 100 % together');

const inputSchema = v.object({
  customResource: v.object({
    event: v.looseObject({}),
    plan: v.object({
      ruleArn: v.string(),
      targetGroups: v.object({ blue: v.string(), green: v.string() }),
      incoming: v.picklist(['blue', 'green']),
      strategy: strategySchema,
      initialWeights: weights,
      goesBack: v.optional(v.boolean()),
    }),
  }),
});

const reportSchema = v.object({
  task: v.literal('report'),
  input: v.unknown(),
  end: v.object({
    outcome: v.string(),
    error: v.optional(v.string(), ''),
    cause: v.optional(v.string(), ''),
  }),
});

/** What an execution is about, besides the shift. */
export interface DelegatedRequest {
  readonly event: unknown;
  readonly plan: RuleShiftPlan;
}

/** How a shift ended in the state machine. */
export interface ExecutionEnd {
  readonly input: unknown;
  readonly isSuccess: boolean;
  readonly reason: string;
}

/**
 * Starts the execution that carries a shift out and answers CloudFormation. Its name comes from the request, so that there
 * is one execution however often this is repeated. What may pass is tried again until the signal is aborted.
 *
 * IAM: states:StartExecution
 */
export async function startExecution(
  job: RequestContext,
  plan: RuleShiftPlan,
  options: Settings & { readonly delegate: Delegate; readonly signal: AbortSignal },
): Promise<void> {
  const { delegate, clock, logger, signal } = options;
  const elapsed = stopwatch(clock);
  const resource = delegate.stateMachineArn;
  const call = { action: 'states:StartExecution', resource, signal };
  const { event } = job;
  const execution = {
    stateMachineArn: resource,
    name: job.address.requestId.replaceAll(/[^\w-]/g, '-').slice(0, 80),
  };
  const { client, StartExecutionCommand } = await loadStepFunctions(options);
  for (;;) {
    // Made anew each time: what was spent on trying is no time for the rollout.
    const shift = job.requestFor(plan, job.answerableSeconds());
    const input = JSON.stringify({ shift, customResource: { event, plan } });
    try {
      await callAws(call, (http) => client.send(new StartExecutionCommand({ ...execution, input }), http));
      logger.info('Handed the rollout over', {
        resource,
        execution: execution.name,
        durationMs: elapsed(),
      });
      return;
    } catch (error) {
      // The weights and the time may have moved since an earlier attempt started it, and with them the input.
      if (isAwsError(error, 'ExecutionAlreadyExists')) return;
      if (isRefused(error) || signal.aborted) throw error;
      logger.warn('Could not hand the rollout over yet', { resource, error: describeFailure(error) });
      await sleep(clock, retrySeconds * 1000, { signal, resource });
    }
  }
}

/** True when AWS refused a call for good: nothing was done, and nothing will be. */
export function isRefused(error: unknown): boolean {
  return classifyFailure(error) === 'final';
}

/** Reads what an execution was started with. @throws InvalidInputError */
export function parseDelegated(input: unknown): DelegatedRequest {
  return parseInput('Execution input', inputSchema, input).customResource;
}

/** What the state machine reports at its end; nothing for another event. */
export function parseReport(event: unknown): ExecutionEnd | undefined {
  const parsed = v.safeParse(reportSchema, event);
  if (!parsed.success) return undefined;
  const { input, end } = parsed.output;
  const reason = [end.error, end.cause].filter((it) => it !== '').join(': ');
  return {
    input,
    isSuccess: end.outcome === 'succeeded',
    reason: `${end.outcome}${reason && `: ${reason}`}`,
  };
}

/** The answer to the request behind an execution that has ended. Never rejects. */
export async function answerAfter(
  job: RequestContext,
  plan: RuleShiftPlan,
  { isSuccess, reason }: ExecutionEnd,
  { timeLeft, ...settings }: Settings & { readonly timeLeft: TimeLeft },
): Promise<ResourceAnswer> {
  const { logicalResourceId: resource, requestId } = job.address;
  const failure = job.failure(`The rollout was not completed: ${reason}`, plan.ruleArn);
  const answer = async ({ signal }: TimedWork) => {
    const before = await job.resource.memory.answerBefore(plan.ruleArn, job.properties, { signal });
    if (before !== undefined) return before;
    return isSuccess ? job.resource.finish(plan.ruleArn, job.properties, { signal }) : failure;
  };
  const options = { work: 'report', resource, data: { requestId }, context: timeLeft, ...settings };
  const outcome = await runBeforeDeadline(answer, options);
  if (outcome.status === 'succeeded') return outcome.result;
  return isSuccess ? job.failure(describeFailure(outcome.error), plan.ruleArn) : failure;
}

/** Loaded when it is needed: most rollouts never are handed over. */
async function loadStepFunctions({
  delegate,
  clientConfig,
}: Settings & { readonly delegate: Delegate }): Promise<{
  readonly client: ExecutionStarter;
  readonly StartExecutionCommand: typeof import('@aws-sdk/client-sfn').StartExecutionCommand;
}> {
  const { SFNClient, StartExecutionCommand } = await import('@aws-sdk/client-sfn');
  return { client: delegate.stepFunctions ?? new SFNClient(clientConfig ?? {}), StartExecutionCommand };
}
