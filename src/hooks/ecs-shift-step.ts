import * as v from 'valibot';
import { messageOf } from '../core/describe-error.js';
import { InvalidInputError, ResourceStateError } from '../core/errors.js';
import { classifyFailure } from '../core/failures.js';
import { parseInput } from '../core/validate.js';
import { retrySeconds } from '../traffic/shift/retry-seconds.js';
import { parseShiftRequest, type ResolvedShiftRequest } from '../traffic/shift/shift-request.js';
import {
  advanceRun,
  approve,
  beginRun,
  parseShiftRun,
  type RunProgress,
  rollBackRun,
  type ShiftRun,
} from '../traffic/shift/shift-run.js';
import { truncateReason } from '../traffic/shift/truncate-reason.js';
import { areSame } from '../traffic/weights.js';
import { type StageDrive, type Turn, tooLate } from './ecs-stage-drive.js';
import type { EcsShiftStep } from './ecs-steps.js';

/** They travel in the hook details, for which AWS names no limit: so many are less than 16 KB. */
const maxSteps = 200;

const keptSchema = v.looseObject({
  request: v.looseObject({}),
  state: v.looseObject({}),
});

/** On the way back there is no other way: within most of an hour, which ECS has left after the default time of a stage. */
const attemptsOnTheWayBack = 15;

const approvalSeconds = 30;

/** Before a write the weights are announced to ECS: whoever repeats the invocation must know them. */
const announced: Turn = { isDone: false, waitSeconds: 1 };

/** Takes a shift as far as it goes without waiting, and without writing what is not in the hook details yet. */
export async function takeShiftTurn(
  step: EcsShiftStep,
  drive: StageDrive,
  { isLate }: { isLate: boolean },
): Promise<Turn> {
  const { run: kept } = drive.memory.progress;
  const run = kept === undefined ? undefined : readRun(kept);
  if (run === undefined && isLate) throw tooLate(drive);
  if (isLate && run?.state.phase === 'shifting' && drive.memory.progress.rollBackReason === undefined) {
    if (isInRollback(drive)) throw tooLate(drive);
    return startRollback(drive, tooLate(drive).message);
  }
  let turn: Turn;
  try {
    turn = run === undefined ? await begin(step, drive) : await proceed(step, run, drive);
  } catch (error) {
    drive.invocation.signal.throwIfAborted();
    return afterError(error, step, drive);
  }
  // Not tried again: a shift that was rolled back or has halted is at its end.
  if (turn.isDone) requireSuccess(step, drive);
  return turn;
}

async function begin(step: EcsShiftStep, drive: StageDrive): Promise<Turn> {
  const { invocation } = drive;
  const asked = typeof step.request === 'function' ? await step.request(invocation) : step.request;
  const request = parseShiftRequest(asked);
  requirePossible(step, request);
  const run = await beginRun(step.shifter, request, { signal: invocation.signal });
  save(drive, run);
  return run.state.phase === 'succeeded' ? { isDone: true } : announced;
}

async function proceed(step: EcsShiftStep, from: ShiftRun, drive: StageDrive): Promise<Turn> {
  let run = from;
  for (;;) {
    const progress = await next(step, run, drive);
    const isAnnounced = announces(run, progress.run);
    run = progress.run;
    const { heldAtPercent, waitSeconds } = progress;
    // What waits for an approval gets no further as long as nobody can be asked.
    save(drive, run, heldAtPercent === undefined ? undefined : drive.memory.progress.attempts);
    if (progress.done) return { isDone: true };
    if (heldAtPercent !== undefined) {
      const isApproved = (await step.isApproved?.(heldAtPercent, drive.invocation)) === true;
      if (isApproved) run = approve(run, heldAtPercent);
      save(drive, run);
      if (!isApproved) return { isDone: false, waitSeconds: Math.min(waitSeconds, approvalSeconds) };
    } else if (waitSeconds > 0) {
      return { isDone: false, waitSeconds };
    } else if (isAnnounced) {
      return announced;
    }
  }
}

