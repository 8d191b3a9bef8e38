import type { Service } from '@aws-sdk/client-ecs';
import { requireField, throwIfAborted } from '../../core/aws-call.js';
import { readService } from '../read-service.js';
import type { ServiceTargetGroup } from './canary-addresses.js';
import { type CleanUpLimits, cleanUpLeftover } from './canary-cleanup.js';
import { type CanaryIdentity, identityOf, previousOf } from './canary-identity.js';
import { readTargetGroups } from './canary-targets.js';
import { findCanaries } from './canary-task.js';
import { ecsCall, type RolloutContext } from './context.js';
import { isSettled, presentDefinitions, requireRolled } from './rollout-service.js';
import { familyOf } from './task-definitions.js';
import type { RollOutInput } from './types.js';

/** What the rollout has found out about the service before it changes anything. */
export interface Prepared {
  readonly service: Service;
  readonly serviceArn: string;
  readonly identity: CanaryIdentity;
  readonly groups: readonly ServiceTargetGroup[];
  /** The ARN of the task definition that the service is on, or on its way to. */
  readonly primary: string;
  /** The ARN of the task definition that a rollback goes back to. */
  readonly previous: string;
}

/** Reads the service, and cleans up what an earlier run of the same rollout has left behind. */
export async function prepareRollout(
  context: RolloutContext,
  plan: {
    readonly input: RollOutInput;
    readonly options: { readonly rolloutId?: string | undefined; readonly limits: CleanUpLimits };
  },
): Promise<Prepared> {
  const { input, options } = plan;
  const service = await readService(context.ecs, context.name, { ...context, withTags: true });
  requireRolled(service, context.resource);
  const call = ecsCall('DescribeServices', context);
  const serviceArn = requireField(service.serviceArn, 'serviceArn', call);
  const clusterArn = requireField(service.clusterArn, 'clusterArn', call);
  const { primary, lastGood } = requireField(presentDefinitions(service), 'taskDefinition', call);
  const identity = identityOf({ clusterArn, serviceArn }, options.rolloutId);
  const groups = await readTargetGroups(context, service.loadBalancers ?? []);
  const { taskDefinition } = input;
  const next = typeof taskDefinition === 'string' ? taskDefinition : (taskDefinition.family ?? '');
  const families = [...new Set([primary, next].map(familyOf))];
  const leftovers = await findCanaries(context, identity, families);
  const tried = leftovers.filter(({ taskDefinitionArn }) => taskDefinitionArn === primary);
  const remembered = tried.map(previousOf).find((it) => it !== undefined && it !== primary);
  // What its canary remembers counts only while the service is on its way: later the new one is what is good.
  const previous = lastGood === primary && !isSettled(service) ? (remembered ?? lastGood) : lastGood;
  for (const task of leftovers) await cleanUpLeftover(context, groups, task, options.limits);
  throwIfAborted(context);
  return { service, serviceArn, identity, groups, primary, previous };
}
