import type { MethodPermissions } from '../../core/permissions.js';

/**
 * Step Functions authorizes calls for an alias or a version with the ARN of the state machine.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
 */
const onMachine = { resources: ['stateMachine'] } as const;

const describeAlias = { action: 'states:DescribeStateMachineAlias', ...onMachine } as const;

/** Permissions of `StepFunctionsAliasTarget`. A write without a recent reading reads first. */
export const stepFunctionsAliasPermissions = {
  'StepFunctionsAliasTarget.readHealth': [{ action: 'states:DescribeStateMachine', ...onMachine }],
  'StepFunctionsAliasTarget.readWeights': [describeAlias],
  'StepFunctionsAliasTarget.writeWeights': [
    describeAlias,
    { action: 'states:UpdateStateMachineAlias', ...onMachine },
  ],
} as const satisfies MethodPermissions;
