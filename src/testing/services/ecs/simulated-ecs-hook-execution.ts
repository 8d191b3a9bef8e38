import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { invokeOnce, type SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';
import type {
  EcsHookLambdaEvent,
  SimulatedEcsHook,
  SimulatedEcsHookExecution,
} from './simulated-ecs-deployment-types.js';

const defaultDelaySeconds = 30;
const defaultTimeoutMinutes = 1_440;

/** A hook of one deployment. The details of its `IN_PROGRESS` responses are sent with its next events. */
export interface HookOfDeployment {
  readonly index: number;
  readonly hook: SimulatedEcsHook;
  details: Readonly<Record<string, unknown>> | undefined;
}

/** The meaning of a hook's response. */
type Answer =
  | { readonly status: 'SUCCEEDED' }
  | { readonly status: 'FAILED'; readonly reason: string }
  | {
      readonly status: 'IN_PROGRESS';
      readonly delaySeconds: number;
      readonly details: Readonly<Record<string, unknown>> | undefined;
    };

/**
 * Runs a hook at a stage: calls its Lambda again after `IN_PROGRESS`, until a response ends it, the hook's time-out
 * is over, or the signal is aborted. A Lambda that throws or is cut off has failed; it is not called again.
 */
export async function executeHook(
  environment: SimulatedEnvironment,
  hookOfDeployment: HookOfDeployment,
  event: Omit<EcsHookLambdaEvent, 'executionId' | 'hookDetails'>,
  signal: AbortSignal,
): Promise<SimulatedEcsHookExecution> {
  const { clock } = environment;
  const { index, hook } = hookOfDeployment;
  const executionId = environment.nextId();
  const invocations: SimulatedInvocation[] = [];
  const ended = { executionId, hook: index, invocations };
  const { timeoutInMinutes = defaultTimeoutMinutes } = hook;
  const timeout = new AbortController();
  const over = new AbortController();
  // ECS waits, so time passes even when nothing but a hanging Lambda is left.
  clock.sleep(timeoutInMinutes * 60_000, over.signal).then(
    () => timeout.abort(),
    () => {},
  );
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    for (;;) {
      const { details } = hookOfDeployment;
      const sent = { executionId, ...event, ...(details && { hookDetails: details }) };
      const invocation = await untilAborted(invokeOnce(environment, hook, sent, invocations), either);
      const answer = answerOf(invocation);
      if (answer.status !== 'IN_PROGRESS') return { ...ended, ...answer };
      if (answer.details) hookOfDeployment.details = { ...details, ...answer.details };
      await clock.sleep(answer.delaySeconds * 1000, either);
    }
  } catch (error) {
    if (!either.aborted) throw error;
    return { ...ended, status: signal.aborted ? 'ABANDONED' : 'TIMED_OUT' };
  } finally {
    over.abort();
  }
}

function answerOf({ outcome, result }: SimulatedInvocation): Answer {
  if (outcome !== 'returned') return { status: 'FAILED', reason: `The Lambda function ${outcome}` };
  // The payload of a Lambda response is JSON.
  const answer: unknown = result === undefined ? undefined : JSON.parse(JSON.stringify(result));
  if (!isRecord(answer)) return { status: 'FAILED', reason: 'The answer is no object' };
  const { hookStatus, callBackDelay = defaultDelaySeconds, hookDetails } = answer;
  if (hookStatus === 'SUCCEEDED') return { status: 'SUCCEEDED' };
  if (hookStatus === 'FAILED') return { status: 'FAILED', reason: 'The hook answered FAILED' };
  if (hookStatus !== 'IN_PROGRESS')
    return { status: 'FAILED', reason: `Unknown status ${String(hookStatus)}` };
  if (typeof callBackDelay !== 'number' || !Number.isInteger(callBackDelay) || callBackDelay < 0)
    return { status: 'FAILED', reason: `Invalid callBackDelay ${String(callBackDelay)}` };
  if (hookDetails !== undefined && !isRecord(hookDetails))
    return { status: 'FAILED', reason: 'The hookDetails are no object' };
  return { status: 'IN_PROGRESS', delaySeconds: callBackDelay, details: hookDetails };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
