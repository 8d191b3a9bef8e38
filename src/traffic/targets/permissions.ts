import type { MethodPermissions, Permission } from '../../core/permissions.js';

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

const whenUnused = { when: 'unusedTargets' } as const;
const describeTargetGroupAttributes = {
  action: 'elasticloadbalancing:DescribeTargetGroupAttributes',
  resources: '*',
  ...whenUnused,
} as const;

/** Permissions of the traffic targets. A write without a recent reading reads first. */
export const targetPermissions = {
  'AlbListenerRuleTarget.readHealth': [
    describeTargetHealth,
    { ...describeRules, ...whenUnused },
    describeTargetGroupAttributes,
  ],
  'AlbListenerRuleTarget.changeSetup': [
    describeRules,
    { action: 'elasticloadbalancing:ModifyRule', resources: ['listenerRule'] },
  ],
  'AlbListenerRuleTarget.readSetup': [describeRules, describeTargetGroupAttributes],
  'AlbListenerRuleTarget.readWeights': [describeRules],
  'AlbListenerRuleTarget.writeWeights': [
    describeRules,
    { action: 'elasticloadbalancing:ModifyRule', resources: ['listenerRule'] },
  ],
  'AlbListenerTarget.readHealth': [
    describeTargetHealth,
    { ...describeListeners, ...whenUnused },
    describeTargetGroupAttributes,
  ],
  'AlbListenerTarget.changeSetup': [
    describeListeners,
    { action: 'elasticloadbalancing:ModifyListener', resources: ['listener'] },
  ],
  'AlbListenerTarget.readSetup': [describeListeners, describeTargetGroupAttributes],
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
  // The permissions are those of its targets.
  'CompositeTarget.changeSetup': [],
  'CompositeTarget.readSetup': [],
  'CompositeTarget.readWeights': [],
  'CompositeTarget.writeWeights': [],
  'LambdaAliasTarget.readHealth': [{ action: 'lambda:GetFunctionConfiguration', resources: ['function'] }],
  'LambdaAliasTarget.readWeights': [
    getAlias,
    {
      action: 'lambda:GetProvisionedConcurrencyConfig',
      resources: ['functionAlias'],
      when: 'provisionedConcurrency',
    },
  ],
  'LambdaAliasTarget.writeWeights': [getAlias, { action: 'lambda:UpdateAlias', resources: ['function'] }],
  'VpcLatticeRuleTarget.readHealth': [
    { action: 'vpc-lattice:ListTargets', resources: ['latticeTargetGroup'] },
    { ...getRule, ...whenUnused },
    { ...getListener, ...whenUnused },
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

/** Class of a ready-made target. */
type TargetName = keyof typeof targetPermissions extends infer Method
  ? Method extends `${infer Name}.${string}`
    ? Name
    : never
  : never;

/** Returns the permissions of all methods of a target. */
export function permissionsOfTarget(name: TargetName): readonly Permission[] {
  return Object.entries(targetPermissions).flatMap(([method, permissions]): readonly Permission[] =>
    method.startsWith(`${name}.`) ? permissions : [],
  );
}
