import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { CallOptions } from '../../core/aws-call.js';
import type { ClientOptions } from '../../core/clients.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import type { WaitOptions } from '../../core/poll-until.js';

/** Clients of `RdsBlueGreen`. */
export interface RdsBlueGreenClients {
  /** Changes and describes databases and blue/green deployments. */
  readonly rds: RDSClient;
  /** Reads the replica lag. It is created at the first use. */
  readonly cloudWatch: CloudWatchClient;
}

/** The production database of a blue/green deployment: an Aurora cluster, or a database instance of RDS. */
export type BlueGreenSource =
  | {
      /** Identifier (not the ARN) of the Aurora cluster. RDS ignores its case. */
      readonly clusterIdentifier: string;
      /** Left out for a cluster. */
      readonly instanceIdentifier?: undefined;
    }
  | {
      /** Left out for an instance. */
      readonly clusterIdentifier?: undefined;
      /** Identifier (not the ARN) of the database instance. RDS ignores its case. */
      readonly instanceIdentifier: string;
    };

/** Options of `RdsBlueGreen`. */
export type RdsBlueGreenOptions = BlueGreenSource &
  ClientOptions<RdsBlueGreenClients> & {
    /**
     * Seconds between two reads of the deployment: 1 to 3600.
     * @default 30
     */
    readonly intervalSeconds?: number | undefined;
    /**
     * Logger of the changes, one structured line each.
     * @default nothing is logged
     */
    readonly logger?: Logger | undefined;
    /**
     * Source of the time and of waits.
     * @default the machine's clock
     */
    readonly clock?: Clock | undefined;
  };

/** Changes of the green environment. Every other setting is that of the blue one. */
export interface GreenSettings {
  /** Engine version of the green environment. */
  readonly engineVersion?: string | undefined;
  /** Cluster parameter group of a green Aurora cluster. */
  readonly clusterParameterGroupName?: string | undefined;
  /** Parameter group of the green instances. */
  readonly parameterGroupName?: string | undefined;
  /** Instance class of a green instance that is no member of a cluster. */
  readonly instanceClass?: string | undefined;
  /** Storage type of a green instance that is no member of a cluster, such as `gp3`. */
  readonly storageType?: string | undefined;
  /** Storage of a green instance that is no member of a cluster, in GiB. */
  readonly allocatedStorage?: number | undefined;
  /** Provisioned IOPS of a green instance that is no member of a cluster. */
  readonly iops?: number | undefined;
  /** Storage throughput of a green instance that is no member of a cluster, for `gp3`. */
  readonly storageThroughput?: number | undefined;
  /** True upgrades the storage file system of a green instance that is no member of a cluster. */
  readonly upgradeStorageConfig?: boolean | undefined;
  /** KMS key of each green database that gets another one, by the ARN of its blue database. */
  readonly kmsKeys?: Readonly<Record<string, string>> | undefined;
}

/** Name and creator of a blue/green deployment. */
export interface BlueGreenName {
  /**
   * Name of the blue/green deployment, unique in the account and the Region: at most 60 letters, digits and single hyphens, beginning
   * with a letter.
   */
  readonly name: string;
  /**
   * ID of the caller, kept as a tag. A deployment with another one is not continued, and never deleted.
   * @default none: every deployment of this name that `RdsBlueGreen` has created for this database
   */
  readonly creationId?: string | undefined;
}

