import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { CallOptions } from '../core/aws-call.js';
import type { WaitOptions } from '../core/poll-until.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The database of one stack. */
export interface AuroraStackOptions {
  /** The identifier (not the ARN) of the Aurora cluster. RDS ignores its case. */
  readonly clusterIdentifier: string;
}

/** The clients that {@link AuroraTools} works with. */
export interface AuroraToolsClients {
  /** Changes and describes clusters, instances and tags. */
  readonly rds: RDSClient;
  /** Holds the bounds of the readers. */
  readonly applicationAutoScaling: ApplicationAutoScalingClient;
}

/** Options of {@link AuroraTools}. */
export type AuroraToolsOptions = ToolOptions<AuroraStackOptions, AuroraToolsClients> & AuroraSettings;

/** Options that both databases share. */
export interface AuroraSettings {
  /**
   * The readers that a cluster is created with, that it keeps when it is scaled in, and the least that it is scaled out to: 0 to 15.
   * @default 1
   */
  readonly minimumReaderCount?: number | undefined;
  /**
   * The reaction to a maximum of the auto scaling that is below the wanted minimum: raise it to that minimum, or fail with
   * an error.
   * @default 'raise'
   */
  readonly onMaxCapacityTooLow?: 'raise' | 'refuse' | undefined;
  /**
   * The reaction to a cluster, or a member of it, that is changing and cannot be started, stopped or deleted now: wait
   * until the transition is over, or fail with an error. A creation always waits for its own cluster.
   * @default 'wait'
   */
  readonly onTransition?: 'wait' | 'fail' | undefined;
  /**
   * The final snapshot of a cluster that is deleted.
   * @default 'create'
   */
  readonly finalSnapshot?: 'create' | 'skip' | undefined;
  /**
   * Identifies the scaled-out readers of this pair: their tag `application-autoscaling:resourceId` contains this text. `*`
   * matches any text.
   * @default '*'
   */
  readonly namespace?: string | undefined;
  /**
   * The tags for scaled-out readers; `Role=Reader` comes on top.
   * @default the tags of the reader's cluster, without those that begin with `aws:`
   */
  readonly readerTags?: Readonly<Record<string, string>> | undefined;
}

/** The bounds within which Application Auto Scaling keeps the readers of a cluster. */
export interface ReaderBounds {
  /** The fewest readers. */
  readonly minimum: number;
  /** The most readers. */
  readonly maximum: number;
  /**
   * The parts of the scaling that are suspended, if there are any. The bounds then do not take effect: while
   * `DynamicScalingOut` is suspended no readers are added, while `DynamicScalingIn` is suspended none are removed.
   */
  readonly suspended?: readonly SuspendedScaling[];
}

/** Result of {@link AuroraTools.getReaderBounds}. */
export interface PresentReaderBounds extends ReaderBounds {
  /** The minimum that {@link AuroraTools.scaleIn} sets: `minimumReaderCount` of the options. */
  readonly normalMinimum: number;
}

/** A part of Application Auto Scaling that can be suspended, by the name of the API without `Suspended`. */
export type SuspendedScaling = 'DynamicScalingIn' | 'DynamicScalingOut' | 'ScheduledScaling';

/** Options of {@link AuroraTools.deleteDatabase}. */
export interface DeleteDatabaseOptions extends WaitOptions {
  /**
   * False keeps the automated backups of the cluster for as long as they would have been kept. They count to a quota of the account.
   * @default as RDS does: they are deleted with the cluster, unless AWS Backup manages them
   */
  readonly deleteAutomatedBackups?: boolean | undefined;
}

/** Result of {@link AuroraTools.deleteDatabase}. */
export interface DatabaseDeletion {
  /** The final snapshot that was asked for; none when it is skipped, or when the deletion was already under way. */
  readonly finalSnapshotIdentifier: string | undefined;
}

/** An RDS event in one of the forms in which a Lambda function receives it. */
export type RdsEventInput = SnsEventRecord | RdsEventBridgeEvent;

