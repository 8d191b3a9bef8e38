import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import { parseInput } from '../core/validate.js';
import { parseShiftState } from './parse-state.js';
import { parseShiftRequest, type ResolvedShiftRequest } from './shift-request.js';
import type { ShiftState } from './shift-state.js';
import type { AdvanceOptions, ShiftProgress } from './shifter-options.js';
import type { TrafficShifter } from './traffic-shifter.js';

/** What an engine keeps of a shift between two calls: JSON, and all of it. */
export interface ShiftCourse {
  /** What was asked for. */
  readonly request: ResolvedShiftRequest;
  /** How it stands. */
  readonly state: ShiftState;
  /** The highest of the request's shares that somebody has approved to go past. */
  readonly approvedPercent?: number;
}

/** What one call came to. */
export interface CourseProgress extends Omit<ShiftProgress, 'state'> {
  readonly course: ShiftCourse;
}

/** The part of a `TrafficShifter` that engines drive. */
export type DrivenShifter = Pick<TrafficShifter, 'begin' | 'advance' | 'rollBack'>;

const approvedSchema = v.pipe(
  v.number(),
  v.check((value) => value >= 0 && value <= 100, 'a percentage from 0 to 100'),
);

const courseSchema = v.object({
  request: v.unknown(),
  state: v.unknown(),
  approvedPercent: v.exactOptional(approvedSchema),
});

/** @throws InvalidInputError for what no engine has kept. */
export function parseShiftCourse(course: unknown): ShiftCourse {
  const { request, state, approvedPercent } = parseInput('Shift course', courseSchema, course);
  return {
    request: parseShiftRequest(request),
    state: parseShiftState(state),
    ...(approvedPercent !== undefined && { approvedPercent }),
  };
}

/** Begins what the request asks for; nothing is written yet. */
export async function beginCourse(
  shifter: DrivenShifter,
  request: ResolvedShiftRequest,
  { signal }: CallOptions = {},
): Promise<ShiftCourse> {
  const { incoming, strategy, acceptLiveWeights } = request;
  return { request, state: await shifter.begin(incoming, strategy, { acceptLiveWeights, signal }) };
}

/** One step on, as far as the request and the approvals allow. */
export async function advanceCourse(
  shifter: DrivenShifter,
  course: ShiftCourse,
  { signal }: CallOptions = {},
): Promise<CourseProgress> {
  return progressOf(course, await shifter.advance(course.state, { ...limitsOf(course), signal }));
}

/** Turns the shift round and takes the first step back; go on with {@link advanceCourse}. */
export async function rollBackCourse(
  shifter: DrivenShifter,
  course: ShiftCourse,
  reason: string,
  { signal }: CallOptions = {},
): Promise<CourseProgress> {
  return progressOf(course, await shifter.rollBack(course.state, reason, { signal }));
}

/**
 * Notes that somebody has approved to go past a share.
 *
 * @throws InvalidInputError for what is no share.
 */
export function approve(course: ShiftCourse, percent: number): ShiftCourse {
  const approved = parseInput('Approved percentage', approvedSchema, percent);
  return { ...course, approvedPercent: Math.max(approved, course.approvedPercent ?? 0) };
}

/** Whether the shift is being rolled back, or was halted while it was. */
export function isOnTheWayBack({ state: { phase, haltedIn } }: ShiftCourse): boolean {
  return phase === 'rollingBack' || haltedIn === 'rollingBack';
}

/** Seconds until the request's time is over; infinite when it has no limit, or the shift is on its way back. */
export function secondsLeft({ request, state }: ShiftCourse, now: number): number {
  const { maxDurationSeconds } = request;
  if (maxDurationSeconds === undefined || state.phase !== 'shifting') return Number.POSITIVE_INFINITY;
  return Math.max(0, maxDurationSeconds - (now - state.startedAt) / 1000);
}

function progressOf(course: ShiftCourse, { state, ...progress }: ShiftProgress): CourseProgress {
  return { ...progress, course: { ...course, state } };
}

function limitsOf({ request, state, approvedPercent = -1 }: ShiftCourse): AdvanceOptions {
  const { approvalPercents, maxDurationSeconds } = request;
  return {
    holdAtPercent: approvalPercents.find((percent) => percent > approvedPercent),
    rollBackAt: maxDurationSeconds === undefined ? undefined : state.startedAt + maxDurationSeconds * 1000,
  };
}
