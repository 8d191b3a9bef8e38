import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/errors.js';
import {
  advanceCourse,
  approve,
  beginCourse,
  type CourseProgress,
  parseShiftCourse,
  rollBackCourse,
  type ShiftCourse,
} from '../../../src/traffic/shift-course.js';
import { parseShiftRequest } from '../../../src/traffic/shift-request.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import { FakeTarget, type FakeTargetOptions } from '../../support/fake-target.js';
import { JumpingClock } from '../../support/jumping-clock.js';
import { green } from './shift-states.js';

const startAt = Date.parse('2026-01-01T00:00:00Z');
const strategy = { type: 'linear', stepPercent: 50, intervalSeconds: 60 };

function setUp(options: Partial<FakeTargetOptions> = {}) {
  const clock = new JumpingClock();
  const target = new FakeTarget({ clock, ...options });
  return { clock, target, shifter: new TrafficShifter({ target, clock }) };
}

/** Keeps the course as JSON between two calls, as an engine does. */
async function drive(
  { shifter, clock }: ReturnType<typeof setUp>,
  course: ShiftCourse,
): Promise<CourseProgress> {
  const progress = await advanceCourse(shifter, parseShiftCourse(JSON.parse(JSON.stringify(course))));
  if (progress.done || progress.heldAtPercent !== undefined) return progress;
  await clock.sleep(progress.waitSeconds * 1000);
  return drive({ shifter, clock } as ReturnType<typeof setUp>, progress.course);
}

describe('A course', () => {
  test('is what the request asks for, and nothing is written yet', async () => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy });

    const course = await beginCourse(set.shifter, request);

    expect(course).toEqual({ request, state: await set.shifter.begin('green', request.strategy) });
    expect(set.target.writes).toEqual([]);
  });

  test('begins on live weights only when the request says so', async () => {
    const set = setUp({ weights: green(50) });
    const refused = parseShiftRequest({ incoming: 'green', strategy });
    const accepted = parseShiftRequest({ incoming: 'green', strategy, acceptLiveWeights: true });

    await expect(beginCourse(set.shifter, refused)).rejects.toThrow('has traffic already');
    expect((await beginCourse(set.shifter, accepted)).state.step).toBe(0);
  });

  test('comes to its end', async () => {
    const set = setUp();
    const course = await beginCourse(set.shifter, parseShiftRequest({ incoming: 'green', strategy }));

    const end = await drive(set, course);

    expect(end).toMatchObject({ done: true, waitSeconds: 0, course: { state: { phase: 'succeeded' } } });
    expect(end.course.request).toEqual(course.request);
    expect('state' in end).toBe(false);
    expect(set.target.writes).toEqual([green(50), green(100)]);
  });

  test('waits for one approval after the other', async () => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy, approvalPercents: [50, 0] });
    const course = await beginCourse(set.shifter, request);

    const first = await drive(set, course);
    expect(first.heldAtPercent).toBe(0);
    expect(set.target.writes).toEqual([]);
    const second = await drive(set, approve(first.course, 0));
    expect(second.heldAtPercent).toBe(50);
    expect(set.target.writes).toEqual([green(50)]);
    // Somebody approves the first share once more.
    expect((await drive(set, approve(second.course, 0))).heldAtPercent).toBe(50);
    const end = await drive(set, approve(second.course, 50));
    expect(end.course.state.phase).toBe('succeeded');
  });

  test('one approval is for all the shares up to it', async () => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy, approvalPercents: [0, 50] });
    const course = await beginCourse(set.shifter, request);
    expect((await drive(set, approve(course, 70))).done).toBe(true);
  });

  test('is rolled back when its time is over', async () => {
    const set = setUp();
    const request = parseShiftRequest({
      incoming: 'green',
      strategy,
      approvalPercents: [50],
      maxDurationSeconds: 900,
    });
    let progress = await drive(set, await beginCourse(set.shifter, request));
    while (!progress.done) {
      await set.clock.sleep(progress.waitSeconds * 1000);
      progress = await drive(set, progress.course);
    }

    expect(progress.course.state).toMatchObject({
      phase: 'rolledBack',
      reason: 'Not done by 2026-01-01T00:15:00.000Z',
    });
    expect(set.clock.now()).toBe(startAt + 900_000);
    expect(set.target.writes).toEqual([green(50), green(0)]);
  });

  test('is rolled back when it shall, and goes on that way', async () => {
    const set = setUp();
    const begun = await beginCourse(set.shifter, parseShiftRequest({ incoming: 'green', strategy }));
    const { course } = await advanceCourse(set.shifter, begun);

    const back = await rollBackCourse(set.shifter, course, 'enough');

    expect(back).toMatchObject({ done: true, course: { state: { phase: 'rolledBack', reason: 'enough' } } });
    expect((await drive(set, back.course)).done).toBe(true);
    expect(set.target.writes).toEqual([green(50), green(0)]);
  });

  test('hands the signal on', async () => {
    const set = setUp();
    const { signal } = new AbortController();
    const begun = await beginCourse(set.shifter, parseShiftRequest({ incoming: 'green', strategy }), {
      signal,
    });
    const { course } = await advanceCourse(set.shifter, begun, { signal });
    await rollBackCourse(set.shifter, course, 'enough', { signal });
    const reads = set.target.calls.filter(({ kind }) => kind === 'read');
    expect(reads.length).toBeGreaterThan(3);
    expect(reads.every(({ options }) => options?.signal === signal)).toBe(true);
  });

  test.each([-1, 101, Number.NaN, '50', undefined])('refuses an approval of %o', async (percent) => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy, approvalPercents: [0] });
    const course = await beginCourse(set.shifter, request);
    expect(() => approve(course, percent as number)).toThrowError(InvalidInputError);
  });
});

describe('Function: parseShiftCourse', () => {
  test('gives back what an engine has kept', async () => {
    const set = setUp();
    const request = parseShiftRequest({ incoming: 'green', strategy, maxDurationSeconds: 1000 });
    const course = approve(await beginCourse(set.shifter, request), 10);
    expect(parseShiftCourse(JSON.parse(JSON.stringify(course)))).toEqual(course);
  });

  test.each<[string, object, string]>([
    ['no request', { request: undefined }, 'incoming|request'],
    ['no state', { state: undefined }, 'state'],
    ['a request that is none', { request: { incoming: 'red' } }, 'incoming'],
    ['a state of another version', { state: { version: 2 } }, 'version'],
    ['an approval that is none', { approvedPercent: 'all' }, 'approvedPercent'],
    ['an approval of more than everything', { approvedPercent: 101 }, 'approvedPercent'],
  ])('refuses %s', async (_, change, field) => {
    const set = setUp();
    const course = await beginCourse(set.shifter, parseShiftRequest({ incoming: 'green', strategy }));
    const parse = () => parseShiftCourse({ ...course, ...change });
    expect(parse).toThrowError(InvalidInputError);
    expect(parse).toThrowError(new RegExp(field));
  });

  test.each([undefined, null, 'x', 7, []])('refuses %o', (course) => {
    expect(() => parseShiftCourse(course)).toThrowError(InvalidInputError);
  });
});
