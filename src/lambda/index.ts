export { LambdaTools } from './lambda-tools.js';
export type {
  EventMappingMatchOptions,
  EventMappingOptions,
  EventMappingReport,
  EventMappingState,
  EventRule,
  EventRuleOptions,
  EventRuleReport,
  EventSourceMappingParameters,
  LambdaMetricStatistics,
  LambdaStackOptions,
  LambdaToolsClients,
  LambdaToolsOptions,
  LatestLambdaMetrics,
  LatestMetric,
} from './types.js';
