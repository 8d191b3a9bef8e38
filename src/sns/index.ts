export { disabledMarker } from './filter-policy.js';
export { SnsTools } from './sns-tools.js';
export type { SnsStackOptions, SnsToolsClients, SnsToolsOptions, SubscriptionOptions } from './types.js';
