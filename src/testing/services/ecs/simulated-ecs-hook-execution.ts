import { isRecord } from '../../../core/is-record.js';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { invokeOnce, type SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';
import type {
  EcsHookLambdaEvent,
  SimulatedEcsHook,
  SimulatedEcsHookExecution,
  SimulatedEcsPauseHook,
} from './simulated-ecs-deployment-types.js';

const defaultDelaySeconds = 30;
export const defaultTimeoutMinutes = 1_440;

/** A hook of one deployment, with the details of its last `IN_PROGRESS` response for its next event. */
export interface HookOfDeployment {
  readonly index: number;
  readonly hook: SimulatedEcsHook | SimulatedEcsPauseHook;
  details: Readonly<Record<string, unknown>> | undefined;
}

/** True for a pause hook. */
export function isPauseHook(hook: HookOfDeployment['hook']): hook is SimulatedEcsPauseHook {
  return 'targetType' in hook && hook.targetType === 'PAUSE';
}

/** The meaning of a hook's response. */
type HookOutcome =
  | { readonly status: 'SUCCEEDED' }
  | { readonly status: 'FAILED'; readonly reason: string }
  | {
      readonly status: 'IN_PROGRESS';
      readonly delaySeconds: number;
      readonly details: Readonly<Record<string, unknown>> | undefined;
    };

/**
 * Runs a hook at a stage. Calls its Lambda function again after `IN_PROGRESS` until a response ends the hook, the hook
 * times out, or the signal is aborted. A Lambda function that throws or times out has failed and is not called again.
 */
export async function executeHook(
  environment: SimulatedEnvironment,
  hookOfDeployment: HookOfDeployment & { readonly hook: SimulatedEcsHook },
  event: Omit<EcsHookLambdaEvent, 'hookDetails'>,
  signal: AbortSignal,
): Promise<SimulatedEcsHookExecution> {
  const { clock } = environment;
  const { index, hook } = hookOfDeployment;
  const { executionId } = event;
  const invocations: SimulatedInvocation[] = [];
  const ended = { executionId, hook: index, invocations };
  const { timeoutInMinutes = defaultTimeoutMinutes } = hook;
  const timeout = new AbortController();
  const over = new AbortController();
  // Time passes while ECS waits, even when only a hanging Lambda function is left.
  clock.sleep(timeoutInMinutes * 60_000, over.signal).then(
    () => timeout.abort(),
    () => {},
  );
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    for (;;) {
      const { details } = hookOfDeployment;
      const sent = { ...event, ...(details && { hookDetails: details }) };
      const invocation = await untilAborted(invokeOnce(environment, hook, sent, invocations), either);
      const outcome = outcomeOf(invocation);
      if (outcome.status !== 'IN_PROGRESS') return { ...ended, ...outcome };
      if (outcome.details) hookOfDeployment.details = { ...details, ...outcome.details };
      await clock.sleep(outcome.delaySeconds * 1000, either);
    }
  } catch (error) {
    if (!either.aborted) throw error;
    return { ...ended, status: signal.aborted ? 'ABANDONED' : 'TIMED_OUT' };
  } finally {
    over.abort();
  }
}

function outcomeOf({ outcome, result }: SimulatedInvocation): HookOutcome {
  if (outcome !== 'returned') return { status: 'FAILED', reason: `The Lambda function ${outcome}` };
  // The payload of a Lambda response is JSON.
  const response: unknown = result === undefined ? undefined : JSON.parse(JSON.stringify(result));
  if (!isRecord(response)) return { status: 'FAILED', reason: 'The response is no object' };
  const { hookStatus, callBackDelay = defaultDelaySeconds, hookDetails } = response;
  if (hookStatus === 'SUCCEEDED') return { status: 'SUCCEEDED' };
  if (hookStatus === 'FAILED') return { status: 'FAILED', reason: 'The hook responded FAILED' };
  if (hookStatus !== 'IN_PROGRESS')
    return { status: 'FAILED', reason: `Unknown status ${String(hookStatus)}` };
  if (typeof callBackDelay !== 'number' || !Number.isInteger(callBackDelay) || callBackDelay < 0)
    return { status: 'FAILED', reason: `Invalid callBackDelay ${String(callBackDelay)}` };
  if (hookDetails !== undefined && !isRecord(hookDetails))
    return { status: 'FAILED', reason: 'The hookDetails are no object' };
  return { status: 'IN_PROGRESS', delaySeconds: callBackDelay, details: hookDetails };
}

export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
