import {
  DBClusterQuotaExceededFault,
  InstanceQuotaExceededFault,
  InvalidDBClusterStateFault,
  InvalidDBInstanceStateFault,
} from '@aws-sdk/client-rds';
import { clientFault } from '../../cloud/environment.js';
import type { SimulatedDbCluster, SimulatedDbInstance } from './simulated-rds-cluster.js';
import type { SimulatedRdsClusters } from './simulated-rds-life-cycle.js';

/** Quotas of an account. */
export interface RdsQuotas {
  readonly clusterQuota: number;
  readonly instanceQuota: number;
}

export function wrongClusterState(
  { name, status }: SimulatedDbCluster,
  expected: readonly string[] = ['available'],
): Error {
  return new InvalidDBClusterStateFault(
    clientFault(
      `DbCluster ${name} is in ${status} state but expected it to be one of ${expected.join(',')}.`,
    ),
  );
}

export function wrongInstanceState({ identifier, status }: SimulatedDbInstance): Error {
  return new InvalidDBInstanceStateFault(
    clientFault(`Instance ${identifier} is not in available state, but ${status}.`),
  );
}

export function requireClusterQuota({ all }: SimulatedRdsClusters, { clusterQuota }: RdsQuotas): void {
  if (all.length >= clusterQuota)
    throw new DBClusterQuotaExceededFault(
      clientFault(`Cannot create more than ${clusterQuota} DB clusters`, 403),
    );
}

export function requireInstanceQuota(
  { instances }: SimulatedRdsClusters,
  { instanceQuota }: RdsQuotas,
  added = 1,
): void {
  if (instances.length + added > instanceQuota)
    throw new InstanceQuotaExceededFault(
      clientFault(`Cannot create more than ${instanceQuota} DB instances`),
    );
}
