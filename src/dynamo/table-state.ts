import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { ResourceStateError } from '../core/errors.js';

/**
 * States in which a table stays until it is changed. In every other one, also in one that AWS has added since, the table is
 * changing: DynamoDB refuses to delete it, and it is waited for.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
 */
const stableStates: ReadonlySet<string | undefined> = new Set([
  'ACTIVE',
  'ARCHIVED',
  'INACCESSIBLE_ENCRYPTION_CREDENTIALS',
  'REPLICATION_NOT_AUTHORIZED',
]);

/** True for a table that DynamoDB can delete, as far as its state shows. */
export function isAtRest({ TableStatus }: TableDescription): boolean {
  return stableStates.has(TableStatus);
}

/** The state of a table, and DynamoDB's reasons for it. */
export function describeTable(table: TableDescription): string {
  const { TableStatus, ArchivalSummary, Replicas = [] } = table;
  const replicas = Replicas.filter(({ ReplicaStatus }) => ReplicaStatus && ReplicaStatus !== 'ACTIVE').map(
    ({ RegionName, ReplicaStatus, ReplicaStatusDescription: reason }) =>
      `replica ${RegionName} ${ReplicaStatus}${reason ? `: ${reason}` : ''}`,
  );
  const reasons = [ArchivalSummary?.ArchivalReason, ...replicas].filter(Boolean);
  return `${TableStatus}${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`;
}

/** @throws ResourceStateError when deletion protection is on. */
export function requireUnprotected(resource: string, table: TableDescription | undefined): void {
  if (!table?.DeletionProtectionEnabled) return;
  throw new ResourceStateError(`Table ${resource} was not deleted`, {
    resource,
    expected: 'deletion protection off',
    actual: 'deletion protection on',
    remedy: 'Turn its deletion protection off first, if the data may be deleted',
  });
}

/** The error for a table that is in use, where waiting is not wanted. */
export function tableInUse(
  resource: string,
  { state, cause }: { state: string; cause?: Error | undefined },
): ResourceStateError {
  return new ResourceStateError(`Table ${resource} was not deleted`, {
    resource,
    expected: 'a table that is not in use',
    actual: `a table in use, ${state}${cause === undefined ? '' : `: ${cause.message}`}`,
    remedy: "Try again when the operation on it is over, or delete it with whileInUse: 'wait'",
    cause,
  });
}
