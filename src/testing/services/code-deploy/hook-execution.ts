import type { SimulatedEnvironment } from '../../cloud/environment.js';
import {
  invokeAsynchronously,
  type SimulatedHookLambda,
  type SimulatedInvocation,
} from '../lambda/simulated-lambda-invocation.js';
import type { DeploymentProblem } from './deployment-problem.js';
import type { CodeDeployHookEvent, SimulatedHook } from './simulated-code-deploy-types.js';

/** A hook that has not responded after this time has failed. */
const maxHookSeconds = 3_600;

/** One execution of one hook. */
export interface HookExecution extends CodeDeployHookEvent {
  status: 'InProgress' | 'Succeeded' | 'Failed';
  /** Aborted by the response. */
  readonly responded: AbortController;
}

/** Dependencies of a hook. */
export interface HookDependencies {
  readonly environment: SimulatedEnvironment;
  /** Returns the Lambda function of this name, or undefined when there is none. */
  readonly findFunction: (name: string) => SimulatedHookLambda<CodeDeployHookEvent> | undefined;
}

/**
 * Invokes a hook and waits for its response, not for the Lambda function, which may still run, and even fail, afterwards.
 * Returns the problem that ends the deployment.
 */
export async function runHook(
  hook: SimulatedHook,
  { environment, findFunction }: HookDependencies,
  {
    invocations,
    openExecution,
    signal,
  }: { invocations: SimulatedInvocation[]; openExecution: () => HookExecution; signal: AbortSignal },
): Promise<DeploymentProblem | undefined> {
  const lambda = typeof hook === 'string' ? findFunction(hook) : hook;
  if (lambda === undefined) {
    const message = `The Lambda function ${String(hook)} of a hook could not be found`;
    return { code: 'INVALID_LAMBDA_FUNCTION', message };
  }
  const execution = openExecution();
  const { DeploymentId, LifecycleEventHookExecutionId, responded } = execution;
  const event = { DeploymentId, LifecycleEventHookExecutionId };
  const deployed = typeof lambda === 'function' ? { handler: lambda } : lambda;
  void invokeAsynchronously(environment, deployed, event, invocations);
  let message = 'The hook reported Failed';
  try {
    await environment.clock.sleep(maxHookSeconds * 1000, AbortSignal.any([responded.signal, signal]));
    message = 'The hook did not report a status within one hour';
  } catch {
    // The response arrived in time, or the deployment was stopped.
  }
  if (execution.status === 'InProgress') execution.status = 'Failed';
  return execution.status === 'Succeeded' ? undefined : { code: 'HOOK_EXECUTION_FAILURE', message };
}
