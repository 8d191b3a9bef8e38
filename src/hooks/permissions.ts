import type { MethodPermissions } from '../core/permissions.js';

/** What the hooks are allowed to do by themselves; what is done in them needs its own permissions. */
export const hookPermissions = {
  codeDeployHook: [
    // The Service Authorization Reference names no resource; CodeDeploy's own permissions reference names this one, and
    // SAM's documentation and the CDK allow their hooks nothing else.
    { action: 'codedeploy:PutLifecycleEventHookExecutionStatus', resources: ['deploymentGroup'] },
  ],
  databaseStarted: [],
  ecsLifecycleHook: [],
  subscriptionDisabled: [],
  subscriptionEnabled: [],
} as const satisfies MethodPermissions;
