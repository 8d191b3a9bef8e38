export { EcsTools } from './ecs-tools.js';
export type {
  EcsStackOptions,
  EcsToolsClients,
  EcsToolsOptions,
  ServiceStableOptions,
  StableService,
} from './types.js';
