import type { MethodPermissions } from '../core/permissions.js';

/** What the hooks are allowed to do by themselves; what is done in them needs its own permissions. */
export const hookPermissions = {
  codeDeployHook: [{ action: 'codedeploy:PutLifecycleEventHookExecutionStatus', resources: '*' }],
  databaseStarted: [],
  ecsLifecycleHook: [],
  subscriptionDisabled: [],
  subscriptionEnabled: [],
} as const satisfies MethodPermissions;