/**
 * One record of an SNS event: the notification of an RDS event subscription, or an EventBridge event that a rule has sent
 * to the topic.
 */
export interface SnsEventRecord {
  /** The notification. */
  readonly Sns: {
    /** The RDS event, as JSON. */
    readonly Message: string;
  };
}

/**
 * An RDS event as EventBridge delivers it
 * (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-cloudwatch-events.sample.html).
 */
export interface RdsEventBridgeEvent {
  /** The service that the event is from. */
  readonly source: 'aws.rds';
  /** The event. */
  readonly detail: {
    /** The ID of the kind of event, such as `RDS-EVENT-0005`. */
    readonly EventID?: string | undefined;
    /** The event in words. */
    readonly Message?: string | undefined;
    /** The resource that the event is about. */
    readonly SourceIdentifier?: string | undefined;
    /** The type of that resource, such as `DB_INSTANCE`. */
    readonly SourceType?: string | undefined;
  };
}

/** Options of {@link AuroraTools.enablePerformanceInsights}. */
export interface EnablePerformanceInsightsOptions extends CallOptions {
  /**
   * True to enable Performance Insights again after an event that it was disabled.
   * @default true
   */
  readonly reEnableIfDisabled?: boolean | undefined;
  /**
   * Identifier or ARN of the KMS key that encrypts the data.
   * @default the key `aws/rds` of the account
   */
  readonly kmsKeyId?: string | undefined;
  /**
   * Days for which the data is kept: 7, a multiple of 31 up to 713, or 731. The advanced mode of Database Insights needs 465 or more.
   * @default 465 in the advanced mode, else 7; a change to the advanced mode keeps a longer one of the cluster or an instance
   */
  readonly retentionDays?: number | undefined;
  /**
   * Mode of CloudWatch Database Insights for the whole cluster of the reader, because the instances of a cluster have no mode of their
   * own. A change enables Performance Insights on all of them.
   * @default the mode that the cluster has
   */
  readonly databaseInsightsMode?: 'standard' | 'advanced' | undefined;
  /**
   * Seconds between two attempts while the instance is in a state in which it cannot be changed.
   * @default 60
   */
  readonly retryDelaySeconds?: number | undefined;
  /**
   * Attempts after the first one.
   * @default 5
   */
  readonly retryAttempts?: number | undefined;
}

/**
 * The reason why an RDS event was ignored:
 * - `otherEvent`: it is an event of another kind;
 * - `instanceGone`: its instance does not exist any more, or is being deleted;
 * - `otherCluster`: its instance belongs to neither of the two clusters;
 * - `notScaledOut`: its instance was not created by a scale-out in the namespace;
 * - `alreadyTagged`, `alreadyEnabled`: the reader, and the mode of its cluster, are as wanted already;
 * - `reEnablingIsOff`: Performance Insights was disabled, and `reEnableIfDisabled` is false.
 */
export type IgnoredReason =
  | 'otherEvent'
  | 'instanceGone'
  | 'otherCluster'
  | 'notScaledOut'
  | 'alreadyTagged'
  | 'alreadyEnabled'
  | 'reEnablingIsOff';

/** An RDS event was ignored. */
export interface IgnoredEvent {
  /** Discriminates the results. */
  readonly outcome: 'ignored';
  /** The reason. */
  readonly reason: IgnoredReason;
  /** The instance in the event, if any. */
  readonly instance: string | undefined;
}

/** A scaled-out reader was tagged. */
export interface TaggedReader {
  /** Discriminates the results. */
  readonly outcome: 'tagged';
  /** The identifier of the instance. */
  readonly instance: string;
  /** The tags that were written. */
  readonly tags: Readonly<Record<string, string>>;
}

/** RDS has accepted to enable Performance Insights on a scaled-out reader. */
export interface PerformanceInsightsEnabled {
  /** Discriminates the results. */
  readonly outcome: 'enabled';
  /** The identifier of the instance. */
  readonly instance: string;
  /** The mode of Database Insights to which the cluster was changed. */
  readonly databaseInsightsMode?: 'standard' | 'advanced' | undefined;
}
