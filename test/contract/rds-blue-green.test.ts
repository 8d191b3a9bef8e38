import { expect } from 'vitest';
import type { BlueGreenRequest } from '../../src/aurora/index.js';
import { type DatabaseKind, makeBlueGreenWorld } from '../support/blue-green-world.js';
import { describeResumable } from './resumable.js';

const request: BlueGreenRequest = {
  name: 'orders-to-17',
  green: { engineVersion: '17.4' },
  switchOver: 'afterApproval',
};

const protectedCluster = 'available, protected';
const wanted = {
  cluster: [
    ['invoices', 'present, 15.8, available', 'invoices-writer available'],
    ['orders', `new, 17.4, ${protectedCluster}`, 'orders-writer available', 'orders-reader-1 available'],
    [
      'orders-old1',
      `present, 16.4, ${protectedCluster}`,
      'orders-writer-old1 available',
      'orders-reader-1-old1 available',
    ],
  ],
  instance: [
    ['invoices', 'present, 15.8, available', 'invoices-writer available'],
    ['orders', `new, 17.4, ${protectedCluster}`],
    ['orders-old1', `present, 16.4, ${protectedCluster}`],
  ],
};

function setUp(kind: DatabaseKind, more: Partial<BlueGreenRequest> = {}) {
  const world = makeBlueGreenWorld({ kind, engine: kind === 'cluster' ? 'aurora-postgresql' : 'mysql' });
  const { cloud, make, read, changes } = world;
  const rds = world.clientWithoutRetries();
  return {
    clock: cloud.clock,
    request: { ...request, ...more },
    make: () => make({ intervalSeconds: 300, clients: { rds, cloudWatch: cloud.clients.cloudWatch } }),
    read,
    calls: () => cloud.calls.length,
    changes: () => changes().length,
    failAt: (call: number, fault: string) => {
      const isLost = fault === 'lostResponse' || fault === 'crashAfter';
      cloud.injectFault({
        kind: isLost ? 'lostResponse' : new Error('Simulated fault'),
        atCall: call - cloud.calls.length,
      });
    },
  };
}

const malformed = [
  undefined,
  {},
  { name: '1-orders' },
  { name: 'orders', engineVersion: '17.4' },
  { name: 'orders', switchoverTimeoutSeconds: 29 },
  { name: 'orders', switchoverTimeoutSeconds: 3601 },
  { name: 'orders', switchOver: true },
  { name: 'orders', tags: { 'aws:x': 'y' } },
];

describeResumable(
  'RdsBlueGreen of a cluster',
  {
    approvals: ['switchover'],
    wanted: { databases: wanted.cluster, deployments: ['orders-to-17 SWITCHOVER_COMPLETED'] },
    malformed: [...malformed, { name: 'orders', green: { instanceClass: 'db.r6g.large' } }],
    rollsBackAtEnd: false,
    lateStates: 2,
  },
  () => setUp('cluster'),
);

describeResumable(
  'RdsBlueGreen of an instance, with the deletion of the deployment',
  {
    approvals: ['switchover'],
    wanted: { databases: wanted.instance, deployments: [] },
    late: {
      databases: wanted.instance,
      deployments: expect.toBeOneOf([['orders-to-17 SWITCHOVER_COMPLETED'], ['orders-to-17 DELETING'], []]),
    },
    malformed: [...malformed, { name: 'orders', green: { clusterParameterGroupName: 'orders-17' } }],
    rollsBackAtEnd: false,
    lateStates: 3,
  },
  () => setUp('instance', { deleteDeployment: true }),
);
