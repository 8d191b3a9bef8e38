import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../src/testing/index.js';
import {
  albErrorRateRegression,
  type CheckEvaluated,
  canary,
  type ShiftEvent,
  type ShiftState,
  TrafficShifter,
} from '../../src/traffic/index.js';
import { checkContext } from '../support/check-context.js';
import { FakeTarget } from '../support/fake-target.js';
import { factor } from '../support/properties.js';
import { addRequests, countedTargetGroups, type MinuteOfRequests } from '../support/request-counts.js';

const startAt = Date.parse('2026-01-01T12:00:20Z');
const holdMinutes = 30;

type Counts = Pick<MinuteOfRequests, 'requests' | 'failures' | 'lateSeconds'>;

/** Counts of both stacks in each minute of the shift. */
interface Traffic {
  readonly green: readonly Counts[];
  readonly blue: readonly Counts[];
}

interface Run {
  readonly end: ShiftState;
  readonly verdicts: readonly CheckEvaluated['result'][];
}

/** Interruptions of a run. */
interface Interruptions {
  /** Looks after which another process continues from the stored state. */
  readonly restartAfter: readonly number[];
  /** Looks at which a second process advances the same state, whose result is dropped. */
  readonly doubledAt: readonly number[];
}

const undisturbed: Interruptions = { restartAfter: [], doubledAt: [] };

/** Drives a shift that holds 10 % for half an hour, with given counts. */
async function drive(
  { green, blue }: Traffic,
  { restartAfter, doubledAt }: Interruptions = undisturbed,
): Promise<Run> {
  const cloud = new SimulatedCloud({ startAt: new Date(startAt) });
  const { clock } = cloud;
  addAll(cloud, { green, blue });
  const target = new FakeTarget({ clock });
  const makeShifter = () =>
    new TrafficShifter({
      target,
      clock,
      checks: [albErrorRateRegression({ name: 'errors', ...countedTargetGroups, clients: cloud.clients })],
    });
  let shifter = makeShifter();
  let state = await shifter.begin({
    incoming: 'green',
    strategy: canary({ percent: 10, holdSeconds: holdMinutes * 60 }),
  });
  const verdicts: CheckEvaluated['result'][] = [];
  for (let calls = 0; calls < 500; calls += 1) {
    const stored = JSON.stringify(state);
    const progress = await shifter.advance(JSON.parse(stored));
    const looked = progress.events.filter(isEvaluated).map(({ result }) => result);
    if (looked.length > 0 && doubledAt.includes(verdicts.length)) {
      // The second process sees the same data, after the weights that the first may have written.
      const { events } = await makeShifter().advance(JSON.parse(stored));
      const second = events.filter(isEvaluated).map(({ result }) => result);
      if (second.length > 0) expect(second).toEqual(looked);
    }
    verdicts.push(...looked);
    state = progress.state;
    if (progress.outcome !== undefined) return { end: state, verdicts };
    if (looked.length > 0 && restartAfter.includes(verdicts.length)) {
      state = JSON.parse(JSON.stringify(state));
      shifter = makeShifter();
    }
    await clock.sleep(progress.waitSeconds * 1000 + 1);
  }
  return expect.unreachable('the shift does not end');
}

/** Judges the traffic once, an hour after the beginning, when all late data is there. */
async function judgedAtEnd({ green, blue }: Traffic, late: readonly number[]) {
  const cloud = new SimulatedCloud({ startAt: new Date(startAt) });
  addAll(cloud, { green: delayed(green, late), blue: delayed(blue, late) });
  await cloud.clock.sleep(3_600_000);
  const check = albErrorRateRegression({ ...countedTargetGroups, clients: cloud.clients });
  return check.evaluate(checkContext(cloud, { startedAt: startAt, weightsSince: startAt }));
}

function delayed(list: readonly Counts[], late: readonly number[]): Counts[] {
  return list.map((it, index) => ({ ...it, lateSeconds: late[index] ?? 0 }));
}

function addAll(cloud: SimulatedCloud, { green, blue }: Traffic): void {
  const first = Math.floor(startAt / 60_000) * 60_000;
  for (const [stack, list] of [['green', green] as const, ['blue', blue] as const]) {
    for (const [minute, it] of list.entries()) {
      addRequests(cloud, { stack, start: first + minute * 60_000, ...it });
    }
  }
}

function isEvaluated(event: ShiftEvent): event is CheckEvaluated {
  return event.type === 'checkEvaluated';
}

/** Counts with a share of failures, which differ from minute to minute. */
const counts = (requests: number, maxFailures: number) =>
  fc.array(
    fc.record({ requests: fc.constant(requests), failures: fc.integer({ min: 0, max: maxFailures }) }),
    { minLength: holdMinutes + 10, maxLength: holdMinutes + 10 },
  );

