import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import { parseInput } from '../../core/validate.js';
import type { AdvanceOptions, ShiftProgress } from '../shifter-options.js';
import type { TrafficShifter } from '../traffic-shifter.js';
import { parseShiftState } from './parse-state.js';
import { parseShiftRequest, type ResolvedShiftRequest } from './shift-request.js';
import type { ShiftState } from './shift-state.js';

/** What an engine keeps of a shift between two calls: JSON, and all of it. */
export interface ShiftRun {
  /** What was asked for. */
  readonly request: ResolvedShiftRequest;
  /** How it stands. */
  readonly state: ShiftState;
  /** The highest of the request's shares that somebody has approved to go past. */
  readonly approvedPercent?: number;
}

/** What one call came to. */
export interface RunProgress extends Omit<ShiftProgress, 'state'> {
  readonly run: ShiftRun;
}

/** The part of a `TrafficShifter` that engines drive. */
export type DrivenShifter = Pick<TrafficShifter, 'begin' | 'advance' | 'rollBack'>;

const approvedSchema = v.pipe(
  v.number(),
  v.check((value) => value >= 0 && value <= 100, 'a percentage from 0 to 100'),
);

const runSchema = v.object({
  request: v.unknown(),
  state: v.unknown(),
  approvedPercent: v.exactOptional(approvedSchema),
});

/** @throws InvalidInputError for what no engine has kept. */
export function parseShiftRun(run: unknown): ShiftRun {
  const { request, state, approvedPercent } = parseInput('Shift run', runSchema, run);
  return {
    request: parseShiftRequest(request),
    state: parseShiftState(state),
    ...(approvedPercent !== undefined && { approvedPercent }),
  };
}

/** Begins what the request asks for; nothing is written yet. */
export async function beginRun(
  shifter: DrivenShifter,
  request: ResolvedShiftRequest,
  { signal }: CallOptions = {},
): Promise<ShiftRun> {
  const { incoming, strategy, acceptLiveWeights } = request;
  return { request, state: await shifter.begin(incoming, strategy, { acceptLiveWeights, signal }) };
}

/** One step on, as far as the request and the approvals allow. */
export async function advanceRun(
  shifter: DrivenShifter,
  run: ShiftRun,
  { signal }: CallOptions = {},
): Promise<RunProgress> {
  return progressOf(run, await shifter.advance(run.state, { ...limitsOf(run), signal }));
}

/** Turns the shift round and takes the first step back; go on with {@link advanceRun}. */
export async function rollBackRun(
  shifter: DrivenShifter,
  run: ShiftRun,
  reason: string,
  { signal }: CallOptions = {},
): Promise<RunProgress> {
  return progressOf(run, await shifter.rollBack(run.state, reason, { signal }));
}

/**
 * Notes that somebody has approved to go past a share.
 *
 * @throws InvalidInputError for what is no share.
 */
export function approve(run: ShiftRun, percent: number): ShiftRun {
  const approved = parseInput('Approved percentage', approvedSchema, percent);
  return { ...run, approvedPercent: Math.max(approved, run.approvedPercent ?? 0) };
}

/** Whether the shift is being rolled back, or was halted while it was. */
export function isOnTheWayBack({ state: { phase, haltedIn } }: ShiftRun): boolean {
  return phase === 'rollingBack' || haltedIn === 'rollingBack';
}

/** Seconds until the request's time is over; infinite when it has no limit, or the shift is on its way back. */
export function secondsLeft({ request, state }: ShiftRun, now: number): number {
  const { maxDurationSeconds } = request;
  if (maxDurationSeconds === undefined || state.phase !== 'shifting') return Number.POSITIVE_INFINITY;
  return Math.max(0, maxDurationSeconds - (now - state.startedAt) / 1000);
}

function progressOf(run: ShiftRun, { state, ...progress }: ShiftProgress): RunProgress {
  return { ...progress, run: { ...run, state } };
}

function limitsOf({ request, state, approvedPercent = -1 }: ShiftRun): AdvanceOptions {
  const { approvalPercents, maxDurationSeconds } = request;
  return {
    holdAtPercent: approvalPercents.find((percent) => percent > approvedPercent),
    rollBackAt: maxDurationSeconds === undefined ? undefined : state.startedAt + maxDurationSeconds * 1000,
  };
}
