import type { MethodPermissions } from '../core/permissions.js';

/** What the custom resource is allowed to do. */
export const customResourcePermissions = {
  managedListenerRuleHandler: [
    { action: 'elasticloadbalancing:DescribeRules', resources: '*' },
    { action: 'elasticloadbalancing:DescribeTags', resources: '*' },
    { action: 'elasticloadbalancing:CreateRule', resources: ['listener'] },
    {
      action: 'elasticloadbalancing:AddTags',
      resources: ['listenerRule'],
      only: {
        operator: 'StringEquals',
        key: 'elasticloadbalancing:CreateAction',
        values: ['CreateRule'],
      },
      notCalled: {
        why: 'Elastic Load Balancing asks for it when a rule is created with tags',
        source:
          'https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/tagging-resources-during-creation.html',
      },
    },
    { action: 'elasticloadbalancing:ModifyRule', resources: ['listenerRule'] },
    { action: 'elasticloadbalancing:SetRulePriorities', resources: ['listenerRule'] },
    { action: 'elasticloadbalancing:DeleteRule', resources: ['listenerRule'] },
    { action: 'elasticloadbalancing:DescribeTargetHealth', resources: '*' },
    { action: 'cloudwatch:GetMetricData', resources: '*', when: 'cloudWatchMetric' },
    { action: 'states:StartExecution', resources: ['stateMachine'], when: 'handOver' },
  ],
} as const satisfies MethodPermissions;
