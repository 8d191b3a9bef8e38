import type { MethodPermissions } from '../../core/permissions.js';

const describeRules = { action: 'elasticloadbalancing:DescribeRules', resources: '*' } as const;
const describeListeners = { action: 'elasticloadbalancing:DescribeListeners', resources: '*' } as const;
const describeTargetHealth = {
  action: 'elasticloadbalancing:DescribeTargetHealth',
  resources: '*',
} as const;
const describeRoute = { action: 'appmesh:DescribeRoute', resources: ['meshRoute'] } as const;
const getAlias = { action: 'lambda:GetAlias', resources: ['function'] } as const;
const getRule = { action: 'vpc-lattice:GetRule', resources: ['latticeRule'], when: 'latticeRule' } as const;
const getListener = {
  action: 'vpc-lattice:GetListener',
  resources: ['latticeListener'],
  when: 'latticeDefaultAction',
} as const;

/** What the traffic targets are allowed to do. Each reads before it writes, when nothing was read before. */
export const targetPermissions = {
  'AlbListenerRuleTarget.readHealth': [describeTargetHealth],
  'AlbListenerRuleTarget.readWeights': [describeRules],
  'AlbListenerRuleTarget.writeWeights': [
    describeRules,
    { action: 'elasticloadbalancing:ModifyRule', resources: ['listenerRule'] },
  ],
  'AlbListenerTarget.readHealth': [describeTargetHealth],
  'AlbListenerTarget.readWeights': [describeListeners],
  'AlbListenerTarget.writeWeights': [
    describeListeners,
    { action: 'elasticloadbalancing:ModifyListener', resources: ['listener'] },
  ],
  'AppMeshRouteTarget.readWeights': [describeRoute],
  'AppMeshRouteTarget.writeWeights': [
    describeRoute,
    { action: 'appmesh:UpdateRoute', resources: ['meshRoute', 'virtualNode'] },
  ],
  'LambdaAliasTarget.readHealth': [{ action: 'lambda:GetFunctionConfiguration', resources: ['function'] }],
  'LambdaAliasTarget.readWeights': [getAlias],
  'LambdaAliasTarget.writeWeights': [getAlias, { action: 'lambda:UpdateAlias', resources: ['function'] }],
  'VpcLatticeRuleTarget.readHealth': [
    { action: 'vpc-lattice:ListTargets', resources: ['latticeTargetGroup'] },
  ],
  'VpcLatticeRuleTarget.readWeights': [getRule, getListener],
  'VpcLatticeRuleTarget.writeWeights': [
    getRule,
    { action: 'vpc-lattice:UpdateRule', resources: ['latticeRule'], when: 'latticeRule' },
    getListener,
    {
      action: 'vpc-lattice:UpdateListener',
      resources: ['latticeListener'],
      when: 'latticeDefaultAction',
    },
  ],
} as const satisfies MethodPermissions;
