import type { SimulatedCloudWatch } from '../cloudwatch/simulated-cloudwatch.js';
import type {
  SimulatedBlueGreenDeployment,
  SimulatedBlueGreenMember,
} from './simulated-blue-green-deployment.js';
import { isCluster, isLogical } from './simulated-green-environment.js';
import type { SimulatedDbInstance } from './simulated-rds-cluster.js';
import type { SimulatedRdsClusters } from './simulated-rds-life-cycle.js';

/** Publishes the replica lag of a green environment. RDS has no metric of it for Aurora PostgreSQL. */
export function publishGreenLag(
  cloudWatch: SimulatedCloudWatch,
  clusters: SimulatedRdsClusters,
  { members, status, replicaLagSeconds: value }: SimulatedBlueGreenDeployment,
): void {
  if (value === undefined || status === 'SWITCHOVER_COMPLETED') return;
  const [source, writer] = writersOf(members);
  if (source === undefined || writer === undefined) return;
  const engine = source.engine ?? clusters.byName(source.cluster).engine;
  if (engine === 'aurora-postgresql') return;
  if (isLogical(source, { TargetEngineVersion: writer.settings.EngineVersion })) return;
  cloudWatch.addDataPoint({
    namespace: 'AWS/RDS',
    metricName: engine === 'aurora-mysql' ? 'AuroraBinlogReplicaLag' : 'ReplicaLag',
    dimensions: { DBInstanceIdentifier: writer.identifier },
    value,
  });
}

/** The writers of both environments. */
function writersOf(
  members: readonly SimulatedBlueGreenMember[],
): readonly (SimulatedDbInstance | undefined)[] {
  const writer = members.find((it) => !isCluster(it.source) && it.source.isWriter);
  return [writer?.source, writer?.target].map((it) => (it === undefined || isCluster(it) ? undefined : it));
}
