import type { MethodPermissions } from '../../core/permissions.js';

/** Permissions of the steps that make an AWS call of their own. The others have those of their tool's methods. */
export const invokeFunctionPermissions = {
  invokeFunction: [{ action: 'lambda:InvokeFunction', resources: ['function'] }],
} as const satisfies MethodPermissions;
