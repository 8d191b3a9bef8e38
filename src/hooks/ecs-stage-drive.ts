import type { Clock } from '../core/clock.js';
import { WaitTimeoutError } from '../core/errors.js';
import type { StageMemory } from './ecs-hook-details.js';
import type { EcsHookStep } from './ecs-steps.js';
import type { EcsHookInvocation } from './ecs-types.js';

/** What one turn of a step came to. Failing is throwing. */
export type Turn = { readonly isDone: true } | { readonly isDone: false; readonly waitSeconds: number };

/** What a stage's steps are driven with. */
export interface StageDrive {
  readonly steps: readonly EcsHookStep[];
  readonly invocation: EcsHookInvocation;
  readonly clock: Clock;
  /** How long the stage may take. */
  readonly maxStageSeconds: number;
  readonly memory: StageMemory;
}

/** Seconds that are left of the stage's time. */
export function secondsLeft({ clock, maxStageSeconds, memory }: StageDrive): number {
  return maxStageSeconds - (clock.now() - memory.progress.startedAt) / 1000;
}

/** The stage has taken longer than it may. */
export function tooLate({ invocation, maxStageSeconds, memory }: StageDrive): WaitTimeoutError {
  const { deploymentArn, stage } = invocation;
  return new WaitTimeoutError({
    resource: deploymentArn,
    maxWaitSeconds: maxStageSeconds,
    expected: `${stage} to be done`,
    actual: `the step "${memory.progress.step}"`,
  });
}
