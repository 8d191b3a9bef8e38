export type { IamPolicyDocument, IamPolicyStatement } from '../core/policy-document.js';
export type { StateDefinition } from '../step-functions/definition-options.js';
export {
  type CodeDeployHookEvent,
  CodeDeploySwapHooks,
  type CodeDeploySwapHooksProps,
} from './codedeploy-swap-hooks.js';
export { EcsSwapHook, type EcsSwapHookProps } from './ecs-swap-hook.js';
export type { HandlerProps, TimedHandlerProps } from './function-props.js';
export { ManagedListenerRule } from './managed-listener-rule.js';
export {
  ManagedListenerRuleProvider,
  type ManagedListenerRuleProviderProps,
} from './managed-listener-rule-provider.js';
export type {
  ManagedListenerRuleProps,
  ManagedRuleBounds,
  ManagedRuleDatadogMetric,
  ManagedRuleDestination,
  ManagedRuleMetric,
} from './managed-rule-props.js';
export type {
  ShiftApproval,
  ShiftTask,
  TrafficShiftStateMachineProps,
} from './shift-machine-props.js';
export { StackSwapRecord, type StackSwapRecordProps } from './stack-swap-record.js';
export type { SwapRecordTable } from './swap-access.js';
export { TrafficShiftStateMachine } from './traffic-shift-state-machine.js';
export { acknowledgeWildcards } from './wildcards.js';
