import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftProgress } from '../shifter-options.js';
import type { TrafficShifter } from '../traffic-shifter.js';
import { parseShiftState } from './parse-state.js';
import { keyOfApproval } from './shift-limits.js';
import { parseShiftRequest, type ResolvedShiftRequest } from './shift-request.js';
import type { ShiftState } from './shift-state.js';

/** Complete data of a shift between two calls of an engine, as JSON. */
export interface ShiftRun {
  /** Request of the shift. */
  readonly request: ResolvedShiftRequest;
  /** State of the shift. */
  readonly state: ShiftState;
  /** Highest share of the request that was approved. */
  readonly approvedPercent?: number;
}

/** Result of one call. */
export interface RunProgress extends Omit<ShiftProgress, 'state'> {
  readonly run: ShiftRun;
  /** True when the shift has succeeded, was rolled back, or is halted. */
  readonly done: boolean;
  /** Share at which the shift waits for an approval. */
  readonly heldAtPercent?: number;
}

/** Methods of a `TrafficShifter` that engines call. */
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

/** @throws InvalidInputError for anything that no engine has stored. */
export function parseShiftRun(run: unknown): ShiftRun {
  const { request, state, approvedPercent } = parseInput('Shift run', runSchema, run);
  return {
    request: parseShiftRequest(request),
    state: parseShiftState(state),
    ...(approvedPercent !== undefined && { approvedPercent }),
  };
}

/** Begins the requested shift. Writes nothing yet. */
export async function beginRun(
  shifter: DrivenShifter,
  request: ResolvedShiftRequest,
  { signal }: CallOptions = {},
): Promise<ShiftRun> {
  return { request, state: await shifter.begin(request, { signal }) };
}

/** Advances the shift once, within the request's time limit and its approvals. */
export async function advanceRun(
  shifter: DrivenShifter,
  run: ShiftRun,
  { signal }: CallOptions = {},
): Promise<RunProgress> {
  return progressOf(run, await shifter.advance(run.state, { approved: approvedKeys(run), signal }));
}

/** Starts a rollback and takes its first step. Continue with {@link advanceRun}. */
export async function rollBackRun(
  shifter: DrivenShifter,
  run: ShiftRun,
  reason: string,
  { signal }: CallOptions = {},
): Promise<RunProgress> {
  return progressOf(run, await shifter.rollBack(run.state, reason, { signal }));
}

/**
 * Records an approval to go past a share.
 *
 * @throws InvalidInputError for an invalid share.
 */
export function approve(run: ShiftRun, percent: number): ShiftRun {
  const approved = parseInput('Approved percentage', approvedSchema, percent);
  return { ...run, approvedPercent: Math.max(approved, run.approvedPercent ?? 0) };
}

function progressOf(run: ShiftRun, { state, ...progress }: ShiftProgress): RunProgress {
  const { outcome, heldAt } = progress;
  return {
    ...progress,
    run: { ...run, state },
    done: outcome !== undefined,
    ...(heldAt && { heldAtPercent: Number(heldAt.key) }),
  };
}

function approvedKeys({ approvedPercent }: ShiftRun): string[] {
  return approvedPercent === undefined ? [] : [keyOfApproval(approvedPercent)];
}