function next(step: EcsShiftStep, run: ShiftRun, drive: StageDrive): Promise<RunProgress> {
  const { signal } = drive.invocation;
  const { rollBackReason } = drive.memory.progress;
  return rollBackReason !== undefined && run.state.phase === 'shifting'
    ? rollBackRun(step.shifter, run, rollBackReason, { signal })
    : advanceRun(step.shifter, run, { signal });
}

function announces({ state: before }: ShiftRun, { state: after }: ShiftRun): boolean {
  const { pendingWeights: one } = before;
  const { pendingWeights: other } = after;
  return other !== undefined && (one === undefined || !areSame(one, other));
}

/** @throws ResourceStateError when the shift has come to another end. */
function requireSuccess({ name }: EcsShiftStep, { memory }: StageDrive): void {
  const { phase, reason } = readRun(memory.progress.run).state;
  if (phase === 'succeeded') return;
  throw new ResourceStateError(
    phase === 'rolledBack' ? 'The traffic shift was rolled back' : 'The traffic shift has halted',
    {
      resource: name,
      actual: reason,
      ...(phase === 'halted' && { remedy: 'Look at the live weights: nothing more is written' }),
    },
  );
}

/** Tries again a few times, then turns round; the way back is tried for longer. */
function afterError(error: unknown, { maxAttempts = 5 }: EcsShiftStep, drive: StageDrive): Turn {
  const { attempts: before = 0, run: kept, rollBackReason, ...progress } = drive.memory.progress;
  const attempts = before + 1;
  const message = messageOf(error);
  const isRollingBack =
    isInRollback(drive) ||
    (kept !== undefined && (rollBackReason !== undefined || readRun(kept).state.phase !== 'shifting'));
  const limit = isRollingBack ? Math.max(maxAttempts, attemptsOnTheWayBack) : maxAttempts;
  if (classifyFailure(error) !== 'final' && attempts < limit) {
    drive.memory.save({
      ...progress,
      attempts,
      ...(kept !== undefined && { run: kept }),
      ...(rollBackReason !== undefined && { rollBackReason }),
    });
    const { deploymentArn: resource, stage, logger } = drive.invocation;
    const data = { resource, stage, step: progress.step, attempts, error: message };
    logger.warn('A step of the traffic shift failed and is tried again', data);
    return { isDone: false, waitSeconds: retrySeconds(attempts, { isRollingBack }) };
  }
  // Nothing was written yet, or there is no way back.
  if (kept === undefined || isRollingBack) throw error;
  return startRollback(drive, `The shift cannot proceed: ${message}`);
}

/** ECS rolls back: the shift itself is the way back, and to turn it round would bring the users to what is being removed. */
function isInRollback({ invocation }: StageDrive): boolean {
  return invocation.direction === 'rollback';
}

function startRollback(drive: StageDrive, reason: string): Turn {
  const { attempts: _attempts, ...progress } = drive.memory.progress;
  drive.memory.save({ ...progress, rollBackReason: truncateReason(reason) });
  return announced;
}

/** The strategy is kept once: in the state, which goes by it. */
function save(drive: StageDrive, { request, ...run }: ShiftRun, attempts?: number): void {
  const { attempts: _attempts, ...progress } = drive.memory.progress;
  const { strategy: _strategy, ...rest } = request;
  drive.memory.save({
    ...progress,
    run: { ...run, request: rest },
    ...(attempts !== undefined && { attempts }),
  });
}

/** @throws InvalidInputError for what no hook has kept. */
function readRun(kept: unknown): ShiftRun {
  const { request, state, ...rest } = parseInput('Kept traffic shift', keptSchema, kept);
  return parseShiftRun({ ...rest, state, request: { ...request, strategy: state['strategy'] } });
}

/** @throws InvalidInputError when nobody can give the approvals, or the hook details would get too large. */
export function requirePossible(
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
