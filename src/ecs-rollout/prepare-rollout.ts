import type { Service } from '@aws-sdk/client-ecs';
import { requireField, throwIfAborted } from '../core/aws-call.js';
import { readActiveService } from '../ecs/read-service.js';
import type { ServiceTargetGroup } from './canary/canary-addresses.js';
import { type CanaryIdentity, identityOf, previousOf } from './canary/canary-identity.js';
import { readTargetGroups } from './canary/canary-targets.js';
import type { CleanUpLimits } from './canary/clean-up-canary.js';
import { cleanUpLeftovers } from './canary/clean-up-earlier-runs.js';
import { findCanaries } from './canary/find-canaries.js';
import { ecsCall, type RolloutContext } from './rollout-context.js';
import {
  isNewestCompleted,
  presentDefinitions,
  requireReplaceable,
  requireRolled,
} from './service/rollout-service.js';
import { familyOf } from './service/task-definitions.js';
import type { RollOutInput } from './types.js';

/** The state of the service before the rollout changes anything. */
export interface Prepared {
  readonly service: Service;
  readonly serviceArn: string;
  readonly identity: CanaryIdentity;
  readonly groups: readonly ServiceTargetGroup[];
  /** The ARN of the task definition that the service runs, or is being updated to. */
  readonly primary: string;
  /** The ARN of the task definition of a rollback. */
  readonly previous: string;
}

/** Reads the service, and cleans up the canaries of earlier runs of the same rollout. */
export async function prepareRollout(
  context: RolloutContext,
  plan: {
    readonly input: RollOutInput;
    readonly options: {
      readonly rolloutId?: string | undefined;
      readonly updateSettings: boolean;
      readonly limits: CleanUpLimits;
    };
  },
): Promise<Prepared> {
  const { input, options } = plan;
  const service = await readActiveService(context, context.name, { ...context, withTags: true });
  requireRolled(service, context.resource);
  const next = options.updateSettings ? input.service?.deploymentConfiguration : undefined;
  requireReplaceable(service, context.resource, next);
  const call = ecsCall('DescribeServices', context);
  const serviceArn = requireField(service.serviceArn, 'serviceArn', call);
  const clusterArn = requireField(service.clusterArn, 'clusterArn', call);
  const { primary, lastGood } = requireField(presentDefinitions(service), 'taskDefinition', call);
  const identity = identityOf({ clusterArn, serviceArn }, options.rolloutId);
  const groups = await readTargetGroups(context, service.loadBalancers ?? []);
  const { taskDefinition } = input;
  const nextDefinition = typeof taskDefinition === 'string' ? taskDefinition : (taskDefinition.family ?? '');
  const families = [...new Set([primary, nextDefinition].map(familyOf))];
  const addLeftover = (taskArn: string) => context.leftovers.addTask(taskArn);
  const canaries = await findCanaries(context, identity, families, addLeftover);
  const tried = canaries.filter(({ taskDefinitionArn }) => taskDefinitionArn === primary);
  const recorded = tried.map(previousOf).find((it) => it !== undefined && it !== primary);
  // The canary's tag counts only while the service is being updated: afterwards the new task definition is the good one.
  const previous = lastGood === primary && !isNewestCompleted(service) ? (recorded ?? lastGood) : lastGood;
  await cleanUpLeftovers(context, groups, canaries, options.limits);
  throwIfAborted(context);
  return { service, serviceArn, identity, groups, primary, previous };
}
