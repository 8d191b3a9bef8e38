import type { MethodPermissions } from '../core/permissions.js';

/** IAM actions of a run: only those of the change. */
export const resumablePermissions = { runToEnd: [] } as const satisfies MethodPermissions;
