import type { MethodPermissions } from '../core/permissions.js';

const describe = { action: 'ecs:DescribeServiceDeployments', resources: ['serviceDeployment'] } as const;
const respond = { action: 'ecs:ContinueServiceDeployment', resources: ['serviceDeployment'] } as const;
const stop = { action: 'ecs:StopServiceDeployment', resources: ['serviceDeployment'] } as const;

/** IAM permissions of the pauses and the watch of ECS's own deployments. */
export const ecsDeploymentPermissions = {
  'EcsPause.advance': [describe, respond, stop],
  'EcsPause.begin': [],
  'EcsPause.rollBack': [describe, respond, stop],
  ecsPauseHandler: [describe, respond, stop],
  rollBackServiceDeployment: [describe, stop],
  watchServiceDeployment: [describe, { ...stop, when: 'rollBackSignal' }],
} as const satisfies MethodPermissions;
