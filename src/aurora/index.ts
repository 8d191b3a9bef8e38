export type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
export type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
export type { RDSClient } from '@aws-sdk/client-rds';
export type { CallOptions } from '../core/aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from '../core/clients.js';
export type { Clock } from '../core/clock.js';
export type { ToolkitError, ToolkitErrorDetails } from '../core/errors.js';
export type { LogData, Logger } from '../core/logger.js';
export type { WaitOptions } from '../core/poll-until.js';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { ToolOptions } from '../core/tool-options.js';
export type {
  AdvanceOptions,
  HeldAt,
  Outcome,
  Progress,
  Resumable,
  StateSummary,
} from '../resumable/types.js';
export { AuroraTools } from './aurora-tools.js';
export {
  BlueGreenDeploymentError,
  BlueGreenNotReadyError,
  type GuardrailErrorDetails,
} from './blue-green/blue-green-error.js';
export type { BlueGreenEvent, NewBlueGreenEvent } from './blue-green/events.js';
export { type BlueGreenProgress, RdsBlueGreen } from './blue-green/rds-blue-green.js';
export type { BlueGreenState } from './blue-green/state.js';
export type {
  BlueGreenDeletion,
  BlueGreenDeploymentState,
  BlueGreenGuardrail,
  BlueGreenGuardrailName,
  BlueGreenName,
  BlueGreenReading,
  BlueGreenRequest,
  BlueGreenSource,
  CreateBlueGreenOptions,
  DatabaseIdentity,
  DeleteBlueGreenOptions,
  GetBlueGreenOptions,
  GreenSettings,
  RdsBlueGreenClients,
  RdsBlueGreenOptions,
  ResolvedBlueGreenRequest,
  SwitchOverOptions,
  SwitchoverLimits,
} from './blue-green/types.js';
export { ClusterState } from './cluster-state.js';
export type {
  CreateDatabaseOptions,
  CreatedDatabaseDeletion,
  DatabaseCreation,
  DatabaseCreationQuery,
  DatabaseCreationState,
  DatabaseSource,
  DeleteCreatedDatabaseOptions,
  SnapshotSource,
} from './creation-types.js';
export type {
  DatabaseDomain,
  DatabaseRole,
  DatabaseSetting,
  DatabaseSettings,
  EnhancedMonitoring,
  PerformanceInsights,
  ServerlessScaling,
} from './database-settings.js';
export type {
  AuroraSettings,
  AuroraStackOptions,
  AuroraToolsClients,
  AuroraToolsOptions,
  DatabaseDeletion,
  DeleteDatabaseOptions,
  EnablePerformanceInsightsOptions,
  IgnoredEvent,
  IgnoredReason,
  PerformanceInsightsEnabled,
  PresentReaderBounds,
  RdsEventBridgeEvent,
  RdsEventInput,
  ReaderBounds,
  SnsEventRecord,
  SuspendedScaling,
  TaggedReader,
} from './types.js';
