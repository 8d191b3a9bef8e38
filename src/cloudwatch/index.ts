export { CloudWatchTools } from './cloudwatch-tools.js';
export type {
  AlarmActionsOptions,
  AlarmActionsReport,
  CloudWatchStackOptions,
  CloudWatchToolsClients,
  CloudWatchToolsOptions,
} from './types.js';
