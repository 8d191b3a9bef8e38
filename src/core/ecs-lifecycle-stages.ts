import type { DeploymentLifecycleHookStage } from '@aws-sdk/client-ecs';

/** Stages of an ECS service deployment at which ECS can run a hook, in their order. */
export const ecsLifecycleStages = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const satisfies readonly DeploymentLifecycleHookStage[];
