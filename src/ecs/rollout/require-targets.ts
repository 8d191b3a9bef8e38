import { ResourceStateError } from '../../core/errors.js';
import type { CanaryTarget, ServiceTargetGroup } from './canary-addresses.js';

/** @throws ResourceStateError when the canary has no address for one of the target groups. */
export function requireTargets(
  resource: string,
  groups: readonly ServiceTargetGroup[],
  targets: readonly CanaryTarget[],
): void {
  const known = new Set(targets.map(({ targetGroupArn }) => targetGroupArn));
  const missing = groups.find(({ targetGroupArn }) => !known.has(targetGroupArn));
  if (missing === undefined) return;
  const { targetGroupArn, targetType, containerName, containerPort } = missing;
  throw new ResourceStateError(`The canary of ${resource} has no address for a target group of the service`, {
    resource: targetGroupArn,
    expected: `an address of the type ${targetType} for ${containerName}:${containerPort}`,
    seen: 'none',
    remedy:
      "Check the target group's type against the network mode and the port mappings of the task definition",
  });
}
