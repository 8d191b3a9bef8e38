export { KinesisTools } from './kinesis-tools.js';
export type {
  ConsumerDescription,
  ConsumerEndState,
  KinesisStackOptions,
  KinesisToolsClients,
  KinesisToolsOptions,
} from './types.js';
