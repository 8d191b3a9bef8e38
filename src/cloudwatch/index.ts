export { CloudWatchTools } from './cloudwatch-tools.js';
export type {
  AlarmActionsReport,
  CloudWatchStackOptions,
  CloudWatchToolsClients,
  CloudWatchToolsOptions,
} from './types.js';
