import type { StateSummary } from '../resumable/types.js';
import type { EcsPauseState } from './pause-state.js';

/** Summarizes a state. A rollback reads the deployment first, so it notices a success. */
export function summarizePause(state: EcsPauseState): StateSummary {
  const { outcome, haltReason, rollbackReason, waitForRollback, serviceDeploymentArn, hookId, seen } = state;
  const reason = haltReason ?? rollbackReason;
  const end = haltReason === undefined ? outcome : 'halted';
  return {
    ...(reason !== undefined && { reason }),
    isRollingBack: rollbackReason !== undefined,
    isComplete: end === 'succeeded' || (end === 'rolledBack' && waitForRollback),
    mayHaveSucceeded: false,
    ...(end !== undefined && { outcome: end }),
    details: {
      serviceDeploymentArn,
      ...(hookId !== undefined && { hookId }),
      ...(seen?.status !== undefined && { status: seen.status }),
      ...(seen?.stage !== undefined && { stage: seen.stage }),
      ...(seen?.percent !== undefined && { productionPercent: seen.percent }),
    },
  };
}
