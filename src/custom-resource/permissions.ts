import type { MethodPermissions } from '../core/permissions.js';

export const customResourcePermissions = {
  managedListenerRuleHandler: [
    { action: 'elasticloadbalancing:DescribeRules', resources: '*' },
    { action: 'elasticloadbalancing:DescribeTags', resources: '*' },
    { action: 'elasticloadbalancing:CreateRule', resources: ['listener'] },
    { action: 'elasticloadbalancing:AddTags', resources: ['listenerRule'] },
    { action: 'elasticloadbalancing:RemoveTags', resources: ['listenerRule'] },
    { action: 'elasticloadbalancing:ModifyRule', resources: ['listenerRule'] },
    { action: 'elasticloadbalancing:SetRulePriorities', resources: ['listenerRule'] },
    { action: 'elasticloadbalancing:DeleteRule', resources: ['listenerRule'] },
    { action: 'elasticloadbalancing:DescribeTargetHealth', resources: '*' },
    { action: 'cloudwatch:GetMetricData', resources: '*', when: 'cloudWatchMetric' },
    { action: 'states:StartExecution', resources: ['stateMachine'], when: 'delegate' },
  ],
} as const satisfies MethodPermissions;
