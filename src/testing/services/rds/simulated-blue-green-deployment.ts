import type { BlueGreenDeployment } from '@aws-sdk/client-rds';
import { type SimulatedDbCluster, type SimulatedDbInstance, toTagList } from './simulated-rds-cluster.js';

/** A cluster or an instance that is part of a {@link SimulatedBlueGreenDeployment}. */
export type SimulatedDatabase = SimulatedDbCluster | SimulatedDbInstance;

/** A blue/green deployment of the {@link SimulatedRds}. */
export interface SimulatedBlueGreenDeployment {
  /** Its ID, such as `bgd-0000000000000001`. */
  readonly id: string;
  /** Its name, unique in the account and the Region. */
  readonly name: string;
  /** The databases of both environments, in pairs. The first pair are those that the deployment is named after. */
  readonly members: readonly SimulatedBlueGreenMember[];
  /** Its status, such as `AVAILABLE`. A test can set any status. */
  status: string;
  /** Details of the status. A test can set any. */
  statusDetails: string | undefined;
  /** Its tasks. A test can set any. */
  tasks: SimulatedBlueGreenTask[];
  /** Its tags. */
  readonly tags: Record<string, string>;
  /** Time of its creation: milliseconds since 1970. */
  readonly createdAt: number;
  /** Seconds that a switchover takes; RDS cancels one that exceeds its time limit. */
  switchoverSeconds: number;
  /** Reason for which the guardrails of RDS cancel every switchover. */
  guardrailFailure: string | undefined;
  /** Replica lag of the green environment, a metric of every minute; undefined: CloudWatch gets no data. A test can set any. */
  replicaLagSeconds: number | undefined;
  /** Number of switchovers that were started. */
  switchovers: number;
}

/** A database of the blue environment, and its copy in the green one. */
export interface SimulatedBlueGreenMember {
  /** Database of the blue environment. */
  readonly source: SimulatedDatabase;
  /** Database of the green environment. */
  readonly target: SimulatedDatabase;
  /** Status of its switchover. A test can set any. */
  status: string;
}

/** A task of a {@link SimulatedBlueGreenDeployment}. */
export interface SimulatedBlueGreenTask {
  /** Its name, such as `DB_ENGINE_VERSION_UPGRADE`. */
  readonly name: string;
  /** `PENDING`, `IN_PROGRESS`, `COMPLETED` or `FAILED`. */
  status: string;
}

/** Returns the deployment as RDS describes it. */
export function describeBlueGreen(deployment: SimulatedBlueGreenDeployment): BlueGreenDeployment {
  const [first] = deployment.members;
  return {
    BlueGreenDeploymentIdentifier: deployment.id,
    BlueGreenDeploymentName: deployment.name,
    Source: first?.source.arn,
    // The green environment does not exist at once.
    Target: deployment.tasks.some(({ status }) => status === 'COMPLETED') ? first?.target.arn : undefined,
    SwitchoverDetails: deployment.members.map(({ source, target, status }) => ({
      SourceMember: source.arn,
      TargetMember: target.arn,
      Status: status,
    })),
    Tasks: deployment.tasks.map(({ name, status }) => ({ Name: name, Status: status })),
    Status: deployment.status,
    StatusDetails: deployment.statusDetails,
    CreateTime: new Date(deployment.createdAt),
    TagList: toTagList(deployment.tags),
  };
}
