import type { MethodPermissions } from '../core/permissions.js';

/** IAM permissions of `DynamoTools`. */
export const dynamoPermissions = {
  'DynamoTools.deleteTable': [
    { action: 'dynamodb:DescribeTable', resources: ['table'] },
    { action: 'dynamodb:DeleteTable', resources: ['table'] },
    { action: 'dynamodb:ListBackups', resources: '*', when: 'backup' },
    { action: 'dynamodb:CreateBackup', resources: ['table'], when: 'backup' },
    { action: 'dynamodb:DescribeBackup', resources: ['backup'], when: 'backup' },
  ],
  'DynamoTools.waitForTableDeleted': [{ action: 'dynamodb:DescribeTable', resources: ['table'] }],
} as const satisfies MethodPermissions;
