import type { MethodPermissions } from '../../core/permissions.js';

/** IAM permissions of `sloBudget`. */
export const applicationSignalsPermissions = {
  sloBudget: [
    {
      action: 'application-signals:BatchGetServiceLevelObjectiveBudgetReport',
      resources: ['serviceLevelObjective'],
    },
  ],
} as const satisfies MethodPermissions;
