import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { withReasons } from './cluster-state.js';

/**
 * States in which an instance, or a cluster, serves requests and no change is under way. A backup does not interrupt it.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
 */
const serving: ReadonlySet<string | undefined> = new Set(['available', 'backing-up', 'storage-optimization']);

/** States of an instance that only a person or a deletion ends. Every other one, also an unknown one, is waited for. */
const broken = /^(failed|incompatible-.*|restore-error|inaccessible-encryption-credentials)$/;

/** True in a state in which requests are served and nothing changes. */
export function isServing(state: string | undefined): boolean {
  return serving.has(state);
}

/**
 * True for a cluster whose capacity is not that of instances: one of Aurora Limitless, which has a shard group, and one of Serverless v1.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/limitless-create-cluster.html
 */
export function servesWithoutInstance({ ClusterScalabilityType, EngineMode }: DBCluster): boolean {
  return ClusterScalabilityType === 'limitless' || EngineMode === 'serverless';
}

/** The members of a cluster, as far as a wait for `available` needs them. */
export interface MemberReadiness {
  readonly isReady: boolean;
  /** Members that do not serve, with the reasons of RDS. Empty when all of them do. */
  readonly text: string;
  /** True when a member will not serve any more. */
  readonly isBroken: boolean;
}

/** Readiness of the members that are not being deleted. A cluster without a member serves nothing. */
export function readinessOf(instances: readonly DBInstance[]): MemberReadiness {
  const present = instances.filter((it) => it.DBInstanceStatus !== 'deleting');
  if (present.length === 0) return { isReady: false, text: 'no instance', isBroken: false };
  const missing = present.filter((it) => !isServing(it.DBInstanceStatus));
  return {
    isReady: missing.length === 0,
    text: missing.map(describe).join(', '),
    isBroken: missing.some((it) => broken.test(it.DBInstanceStatus ?? '')),
  };
}

function describe({ DBInstanceIdentifier, DBInstanceStatus = 'unknown', StatusInfos }: DBInstance): string {
  return `${DBInstanceIdentifier} ${withReasons(DBInstanceStatus, StatusInfos)}`;
}
