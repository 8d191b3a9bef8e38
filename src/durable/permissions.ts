import type { MethodPermissions } from '../core/permissions.js';

const notCalled = {
  why: "AWS's durable execution SDK makes the call",
  source: 'https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html',
} as const;

/** IAM actions of a durable function besides those of its shifter. */
export const durablePermissions = {
  runDurably: [
    { action: 'lambda:CheckpointDurableExecution', resources: ['durableFunction'], notCalled },
    { action: 'lambda:GetDurableExecutionState', resources: ['durableFunction'], notCalled },
    {
      action: 'lambda:InvokeFunction',
      resources: ['durableFunction'],
      when: 'continuation',
      notCalled: {
        why: 'Lambda makes the call, with the role of the durable function',
        source: 'https://serverlessland.com/patterns/lambda-durable-invoke-lambda-sam-python',
      },
    },
  ],
} as const satisfies MethodPermissions;
