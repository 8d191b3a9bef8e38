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
const member = (identifier: string, text = 'available') => ({ identifier, state: 'available', text });

describe('nextDeletionStep', () => {
  test('returns done for a cluster that is gone or being deleted', () => {
    expect(nextDeletionStep(undefined, [])).toEqual({ kind: 'done' });
    expect(nextDeletionStep({ ...cluster, Status: 'deleting' }, [])).toEqual({ kind: 'done' });
  });

  test('refuses a protected cluster while its members are still there', () => {
    const step = nextDeletionStep({ ...cluster, DeletionProtection: true }, [instance('writer')]);

    expect(step).toEqual({ kind: 'refuse', because: 'protected' });
  });

  test.each(['stopped', 'stopping'])('refuses a %s cluster', (Status) => {
    expect(nextDeletionStep({ ...cluster, Status }, [instance('writer', Status)])).toEqual({
      kind: 'refuse',
      because: 'stopped',
    });
  });

  test.each([
    ['a member of a global database', { GlobalClusterIdentifier: 'world' }, 'globalDatabase'],
    ['a replica', { ReplicationSourceIdentifier: 'arn:aws:rds:us-east-1:123456789012:cluster:x' }, 'replica'],
    ['a source of replicas', { ReadReplicaIdentifiers: ['arn:aws:rds:us-east-1:1:cluster:x'] }, 'replicated'],
  ])('refuses %s while its members are still there', (_, membership, because) => {
    const step = nextDeletionStep({ ...cluster, ...membership }, [instance('writer'), instance('reader')]);

    expect(step).toEqual({ kind: 'refuse', because });
  });

  test('ignores memberships that RDS shows as empty', () => {
    const none = { GlobalClusterIdentifier: '', ReplicationSourceIdentifier: '', ReadReplicaIdentifiers: [] };

    expect(nextDeletionStep({ ...cluster, ...none }, [])).toEqual({ kind: 'deleteCluster' });
  });

  test.each(['modifying', 'backing-up', 'a-state-of-tomorrow'])(
    'waits for a cluster that is %s',
    (Status) => {
      expect(nextDeletionStep({ ...cluster, Status }, [instance('writer')])).toEqual({ kind: 'wait' });
    },
  );

  test.each(['failed', 'inaccessible-encryption-credentials'])('deletes a cluster that is %s', (Status) => {
    expect(nextDeletionStep({ ...cluster, Status }, [])).toEqual({ kind: 'deleteCluster' });
  });

  test('deletes readers before the writer', () => {
    expect(nextDeletionStep(cluster, [instance('writer'), instance('reader')])).toEqual({
      kind: 'deleteMembers',
      members: [member('reader')],
    });
    expect(nextDeletionStep(cluster, [instance('writer'), instance('reader', 'deleting')])).toEqual({
      kind: 'deleteMembers',
      members: [member('writer')],
    });
  });

  test('reports the reasons of RDS for the state of a member', () => {
    const StatusInfos = [
      { StatusType: 'read replication', Normal: false, Status: 'error', Message: 'no key' },
    ];

    expect(nextDeletionStep(cluster, [{ ...instance('reader'), StatusInfos }])).toEqual({
      kind: 'deleteMembers',
      members: [member('reader', 'available (error: no key)')],
    });
  });

  test('deletes the cluster when all members are being deleted, or there is no member list', () => {
    expect(nextDeletionStep(cluster, [instance('writer', 'deleting')])).toEqual({ kind: 'deleteCluster' });
    expect(nextDeletionStep({ Status: 'available' }, [])).toEqual({ kind: 'deleteCluster' });
  });

  test('deletes the readers of a cluster without a writer', () => {
    expect(nextDeletionStep({ Status: 'available' }, [instance('reader')])).toEqual({
      kind: 'deleteMembers',
      members: [member('reader')],
    });
  });
});

describe('finalSnapshotIdentifier', () => {
  test('returns an identifier that RDS accepts, with the cluster and the second', () => {
    const name = finalSnapshotIdentifier('orders-blue', Date.UTC(2026, 0, 2, 3, 4, 5, 678));

    expect(name).toBe('orders-blue-final-20260102-030405');
    expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/i);
  });

  test('returns another identifier for a later cluster of the same name', () => {
    expect(finalSnapshotIdentifier('orders-blue', 0)).not.toBe(
      finalSnapshotIdentifier('orders-blue', 60_000),
    );
  });
});