const anyTraffic: fc.Arbitrary<Traffic> = fc
  .constantFrom(1, 3, 8, 20, 60)
  .chain((maxFailures) => fc.record({ green: counts(200, maxFailures), blue: counts(1800, 18) }));

const looks = fc.uniqueArray(fc.nat({ max: holdMinutes }), { maxLength: 8 });

/** Healthy for as long, then failing, in every minute the same. */
const failingFrom = (minute: number, failures: number): Traffic => ({
  green: Array.from({ length: holdMinutes + 10 }, (_, index) => ({
    requests: 200,
    failures: index < minute ? 1 : failures,
  })),
  blue: Array.from({ length: holdMinutes + 10 }, () => ({ requests: 1800, failures: 9 })),
});

describe('errorRateRegression › in a shift', () => {
  test('gives the same verdicts when the process restarts between any two looks', async () => {
    await fc.assert(
      fc.asyncProperty(anyTraffic, looks, async (traffic, restartAfter) => {
        const straight = await drive(traffic);
        const restarted = await drive(traffic, { ...undisturbed, restartAfter });

        expect(restarted).toEqual(straight);
      }),
      { numRuns: 25 * factor },
    );
  });

  test('gives the same verdicts to two processes', async () => {
    await fc.assert(
      fc.asyncProperty(anyTraffic, looks, async (traffic, doubledAt) => {
        const straight = await drive(traffic);
        const doubled = await drive(traffic, { ...undisturbed, doubledAt });

        expect(doubled.verdicts).toEqual(straight.verdicts);
        expect(doubled.end.phase).toBe(straight.end.phase);
      }),
      { numRuns: 25 * factor },
    );
  });

  test('reaches the verdict of timely data as soon as late data is there', async () => {
    const lateness = fc.array(fc.constantFrom(0, 0, 60, 150), {
      minLength: holdMinutes + 10,
      maxLength: holdMinutes + 10,
    });
    await fc.assert(
      fc.asyncProperty(anyTraffic, lateness, async (traffic, late) => {
        const timely = await drive(traffic);
        const lateRun = await drive({
          green: delayed(traffic.green, late),
          blue: delayed(traffic.blue, late),
        });

        const failsAt = ({ verdicts }: Run) => verdicts.findIndex(({ outcome }) => outcome === 'fail');
        // A late healthy minute can only bring a failure forward, and late failures delay it by as much.
        if (failsAt(timely) >= 0 && failsAt(timely) < holdMinutes - 4) {
          expect(failsAt(lateRun)).toBeGreaterThanOrEqual(0);
          expect(failsAt(lateRun)).toBeLessThanOrEqual(failsAt(timely) + 3);
        }
        // Both have all data of the first 27 minutes at the end, so they agree on every number.
        if (failsAt(timely) < 0 && failsAt(lateRun) < 0) {
          expect(await judgedAtEnd(traffic, late)).toEqual(await judgedAtEnd(traffic, []));
        }
      }),
      { numRuns: 25 * factor },
    );
  });

  test('does not stop a healthy release whose counts are late', async () => {
    const lateness = fc.array(fc.constantFrom(0, 0, 60, 150), {
      minLength: holdMinutes + 10,
      maxLength: holdMinutes + 10,
    });
    const healthy = fc.record({ green: counts(200, 1), blue: counts(1800, 18) });
    await fc.assert(
      fc.asyncProperty(healthy, lateness, lateness, async ({ green, blue }, lateGreen, lateBlue) => {
        const { end } = await drive({ green: delayed(green, lateGreen), blue: delayed(blue, lateBlue) });

        expect(end.phase).toBe('succeeded');
      }),
      { numRuns: 25 * factor },
    );
  });

  test('stops a release that begins to fail, at the minute in which the evidence is enough', async () => {
    const { end, verdicts } = await drive(failingFrom(10, 10));

    expect(end.phase).toBe('rolledBack');
    expect(end.reason).toMatch(
      /^The check errors failed once: incoming fails [\d.]+ times as often as outgoing, at least/,
    );
    expect(verdicts.at(-1)?.outcome).toBe('fail');
    expect(verdicts.slice(0, 9).every(({ outcome }) => outcome !== 'fail')).toBe(true);
    expect(verdicts.length).toBeLessThan(25);
  });

  test('never stops a healthy release by looking often', async () => {
    const { end, verdicts } = await drive(failingFrom(Number.POSITIVE_INFINITY, 0));

    expect(end.phase).toBe('succeeded');
    expect(verdicts.length).toBeGreaterThanOrEqual(holdMinutes);
  });

  test('does not count a first look without data as inconclusive', async () => {
    const { green, blue } = failingFrom(Number.POSITIVE_INFINITY, 0);
    const late = green.map(() => 400);

    const { end, verdicts } = await drive({ green: delayed(green, late), blue: delayed(blue, late) });

    expect(verdicts.slice(0, 6).every((it) => it.outcome === 'inconclusive')).toBe(true);
    expect(end.phase).toBe('succeeded');
  });
});
