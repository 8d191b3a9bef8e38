import type { MethodPermissions } from '../../core/permissions.js';

const notCalled = {
  why: "AWS's durable execution SDK makes the call",
  source: 'https://docs.aws.amazon.com/lambda/latest/dg/durable-security.html',
} as const;

/** What a durable function needs for its journal, besides what its shifter does. */
export const durablePermissions = {
  shiftDurably: [
    { action: 'lambda:CheckpointDurableExecution', resources: ['durableFunction'], notCalled },
    { action: 'lambda:GetDurableExecutionState', resources: ['durableFunction'], notCalled },
  ],
} as const satisfies MethodPermissions;
