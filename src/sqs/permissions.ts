import type { MethodPermissions } from '../core/permissions.js';

/** IAM permissions of `SqsTools`. */
export const sqsPermissions = {
  'SqsTools.purgeQueues': [
    { action: 'sqs:GetQueueUrl', resources: ['queue'] },
    { action: 'sqs:PurgeQueue', resources: ['queue'] },
  ],
  'SqsTools.waitForPurge': [
    { action: 'sqs:GetQueueUrl', resources: ['queue'] },
    { action: 'sqs:GetQueueAttributes', resources: ['queue'] },
  ],
} as const satisfies MethodPermissions;
