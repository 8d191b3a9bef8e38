import { ToolkitError, WaitTimeoutError } from '../core/errors.js';
import { takeShiftTurn } from './ecs-shift-step.js';
import { type StageDrive, secondsLeft, type Turn, tooLate } from './ecs-stage-drive.js';
import type { EcsHookStep, EcsPollStep, EcsWaitForStep } from './ecs-steps.js';

/** Takes one step after the other, as far as that goes without waiting. */
export async function driveSteps(drive: StageDrive): Promise<Turn> {
  const { steps, memory } = drive;
  const from = steps.findIndex(({ name }) => name === memory.progress.step);
  for (const [index, step] of [...steps.entries()].slice(from)) {
    const turn = await takeTurn(step, drive);
    // What ends after the abort may have ended because of it.
    drive.invocation.signal.throwIfAborted();
    if (!turn.isDone) return turn;
    finish(step, steps[index + 1], drive);
  }
  return { isDone: true };
}

async function takeTurn(step: EcsHookStep, drive: StageDrive): Promise<Turn> {
  const left = secondsLeft(drive);
  // A shift that is under way is rolled back before the stage fails.
  if ('shifter' in step) return inTime(await takeShiftTurn(step, drive, { isLate: left <= 0 }), left);
  if (left <= 0) throw tooLate(drive);
  if (!('run' in step)) return inTime(await look(step, drive), left);
  await step.run(drive.invocation);
  return { isDone: true };
}

/** Looks whether a step is done that does nothing but wait. */
async function look(
  step: Exclude<EcsHookStep, { run: unknown } | { shifter: unknown }>,
  drive: StageDrive,
): Promise<Turn> {
  const elapsedSeconds = (drive.clock.now() - drive.memory.progress.since) / 1000;
  if ('waitSeconds' in step) {
    const waitSeconds = step.waitSeconds - elapsedSeconds;
    return waitSeconds > 0 ? { isDone: false, waitSeconds } : { isDone: true };
  }
  if (await isSo(step, drive)) return { isDone: true };
  const { name, intervalSeconds = 30, maxWaitSeconds = 3_600 } = step;
  const remaining = maxWaitSeconds - elapsedSeconds;
  if (remaining > 0) return { isDone: false, waitSeconds: Math.min(intervalSeconds, remaining) };
  throw new WaitTimeoutError({ resource: name, maxWaitSeconds, expected: 'the step to be done' });
}

async function isSo(step: EcsPollStep | EcsWaitForStep, { invocation }: StageDrive): Promise<boolean> {
  if ('isDone' in step) return step.isDone(invocation);
  const { signal } = invocation;
  try {
    await step.waitFor({ maxWaitSeconds: 0, signal }, invocation);
    return true;
  } catch (error) {
    if (ToolkitError.isInstance(error) && error.code === 'WAIT_TIMEOUT') return false;
    throw error;
  }
}

/** Calls again no later than when the stage's time is over. */
function inTime(turn: Turn, secondsLeftBefore: number): Turn {
  if (turn.isDone || secondsLeftBefore <= 0) return turn;
  return { isDone: false, waitSeconds: Math.min(turn.waitSeconds, secondsLeftBefore) };
}

function finish(step: EcsHookStep, next: EcsHookStep | undefined, { clock, invocation, memory }: StageDrive) {
  const { stage, deploymentArn: resource, logger } = invocation;
  logger.debug('Finished step', { resource, stage, step: step.name });
  if (next === undefined) return;
  const { startedAt, kept } = memory.progress;
  memory.save({ startedAt, step: next.name, since: clock.now(), ...(kept !== undefined && { kept }) });
}