/** Options of {@link RdsBlueGreen.createDeployment}. */
export interface CreateBlueGreenOptions extends BlueGreenName, CallOptions {
  /**
   * Changes of the green environment.
   * @default none
   */
  readonly green?: GreenSettings | undefined;
  /**
   * Tags of the deployment.
   * @default none
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Limits of a switchover. */
export interface SwitchoverLimits {
  /**
   * Seconds after which RDS cancels the switchover, and changes nothing: 30 to 3600.
   * @default 300
   */
  readonly switchoverTimeoutSeconds?: number | undefined;
  /**
   * Highest replica lag before the switchover, in seconds. Writes wait at least as long. An Aurora PostgreSQL database has no such
   * metric, nor has an RDS PostgreSQL instance of another major version; RDS alone checks their lag.
   * @default 10
   */
  readonly maxReplicaLagSeconds?: number | undefined;
}

/** Options of {@link RdsBlueGreen.switchOver} and {@link RdsBlueGreen.readGuardrails}. */
export interface SwitchOverOptions extends BlueGreenName, SwitchoverLimits, CallOptions {}

/** Options of {@link RdsBlueGreen.deleteGreenEnvironment}. */
export interface DeleteBlueGreenOptions extends BlueGreenName, WaitOptions {}

/** Options of {@link RdsBlueGreen.getDeployment} and {@link RdsBlueGreen.deleteCompletedDeployment}. */
export interface GetBlueGreenOptions extends BlueGreenName, CallOptions {}

/** Request of `RdsBlueGreen`, as JSON. */
export interface BlueGreenRequest
  extends BlueGreenName,
    SwitchoverLimits,
    Pick<CreateBlueGreenOptions, 'green' | 'tags'> {
  /**
   * `afterApproval` waits for the approval `switchover`; `no` ends the run when the green environment is available.
   * @default 'atOnce'
   */
  readonly switchOver?: 'atOnce' | 'afterApproval' | 'no' | undefined;
  /**
   * Seconds for which the run waits until the guardrails are met. It then halts, and keeps the green environment.
   * @default 3600
   */
  readonly maxGuardrailWaitSeconds?: number | undefined;
  /**
   * True deletes the blue/green deployment, but no database, after the switchover. The old database then accepts writes again.
   * @default false
   */
  readonly deleteDeployment?: boolean | undefined;
}

/** Result of {@link RdsBlueGreen.deleteGreenEnvironment} and {@link RdsBlueGreen.deleteCompletedDeployment}. */
export interface BlueGreenDeletion {
  /** False when there was nothing of this caller to delete. */
  readonly deleted: boolean;
}

/** Request with its defaults. */
export interface ResolvedBlueGreenRequest extends BlueGreenName {
  /** Changes of the green environment. */
  readonly green: GreenSettings;
  /** Tags of the deployment. */
  readonly tags: Readonly<Record<string, string>>;
  /** Beginning of the switchover. */
  readonly switchOver: 'atOnce' | 'afterApproval' | 'no';
  /** Seconds after which RDS cancels the switchover. */
  readonly switchoverTimeoutSeconds: number;
  /** Highest replica lag before the switchover, in seconds. */
  readonly maxReplicaLagSeconds: number;
  /** Seconds for which the run waits until the guardrails are met. */
  readonly maxGuardrailWaitSeconds: number;
  /** True when the deployment is deleted after the switchover. */
  readonly deleteDeployment: boolean;
}

/** Identity of a database. A switchover gives its name to another database; the resource ID stays. */
export interface DatabaseIdentity {
  /** ARN of the database when it was read. */
  readonly arn: string;
  /** Identifier of the database when it was read. */
  readonly identifier: string;
  /** Resource ID, which no other database ever has. */
  readonly resourceId: string;
}

/** One condition of a switchover. */
export interface BlueGreenGuardrail {
  /** Name of the condition. */
  readonly name: BlueGreenGuardrailName;
  /** `unreadable`: no API shows it, and only RDS checks it when the switchover begins. */
  readonly outcome: 'met' | 'notMet' | 'unreadable';
  /** The reading. */
  readonly detail: string;
  /** False for a condition that is not met and that waiting cannot change. */
  readonly mayPass: boolean;
}

/** Names of the conditions of a switchover. */
export type BlueGreenGuardrailName =
  | 'status'
  | 'identity'
  | 'tasks'
  | 'members'
  | 'blueAvailable'
  | 'greenAvailable'
  | 'externalReplication'
  | 'replication'
  | 'replicaLag'
  | 'writes';

/** State of a blue/green deployment. */
export type BlueGreenDeploymentState =
  /** There is no deployment of this name. */
  | 'none'
  /** A deployment of this name that this caller has not created. */
  | 'other'
  | 'provisioning'
  | 'available'
  | 'switchingOver'
  | 'switchedOver'
  /** The switchover failed. */
  | 'switchoverFailed'
  /** RDS cannot switch over any more. */
  | 'invalid'
  | 'deleting'
  /** A status that RDS has added since. */
  | 'unknown';

/** Reading of a blue/green deployment. */
export interface BlueGreenReading {
  /** State of the deployment. */
  readonly state: BlueGreenDeploymentState;
  /** Resource ID of the database that has the name of the production database now. A switchover changes it. */
  readonly productionResourceId: string;
  /** Status and details as RDS returned them; undefined without a deployment. */
  readonly text?: string | undefined;
  /** ID of the deployment. */
  readonly deploymentIdentifier?: string | undefined;
  /** Identifier of the green database. After the switchover it is that of the production database. */
  readonly greenIdentifier?: string | undefined;
  /** Identifier of the blue database. After the switchover it ends with `-old1` or a higher number. */
  readonly blueIdentifier?: string | undefined;
}
