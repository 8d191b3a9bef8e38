export { LambdaTools } from './lambda-tools.js';
export type {
  EventMappingOptions,
  EventMappingReport,
  EventMappingState,
  EventRule,
  EventRuleReport,
  EventSourceMappingParameters,
  LambdaMetricStatistics,
  LambdaStackOptions,
  LambdaToolsClients,
  LambdaToolsOptions,
  LatestLambdaMetrics,
  LatestMetric,
} from './types.js';
