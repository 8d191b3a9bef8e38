import type { MethodPermissions } from '../../core/permissions.js';

const describeAlias = {
  action: 'states:DescribeStateMachineAlias',
  resources: ['stateMachineAlias'],
} as const;

/** Permissions of `StepFunctionsAliasTarget`. A write without a recent reading reads first. */
export const stepFunctionsAliasPermissions = {
  'StepFunctionsAliasTarget.readHealth': [
    { action: 'states:DescribeStateMachine', resources: ['stateMachineVersion'] },
  ],
  'StepFunctionsAliasTarget.readWeights': [describeAlias],
  'StepFunctionsAliasTarget.writeWeights': [
    describeAlias,
    { action: 'states:UpdateStateMachineAlias', resources: ['stateMachineAlias'] },
  ],
} as const satisfies MethodPermissions;
