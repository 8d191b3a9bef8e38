import type { Clock } from '../core/clock.js';
import { WaitTimeoutError } from '../core/errors.js';
import type { ProgressStore } from './ecs-hook-details.js';
import type { EcsHookInvocation } from './ecs-invocation.js';
import type { EcsHookStep } from './ecs-steps.js';

/** Result of running a step in one invocation. A failed step throws. */
export type StepResult = { readonly isDone: true } | { readonly isDone: false; readonly waitSeconds: number };

/** Steps of a stage, and the invocation that runs them. */
export interface StageDrive {
  readonly steps: readonly EcsHookStep[];
  readonly invocation: EcsHookInvocation;
  readonly clock: Clock;
  /** Time limit of the stage. */
  readonly maxStageSeconds: number;
  readonly store: ProgressStore;
}

/** Returns the seconds until the stage's time is over; negative afterwards. */
export function secondsLeft({ clock, maxStageSeconds, store }: StageDrive): number {
  return maxStageSeconds - (clock.now() - store.progress.startedAt) / 1000;
}

/** Error of a stage whose time is over. */
export function stageTimeout({ invocation, maxStageSeconds, store }: StageDrive): WaitTimeoutError {
  const { deploymentArn, stage } = invocation;
  return new WaitTimeoutError({
    resource: deploymentArn,
    maxWaitSeconds: maxStageSeconds,
    expected: `${stage} to be done`,
    actual: `the step "${store.progress.step}"`,
  });
}
