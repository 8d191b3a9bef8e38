export { managedListenerRuleHandler } from './handler.js';
export type {
  CustomResourceContext,
  DatadogKeys,
  DurableListenerRuleHandler,
  DurableListenerRuleOptions,
  ExecutionStarter,
  HandOver,
  ListenerRuleOptions,
  ManagedListenerRuleClients,
  ManagedListenerRuleHandler,
  ManagedListenerRuleOptions,
  ManagedListenerRuleResult,
} from './types.js';
