export { managedListenerRuleHandler } from './handler.js';
export type {
  CustomResourceContext,
  DatadogKeys,
  Delegate,
  DurableListenerRuleHandler,
  DurableListenerRuleOptions,
  ExecutionStarter,
  ListenerRuleOptions,
  ManagedListenerRuleClients,
  ManagedListenerRuleHandler,
  ManagedListenerRuleOptions,
  ManagedListenerRuleResult,
} from './types.js';
