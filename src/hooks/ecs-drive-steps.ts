import { ToolkitError, WaitTimeoutError } from '../core/errors.js';
import { throwIfReturnedFailure } from '../core/returned-failure.js';
import { advanceShiftStep } from './ecs-shift-step.js';
import { type StageDrive, type StepResult, secondsLeft, stageTimeout } from './ecs-stage-drive.js';
import type { EcsHookStep, EcsPollStep, EcsWaitForStep } from './ecs-steps.js';

/** Runs the steps in their order until one has to wait. */
export async function driveSteps(drive: StageDrive): Promise<StepResult> {
  const { steps, store } = drive;
  const from = steps.findIndex(({ name }) => name === store.progress.step);
  for (const [index, step] of [...steps.entries()].slice(from)) {
    const result = await runStep(step, drive);
    // The abort may have ended the step.
    drive.invocation.signal.throwIfAborted();
    if (!result.isDone) return result;
    finish(step, steps[index + 1], drive);
  }
  return { isDone: true };
}

async function runStep(step: EcsHookStep, drive: StageDrive): Promise<StepResult> {
  const left = secondsLeft(drive);
  // A running shift is rolled back before the stage fails.
  if ('shifter' in step) return limitDelay(await advanceShiftStep(step, drive, { isLate: left <= 0 }), left);
  if (left <= 0) throw stageTimeout(drive);
  if (!('run' in step)) return limitDelay(await pollStep(step, drive), left);
  throwIfReturnedFailure(await step.run(drive.invocation), subjectOf(step));
  return { isDone: true };
}

/** Checks once whether a waiting or polling step is done. */
async function pollStep(
  step: Exclude<EcsHookStep, { run: unknown } | { shifter: unknown }>,
  drive: StageDrive,
): Promise<StepResult> {
  const elapsedSeconds = (drive.clock.now() - drive.store.progress.since) / 1000;
  if ('waitSeconds' in step) {
    const waitSeconds = step.waitSeconds - elapsedSeconds;
    return waitSeconds > 0 ? { isDone: false, waitSeconds } : { isDone: true };
  }
  if (await isConditionMet(step, drive)) return { isDone: true };
  const { name, intervalSeconds = 30, maxWaitSeconds = 3_600 } = step;
  const remaining = maxWaitSeconds - elapsedSeconds;
  if (remaining > 0) return { isDone: false, waitSeconds: Math.min(intervalSeconds, remaining) };
  throw new WaitTimeoutError({ resource: name, maxWaitSeconds, expected: 'the step to be done' });
}

async function isConditionMet(
  step: EcsPollStep | EcsWaitForStep,
  { invocation }: StageDrive,
): Promise<boolean> {
  if ('isDone' in step) {
    const isDone: unknown = await step.isDone(invocation);
    if (isDone !== false) throwIfReturnedFailure(isDone, subjectOf(step));
    return Boolean(isDone);
  }
  const { signal } = invocation;
  try {
    throwIfReturnedFailure(await step.waitFor({ maxWaitSeconds: 0, signal }, invocation), subjectOf(step));
    return true;
  } catch (error) {
    if (ToolkitError.isInstance(error) && error.code === 'WAIT_TIMEOUT') return false;
    throw error;
  }
}

function subjectOf({ name }: EcsHookStep): string {
  return `Function of step "${name}"`;
}

/** Limits the delay to the stage's remaining time. */
function limitDelay(result: StepResult, secondsLeftBefore: number): StepResult {
  if (result.isDone || secondsLeftBefore <= 0) return result;
  return { isDone: false, waitSeconds: Math.min(result.waitSeconds, secondsLeftBefore) };
}

function finish(step: EcsHookStep, next: EcsHookStep | undefined, { clock, invocation, store }: StageDrive) {
  const { stage, deploymentArn: resource, logger } = invocation;
  logger.debug('Finished step', { resource, stage, step: step.name });
  if (next === undefined) return;
  const { startedAt, kept } = store.progress;
  store.save({ startedAt, step: next.name, since: clock.now(), ...(kept !== undefined && { kept }) });
}
