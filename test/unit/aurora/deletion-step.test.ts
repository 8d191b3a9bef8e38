import { describe, expect, test } from 'vitest';
import { finalSnapshotIdentifier, nextDeletionStep } from '../../../src/aurora/deletion-step.js';

const cluster = {
  Status: 'available',
  DeletionProtection: false,
  DBClusterMembers: [
    { DBInstanceIdentifier: 'writer', IsClusterWriter: true },
    { DBInstanceIdentifier: 'reader', IsClusterWriter: false },
  ],
};
const instance = (DBInstanceIdentifier: string, DBInstanceStatus = 'available') => ({
  DBInstanceIdentifier,
  DBInstanceStatus,
});

describe('Function: nextDeletionStep', () => {
  test('a cluster that is gone or being deleted is done', () => {
    expect(nextDeletionStep(undefined, [])).toEqual({ kind: 'done' });
    expect(nextDeletionStep({ ...cluster, Status: 'deleting' }, [])).toEqual({ kind: 'done' });
  });

  test('a protected cluster is refused while its members are still there', () => {
    const step = nextDeletionStep({ ...cluster, DeletionProtection: true }, [instance('writer')]);

    expect(step).toEqual({ kind: 'refuse', because: 'protected' });
  });

  test.each(['stopped', 'stopping'])('a %s cluster is refused', (Status) => {
    expect(nextDeletionStep({ ...cluster, Status }, [instance('writer', Status)])).toEqual({
      kind: 'refuse',
      because: 'stopped',
    });
  });

  test('readers go before the writer', () => {
    expect(nextDeletionStep(cluster, [instance('writer'), instance('reader')])).toEqual({
      kind: 'deleteMembers',
      instances: ['reader'],
    });
    expect(nextDeletionStep(cluster, [instance('writer'), instance('reader', 'deleting')])).toEqual({
      kind: 'deleteMembers',
      instances: ['writer'],
    });
  });

  test('the cluster goes when nothing but deleting members is left, or no member list at all', () => {
    expect(nextDeletionStep(cluster, [instance('writer', 'deleting')])).toEqual({ kind: 'deleteCluster' });
    expect(nextDeletionStep({ Status: 'available' }, [])).toEqual({ kind: 'deleteCluster' });
  });

  test('a cluster without a writer is no special case', () => {
    expect(nextDeletionStep({ Status: 'available' }, [instance('reader')])).toEqual({
      kind: 'deleteMembers',
      instances: ['reader'],
    });
  });
});

describe('Function: finalSnapshotIdentifier', () => {
  test('names the cluster and the second, and is an identifier that RDS takes', () => {
    const name = finalSnapshotIdentifier('orders-blue', Date.UTC(2026, 0, 2, 3, 4, 5, 678));

    expect(name).toBe('orders-blue-final-20260102-030405');
    expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i);
  });

  test('differs from that of a former cluster of the same name', () => {
    expect(finalSnapshotIdentifier('orders-blue', 0)).not.toBe(
      finalSnapshotIdentifier('orders-blue', 60_000),
    );
  });
});
