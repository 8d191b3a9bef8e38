import type { MethodPermissions } from '../../core/permissions.js';

/** IAM permissions of `prometheusQuery`. */
export const prometheusPermissions = {
  prometheusQuery: [{ action: 'aps:QueryMetrics', resources: ['prometheusWorkspace'], when: 'sigV4' }],
} as const satisfies MethodPermissions;
