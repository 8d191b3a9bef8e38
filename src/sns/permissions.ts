import type { MethodPermissions } from '../core/permissions.js';

const read = { action: 'sns:GetSubscriptionAttributes', resources: '*' } as const;
const write = { action: 'sns:SetSubscriptionAttributes', resources: '*' } as const;

/** The permissions of the methods of `SnsTools`. */
export const snsPermissions = {
  'SnsTools.describeSubscriptions': [read],
  'SnsTools.disableSubscription': [read, write],
  'SnsTools.enableSubscription': [read, write],
  'SnsTools.isSubscriptionEnabled': [read],
} as const satisfies MethodPermissions;
