import type { MethodPermissions } from '../core/permissions.js';

/** IAM actions of the hooks themselves. The work in a hook needs its own. */
export const hookPermissions = {
  codeDeployHook: [
    // The Service Authorization Reference names no resource. CodeDeploy's own permissions reference names this one, and SAM's
    // documentation and the CDK grant their hooks this one alone.
    { action: 'codedeploy:PutLifecycleEventHookExecutionStatus', resources: ['deploymentGroup'] },
  ],
  codeDeploySwapHooks: [
    { action: 'codedeploy:PutLifecycleEventHookExecutionStatus', resources: ['deploymentGroup'] },
  ],
  databaseStarted: [],
  ecsLifecycleHook: [],
  ecsSwapHook: [],
  subscriptionDisabled: [],
  subscriptionEnabled: [],
} as const satisfies MethodPermissions;
