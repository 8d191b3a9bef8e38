import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { throwIfAborted } from '../../core/aws-call.js';
import { primaryRollout } from '../../ecs/service-stability.js';
import { ecsCall, type RolloutContext, unstoppable } from '../rollout-context.js';
import type { ServiceSettings } from '../types.js';
import { type KnownOutcome, sendChange } from './send-change.js';

export interface ServiceUpdate {
  /** The ID of the service's newest deployment. */
  readonly deployment: string | undefined;
}

/** Updates the service to a task definition. */
export async function updateService(
  context: RolloutContext,
  taskDefinition: string,
  settings: ServiceSettings,
): Promise<KnownOutcome<ServiceUpdate>> {
  throwIfAborted(context);
  const command = new UpdateServiceCommand({ ...settings, ...context.name, taskDefinition });
  const call = ecsCall('UpdateService', unstoppable(context));
  const outcome = await sendChange(context, call, (http) => context.ecs.send(command, http));
  if ('refusal' in outcome) return outcome;
  const { service } = outcome.response;
  return { response: { deployment: service && primaryRollout(service)?.id } };
}
