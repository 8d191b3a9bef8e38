import { ResourceStateError } from '../../core/errors.js';
import type { CanaryTarget, ServiceTargetGroup } from './canary-addresses.js';

/** @throws ResourceStateError when the canary has no address for one of the target groups. */
export function requireTargets(
  resource: string,
  groups: readonly ServiceTargetGroup[],
  targets: readonly CanaryTarget[],
): void {
  // A service may send several ports to one target group.
  const missing = groups.find(({ targetGroupArn: arn }) => countOf(targets, arn) < countOf(groups, arn));
  if (missing === undefined) return;
  const { targetGroupArn, targetType, containerName, containerPort } = missing;
  throw new ResourceStateError(`Canary of ${resource} has no address for a target group of the service`, {
    resource: targetGroupArn,
    expected: `an address of the type ${targetType} for ${containerName}:${containerPort}`,
    actual: 'none',
    remedy:
      "Check the target group's type against the network mode and the port mappings of the task definition",
  });
}

function countOf(list: readonly { readonly targetGroupArn: string }[], arn: string): number {
  return list.filter(({ targetGroupArn }) => targetGroupArn === arn).length;
}
