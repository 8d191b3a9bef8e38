import * as v from 'valibot';
import { messageOf } from '../core/describe-error.js';
import { InvalidInputError, ResourceStateError } from '../core/errors.js';
import { classifyFailure } from '../core/failures.js';
import { nonEmptyString } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { retrySeconds } from '../resumable/retry-seconds.js';
import { truncateReason } from '../resumable/truncate-reason.js';
import { parseShiftState } from '../traffic/shift/parse-state.js';
import { parseShiftRequest, type ResolvedShiftRequest } from '../traffic/shift/shift-request.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';
import type { ShiftProgress } from '../traffic/shifter-options.js';
import { areSame } from '../traffic/weights.js';
import { type StageDrive, type StepResult, stageTimeout } from './ecs-stage-drive.js';
import type { EcsShiftStep } from './ecs-steps.js';

/** The hook details hold the steps, and AWS documents no limit for them. 200 steps take less than 16 KB. */
const maxSteps = 200;

/** Shift between two invocations, as the hook details hold it. */
interface KeptShift {
  readonly state: ShiftState;
  /** Keys of the approvals that were given. */
  readonly approved: readonly string[];
}

const keptSchema = v.object({ state: v.unknown(), approved: v.optional(v.array(nonEmptyString), []) });

/** They take most of the hour that ECS has left after the default `maxStageSeconds`. */
const minRollbackAttempts = 15;

const approvalSeconds = 30;

/** The hook details hold the pending weights before they are written, so that a repeated invocation knows them. */
const callBackBeforeWrite: StepResult = { isDone: false, waitSeconds: 1 };

/** Advances a shift until it has to wait, or until its pending weights have to be stored in the hook details first. */
export async function advanceShiftStep(
  step: EcsShiftStep,
  drive: StageDrive,
  { isLate }: { isLate: boolean },
): Promise<StepResult> {
  const { run: kept } = drive.store.progress;
  const run = kept === undefined ? undefined : readRun(kept);
  if (run === undefined && isLate) throw stageTimeout(drive);
  if (isLate && run?.state.phase === 'shifting' && drive.store.progress.rollBackReason === undefined) {
    if (isInRollback(drive)) throw stageTimeout(drive);
    return startRollback(drive, stageTimeout(drive).message);
  }
  let result: StepResult;
  try {
    result = run === undefined ? await begin(step, drive) : await proceed(step, run, drive);
  } catch (error) {
    drive.invocation.signal.throwIfAborted();
    return afterError(error, step, drive);
  }
  // Outside of the try block: a shift that was rolled back or has halted is not retried.
  if (result.isDone) requireSuccess(step, drive);
  return result;
}

async function begin(step: EcsShiftStep, drive: StageDrive): Promise<StepResult> {
  const { invocation } = drive;
  const asked = typeof step.request === 'function' ? await step.request(invocation) : step.request;
  const request = parseShiftRequest(asked);
  requireRunnable(step, request);
  const state = await step.shifter.begin(request, { signal: invocation.signal });
  save(drive, { state, approved: [] });
  return state.phase === 'succeeded' ? { isDone: true } : callBackBeforeWrite;
}

async function proceed(step: EcsShiftStep, from: KeptShift, drive: StageDrive): Promise<StepResult> {
  let run = from;
  for (;;) {
    const progress = await next(step, run, drive);
    const { state, heldAt, waitSeconds } = progress;
    const isPending = hasNewPendingWeights(run.state, state);
    run = { ...run, state };
    // Keeps the count of failures while an approval is pending, so that a callback that always throws reaches the limit.
    save(drive, run, heldAt === undefined ? undefined : drive.store.progress.attempts);
    if (progress.outcome !== undefined) return { isDone: true };
    if (heldAt !== undefined) {
      const { key } = heldAt;
      const isApproved = (await step.isApproved?.(Number(key), drive.invocation)) === true;
      if (isApproved) run = { ...run, approved: [...run.approved, key] };
      save(drive, run);
      if (!isApproved) return { isDone: false, waitSeconds: Math.min(waitSeconds, approvalSeconds) };
    } else if (waitSeconds > 0) {
      return { isDone: false, waitSeconds };
    } else if (isPending) {
      return callBackBeforeWrite;
    }
  }
}

