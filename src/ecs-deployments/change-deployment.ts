import {
  ContinueServiceDeploymentCommand,
  type ECSClient,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import { type CallOptions, callAws, isAwsError, throwIfAborted } from '../core/aws-call.js';
import { type ObservedDeployment, type ObservedHook, phaseOf } from './deployment-status.js';
import { deploymentNotFound, readDeployment, resourceOf } from './read-deployment.js';

/** Action of ECS at the end of a pause. */
export type EcsPauseAction = 'CONTINUE' | 'ROLLBACK';

/** Result of a request: accepted, or no longer possible because of the state that was read afterwards. */
export type ChangeResult =
  | { readonly isAccepted: true }
  | { readonly isAccepted: false; readonly deployment: ObservedDeployment };

/**
 * Ends a pause. AWS does not document with which error it refuses a settled pause, and the response to a call that took effect can
 * be lost. So the pause is read again after any error.
 *
 * @throws the error of the call when the pause still waits.
 */
export async function endPause(
  ecs: ECSClient,
  { arn, hookId, action }: { readonly arn: string; readonly hookId: string; readonly action: EcsPauseAction },
  { signal }: CallOptions,
): Promise<ChangeResult> {
  const resource = resourceOf(arn);
  const command = new ContinueServiceDeploymentCommand({ serviceDeploymentArn: arn, hookId, action });
  return requestOnce({
    send: () =>
      callAws({ action: 'ecs:ContinueServiceDeployment', resource, signal }, (http) =>
        ecs.send(command, http),
      ),
    read: () => readDeployment(ecs, arn, { signal }),
    isOpen: (deployment) => phaseOf(deployment) === 'underWay' && isAwaiting(findHook(deployment, hookId)),
    arn,
    signal,
  });
}

/**
 * Requests a rollback. ECS refuses it for a deployment that has ended, and leaves a rollback that is under way alone.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
 * @throws the error of the call when the deployment is still under way.
 */
export async function requestRollback(
  ecs: ECSClient,
  arn: string,
  { signal }: CallOptions,
): Promise<ChangeResult> {
  const resource = resourceOf(arn);
  const command = new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' });
  return requestOnce({
    send: () =>
      callAws({ action: 'ecs:StopServiceDeployment', resource, signal }, (http) => ecs.send(command, http)),
    read: () => readDeployment(ecs, arn, { signal }),
    isOpen: (deployment) => phaseOf(deployment) === 'underWay',
    arn,
    signal,
  });
}

export function findHook({ hooks }: ObservedDeployment, hookId: string): ObservedHook | undefined {
  return hooks.find((hook) => hook.hookId === hookId);
}

export function isAwaiting(hook: ObservedHook | undefined): boolean {
  return hook?.status === 'AWAITING_ACTION';
}

async function requestOnce({
  send,
  read,
  isOpen,
  arn,
  signal,
}: {
  readonly send: () => Promise<unknown>;
  readonly read: () => Promise<ObservedDeployment>;
  readonly isOpen: (deployment: ObservedDeployment) => boolean;
  readonly arn: string;
  readonly signal: AbortSignal | undefined;
}): Promise<ChangeResult> {
  try {
    await send();
    return { isAccepted: true };
  } catch (error) {
    if (isAwsError(error, 'ServiceDeploymentNotFoundException')) throw deploymentNotFound(arn, error);
    throwIfAborted({ signal, resource: resourceOf(arn) });
    const deployment = await read().catch(() => undefined);
    if (deployment === undefined || isOpen(deployment)) throw error;
    return { isAccepted: false, deployment };
  }
}
