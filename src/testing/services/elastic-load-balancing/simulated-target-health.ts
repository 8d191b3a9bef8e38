import { isIP } from 'node:net';
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsError } from '../../cloud/environment.js';
import type { SimulatedTarget, SimulatedTargetGroup } from './simulated-load-balancer-types.js';

/** Returns true when the task behind a target passes its health check; undefined for an unknown target. */
export type TargetProbe = (target: SimulatedTarget, group: SimulatedTargetGroup) => boolean | undefined;

/** The health of a target that is not registered. */
export const unregistered: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};

/**
 * Returns the health of a registered target. It is checked while an action names its group, whatever the weight. One passed
 * check makes a new target healthy; `unhealthyThresholdCount` failed ones make it unhealthy.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function healthOf(
  target: SimulatedTarget,
  {
    group,
    now,
    isNamed,
    probe,
  }: { group: SimulatedTargetGroup; now: number; isNamed: boolean; probe: TargetProbe },
): TargetHealth {
  if (target.drainingUntil !== undefined) {
    const Description = 'Target deregistration is in progress';
    return { State: 'draining', Reason: 'Target.DeregistrationInProgress', Description };
  }
  if (target.health !== undefined) return target.health;
  if (!isNamed) {
    const Description = 'Target group is not configured to receive traffic from the load balancer';
    return { State: 'unused', Reason: 'Target.NotInUse', Description };
  }
  const { registeredAt = Number.NEGATIVE_INFINITY } = target;
  const intervals = (now - registeredAt) / (group.healthCheckIntervalSeconds * 1000);
  const passes = probe(target, group) ?? true;
  if (intervals < (passes ? 1 : group.unhealthyThresholdCount)) return initial(intervals);
  return passes
    ? { State: 'healthy' }
    : { State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' };
}

/** @throws ValidationError when the target does not match the group's target type. */
export function checkTargetId({ targetType }: SimulatedTargetGroup, id: string): void {
  if (targetType === 'ip' && isIP(id) === 0)
    throw awsError('ValidationError', `The IP address '${id}' is not a valid IPv4 or IPv6 address`);
  if (targetType === 'instance' && !id.startsWith('i-'))
    throw awsError('ValidationError', `Instance ID '${id}' is not valid`);
  if (targetType === 'lambda' && !id.includes(':function:'))
    throw awsError('ValidationError', `'${id}' is not a valid Lambda function ARN`);
}

function initial(intervals: number): TargetHealth {
  return intervals < 0.5
    ? {
        State: 'initial',
        Reason: 'Elb.RegistrationInProgress',
        Description: 'Target registration is in progress',
      }
    : {
        State: 'initial',
        Reason: 'Elb.InitialHealthChecking',
        Description: 'Initial health checks in progress',
      };
}