function next(
  { shifter }: EcsShiftStep,
  { state, approved }: KeptShift,
  drive: StageDrive,
): Promise<ShiftProgress> {
  const { signal } = drive.invocation;
  const { rollBackReason } = drive.store.progress;
  return rollBackReason !== undefined && state.phase === 'shifting'
    ? shifter.rollBack(state, rollBackReason, { signal })
    : shifter.advance(state, { approved, signal });
}

function hasNewPendingWeights(
  { pendingWeights: one }: ShiftState,
  { pendingWeights: other }: ShiftState,
): boolean {
  return other !== undefined && (one === undefined || !areSame(one, other));
}

/** @throws ResourceStateError when the shift was rolled back or has halted. */
function requireSuccess({ name }: EcsShiftStep, { store }: StageDrive): void {
  const { phase, reason } = readRun(store.progress.run).state;
  if (phase === 'succeeded') return;
  throw new ResourceStateError(
    phase === 'rolledBack' ? 'The traffic shift was rolled back' : 'The traffic shift has halted',
    {
      resource: name,
      actual: reason,
      ...(phase === 'halted' && { remedy: 'Compare the live weights: nothing more is written' }),
    },
  );
}

/** Retries up to `maxAttempts` times, then rolls the shift back. A rollback is retried for longer. */
function afterError(error: unknown, { maxAttempts = 5 }: EcsShiftStep, drive: StageDrive): StepResult {
  const { attempts: before = 0, run: kept, rollBackReason, ...progress } = drive.store.progress;
  const attempts = before + 1;
  const message = messageOf(error);
  const isRollingBack =
    isInRollback(drive) ||
    (kept !== undefined && (rollBackReason !== undefined || readRun(kept).state.phase !== 'shifting'));
  const limit = isRollingBack ? Math.max(maxAttempts, minRollbackAttempts) : maxAttempts;
  if (classifyFailure(error) !== 'final' && attempts < limit) {
    drive.store.save({
      ...progress,
      attempts,
      ...(kept !== undefined && { run: kept }),
      ...(rollBackReason !== undefined && { rollBackReason }),
    });
    const { deploymentArn: resource, stage, logger } = drive.invocation;
    const data = { resource, stage, step: progress.step, attempts, error: message };
    logger.warn('Step of the shift failed and will be retried', data);
    return { isDone: false, waitSeconds: retrySeconds(attempts, { isRollingBack }) };
  }
  // Nothing was written yet, or the rollback itself has failed.
  if (kept === undefined || isRollingBack) throw error;
  return startRollback(drive, `The shift cannot proceed: ${message}`);
}

/** True while ECS rolls back. Rolling such a shift back would move the users to the revision that ECS removes. */
function isInRollback({ invocation }: StageDrive): boolean {
  return invocation.direction === 'rollback';
}

function startRollback(drive: StageDrive, reason: string): StepResult {
  const { attempts: _attempts, ...progress } = drive.store.progress;
  drive.store.save({ ...progress, rollBackReason: truncateReason(reason) });
  return callBackBeforeWrite;
}

function save(drive: StageDrive, run: KeptShift, attempts?: number): void {
  const { attempts: _attempts, ...progress } = drive.store.progress;
  drive.store.save({ ...progress, run, ...(attempts !== undefined && { attempts }) });
}

/** @throws InvalidInputError for a value that no hook has stored. */
function readRun(kept: unknown): KeptShift {
  const { state, approved } = parseInput('Kept traffic shift', keptSchema, kept);
  return { state: parseShiftState(state), approved };
}

/** @throws InvalidInputError when `isApproved` is missing, or the hook details would be too large. */
export function requireRunnable(
  { name, isApproved }: EcsShiftStep,
  { approvalPercents, strategy: { steps } }: ResolvedShiftRequest,
): void {
  const problems = [
    ...(approvalPercents.length > 0 && isApproved === undefined
      ? [{ field: 'isApproved', expected: 'a function, because of approvalPercents', actual: 'nothing' }]
      : []),
    ...(steps.length > maxSteps
      ? [{ field: 'request.strategy', expected: `at most ${maxSteps} steps`, actual: `${steps.length}` }]
      : []),
  ];
  if (problems.length > 0) throw new InvalidInputError({ subject: `Step "${name}"`, problems });
}
