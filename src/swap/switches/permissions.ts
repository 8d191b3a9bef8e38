import type { MethodPermissions, Permission } from '../../core/permissions.js';

const describeService = { action: 'ecs:DescribeServices', resources: ['service'] } as const;
const describeRevisions = { action: 'ecs:DescribeServiceRevisions', resources: ['serviceRevision'] } as const;
const describeTaskDefinition = { action: 'ecs:DescribeTaskDefinition', resources: '*' } as const;
const describeRules = { action: 'elasticloadbalancing:DescribeRules', resources: '*' } as const;

/** IAM permissions of the probe and the switches. CodeDeploy's permissions reference names the resources of its actions. */
export const switchPermissions = {
  codeDeploySwitch: [
    { action: 'codedeploy:GetApplicationRevision', resources: ['codeDeployApplication'] },
    { action: 'codedeploy:GetDeployment', resources: ['deploymentGroup'] },
    { action: 'codedeploy:GetDeploymentGroup', resources: ['deploymentGroup'] },
    { action: 'codedeploy:ListDeployments', resources: ['deploymentGroup'] },
    { action: 'codedeploy:StopDeployment', resources: ['deploymentGroup'] },
    describeService,
    describeTaskDefinition,
    describeRules,
  ],
  deployedStack: [
    describeService,
    { ...describeRevisions, when: 'ecsDeployments' },
    describeTaskDefinition,
    describeRules,
  ],
  ecsSwitch: [
    { action: 'ecs:DescribeServiceDeployments', resources: ['serviceDeployment'] },
    describeRevisions,
    describeService,
    describeTaskDefinition,
    { action: 'ecs:ListServiceDeployments', resources: ['service'] },
    { action: 'ecs:StopServiceDeployment', resources: ['serviceDeployment'] },
    describeRules,
  ],
} as const satisfies MethodPermissions & Record<string, readonly Permission[]>;

/**
 * Permission of the hooks that answer CodeDeploy. The Service Authorization Reference names no resource. CodeDeploy's own permissions
 * reference names this one, and SAM's documentation and the CDK grant their hooks this one alone.
 */
export const hookResponse = {
  action: 'codedeploy:PutLifecycleEventHookExecutionStatus',
  resources: ['deploymentGroup'],
} as const satisfies Permission;
