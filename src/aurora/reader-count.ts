import type { DBClusterMember, DBInstance } from '@aws-sdk/client-rds';

/**
 * States of an instance that serves nothing and will not by itself. Every other one counts as in service, also an unknown one:
 * a reader too many costs less than a missing one.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
 */
const outOfService: ReadonlySet<string | undefined> = new Set([
  'delete-precheck',
  'deleting',
  'failed',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'incompatible-create',
  'incompatible-network',
  'incompatible-option-group',
  'incompatible-parameters',
  'incompatible-restore',
  'insufficient-capacity',
  'restore-error',
  'stopped',
  'stopping',
  undefined,
]);

/** The readers that are, or will be, in service: counted by role, for a cluster may have no writer at all. */
export function countReaders(members: readonly DBClusterMember[], instances: readonly DBInstance[]): number {
  const states = new Map(instances.map((it) => [it.DBInstanceIdentifier, it.DBInstanceStatus]));
  return members.filter(
    (member) =>
      member.IsClusterWriter === false && !outOfService.has(states.get(member.DBInstanceIdentifier)),
  ).length;
}
