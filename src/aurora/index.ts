export { AuroraTools } from './aurora-tools.js';
export { ClusterState } from './cluster-state.js';
export type {
  AuroraSettings,
  AuroraStackOptions,
  AuroraToolsClients,
  AuroraToolsOptions,
  DatabaseDeletion,
  EnablePerformanceInsightsOptions,
  IgnoredEvent,
  IgnoredReason,
  PerformanceInsightsEnabled,
  RdsEventBridgeEvent,
  RdsEventInput,
  ReaderBounds,
  SnsEventRecord,
  SuspendedScaling,
  TaggedReader,
} from './types.js';
