import * as v from 'valibot';
import { callAws, isAwsError } from '../../core/aws-call.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { classifyFailure } from '../../core/failures.js';
import { runBeforeDeadline, type TimedWork } from '../../core/respond-before-deadline.js';
import { stackReference } from '../../core/schemas.js';
import { stopwatch } from '../../core/stopwatch.js';
import type { TimeLeft } from '../../core/time-left.js';
import { parseInput } from '../../core/validate.js';
import { strategySchema } from '../../traffic/strategies/strategy-schema.js';
import { isPair } from '../../traffic/weights.js';
import { RequestEndedError } from '../ledger/request-ended.js';
import type { RuleShiftPlan } from '../plan/shift-plan.js';
import { type Conclusion, describeFailure } from '../protocol/response.js';
import type { RequestContext } from '../request-context.js';
import type { Settings } from '../settings.js';
import type { Delegate, ExecutionStarter } from '../types.js';

const retrySeconds = 5;

const weights = v.custom<RuleShiftPlan['initialWeights']>(isPair, 'two shares that are 100 % together');

const inputSchema = v.object({
  customResource: v.object({
    event: v.looseObject({}),
    run: v.string(),
    ruleArns: v.array(v.string()),
    plan: v.object({
      ruleArn: v.string(),
      targetGroups: v.object({ blue: v.string(), green: v.string() }),
      incoming: stackReference,
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

/** Subject of an execution, besides the shift. */
export interface DelegatedRequest {
  readonly event: unknown;
  /** Name of the run in the ledger. */
  readonly run: string;
  /** Rules that have its record. */
  readonly ruleArns: readonly string[];
  readonly plan: RuleShiftPlan;
}

/** End of a shift in the state machine. */
export interface ExecutionEnd {
  readonly input: unknown;
  readonly isSuccess: boolean;
  readonly reason: string;
}

/**
 * Starts the execution that runs a shift and responds to CloudFormation. Its name comes from the request, so that a repeated
 * call starts no second execution. Retries a failure that may pass until the signal is aborted.
 *
 * IAM: states:StartExecution
 */
export async function startExecution(
  request: RequestContext,
  plan: RuleShiftPlan,
  options: Settings & { readonly delegate: Delegate; readonly signal: AbortSignal },
): Promise<void> {
  const { delegate, clock, logger, signal } = options;
  const elapsed = stopwatch(clock);
  const resource = delegate.stateMachineArn;
  const action = 'states:StartExecution';
  const { event, ledger } = request;
  const execution = {
    stateMachineArn: resource,
    name: request.address.requestId.replaceAll(/[^\w-]/g, '-').slice(0, 80),
  };
  const { client, StartExecutionCommand } = await loadStepFunctions(options);
  for (;;) {
    // Computed for each attempt: the attempts before have shortened the time for the rollout.
    const shiftRequest = request.shiftRequestFor(plan, request.rolloutSeconds);
    const { run, ruleArns } = ledger;
    const input = JSON.stringify({ request: shiftRequest, customResource: { event, run, ruleArns, plan } });
    const command = new StartExecutionCommand({ ...execution, input });
    try {
      await ledger.write(
        (call) => callAws({ action, resource, ...call }, (http) => client.send(command, http)),
        { signal },
      );
      logger.info('Delegated rollout', { resource, execution: execution.name, durationMs: elapsed() });
      return;
    } catch (error) {
      // An earlier attempt has started the execution with another input: weights and time have changed since.
      if (isAwsError(error, 'ExecutionAlreadyExists')) return;
      if (isRefused(error) || signal.aborted) throw error;
      logger.warn('Could not delegate rollout yet', { resource, error: describeFailure(error) });
      await new ElapsedTime(clock).sleepSeconds(retrySeconds, { signal, resource, lastError: error });
    }
  }
}

/** True when a call was refused for good and had no effect. */
export function isRefused(error: unknown): boolean {
  return error instanceof RequestEndedError || classifyFailure(error) === 'final';
}

/** Reads the input of an execution. @throws InvalidInputError */
export function parseDelegated(input: unknown): DelegatedRequest {
  return parseInput('Execution input', inputSchema, input).customResource;
}

/** Reads the report of the state machine at its end. Returns undefined for another event. */
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

/** Returns the conclusion for the request of an execution that has ended. Never rejects. */
export async function concludeExecution(
  request: RequestContext,
  plan: RuleShiftPlan,
  { isSuccess, reason }: ExecutionEnd,
  { timeLeft, ...settings }: Settings & { readonly timeLeft: TimeLeft },
): Promise<Conclusion> {
  const { logicalResourceId: resource, requestId } = request.address;
  const failure = () => request.failure(`The rollout was not completed: ${reason}`, plan.ruleArn);
  const work = async ({ signal }: TimedWork): Promise<Conclusion> => {
    await request.ledger.check({ signal });
    if (!isSuccess) return { kind: 'respond', response: failure() };
    const finish = () => request.resource.finish(plan.ruleArn, request.properties, { signal });
    return { kind: 'respond', response: await request.ledger.retry(finish, { signal }) };
  };
  const options = { work: 'report', resource, data: { requestId }, context: timeLeft, ...settings };
  const outcome = await runBeforeDeadline(work, options);
  if (outcome.status === 'succeeded') return outcome.result;
  return isSuccess || outcome.error instanceof RequestEndedError
    ? request.conclusionOf(outcome.error)
    : { kind: 'respond', response: failure() };
}

/** Loads the client on its first use: most rollouts are never delegated. */
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
