export { codeDeployHook } from './codedeploy-hook.js';
export { ecsLifecycleHook } from './ecs-lifecycle-hook.js';
export {
  type DatabaseStarter,
  databaseStarted,
  type EcsReadyStepOptions,
  type EcsStepStack,
  type SubscriptionSwitch,
  subscriptionDisabled,
  subscriptionEnabled,
} from './ecs-ready-steps.js';
export type {
  EcsHookStep,
  EcsPollStep,
  EcsPollTimes,
  EcsRunStep,
  EcsShiftStep,
  EcsWaitForStep,
  EcsWaitStep,
} from './ecs-steps.js';
export type {
  EcsHookDirection,
  EcsHookDirections,
  EcsHookEvent,
  EcsHookFunction,
  EcsHookInvocation,
  EcsHookResponse,
  EcsHookStages,
  EcsHookWork,
  EcsLifecycleHookHandler,
  EcsLifecycleHookOptions,
  EcsLifecycleStage,
} from './ecs-types.js';
export type {
  CodeDeployHookClients,
  CodeDeployHookFunction,
  CodeDeployHookHandler,
  CodeDeployHookInvocation,
  CodeDeployHookOptions,
  CodeDeployHookResult,
  HookExecution,
  HookLambdaContext,
} from './types.js';
