import type { MethodPermissions } from '../../core/permissions.js';

/** IAM permissions of `DynamoSwapRecord`. */
export const dynamoSwapRecordPermissions = {
  'DynamoSwapRecord.read': [{ action: 'dynamodb:GetItem', resources: ['table'] }],
  'DynamoSwapRecord.write': [{ action: 'dynamodb:PutItem', resources: ['table'] }],
} as const satisfies MethodPermissions;
