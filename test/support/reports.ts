import type { RolloutEvent } from '../../src/ecs-rollout/events.js';
import type { SwapEvent } from '../../src/swap/engine/swap-events.js';
import type { SwapRecordItem, SwapUnderWay } from '../../src/swap/record/types.js';
import type { Rehearsal } from '../../src/traffic/rehearsal/rehearsal-types.js';
import type { ShiftEvent } from '../../src/traffic/shift/shift-events.js';
import type { ShiftState } from '../../src/traffic/shift/shift-state.js';
import type { CheckResult } from '../../src/traffic/types.js';

/** Beginning of every report of the tests. */
export const begin = Date.UTC(2026, 10, 29, 20);

/** Returns a time of a report of the tests. */
export function minute(number: number): number {
  return begin + number * 60_000;
}

/** Returns an evaluation of a check. */
export function evaluated(
  at: number,
  result: Partial<CheckResult>,
  check = 'errors',
  dryRun = false,
): ShiftEvent {
  return {
    type: 'checkEvaluated',
    at,
    check,
    dryRun,
    result: { outcome: 'pass', detail: 'fine', ...result },
  };
}

/** Returns the evidence of a comparison. */
export function evidenceOf(value: number, required = 100): NonNullable<CheckResult['evidence']> {
  const incoming = { requests: 200, failures: 8 };
  return { value, required, incoming, outgoing: { requests: 1000, failures: 5 } };
}

/** A shift that a check rolls back at 10 %. `texts` replaces every text of the user. */
export function rolledBackShift(
  texts = { check: 'errors', detail: '4 % failed', strategy: 'canary' },
): ShiftEvent[] {
  const { check, detail, strategy } = texts;
  const all = { blue: 100, green: 0 };
  const some = { blue: 90, green: 10 };
  const reason = `The check ${check} failed once: ${detail}`;
  return [
    { type: 'started', at: begin, incoming: 'green', weights: all, strategy },
    { type: 'weightsWritten', at: begin, weights: some },
    { type: 'weightsVerified', at: begin, weights: some },
    evaluated(minute(1), { evidence: evidenceOf(1), detail }, check),
    evaluated(minute(2), { outcome: 'inconclusive', undecided: true, evidence: evidenceOf(4) }, check),
    { type: 'held', at: minute(2), weights: some, reason: `${check} is undecided` },
    evaluated(minute(3), { outcome: 'fail', detail, evidence: evidenceOf(240) }, check),
    { type: 'rollingBack', at: minute(3), reason },
    { type: 'rolledBack', at: minute(4), weights: all, reason },
  ];
}

/** State of the shift above. */
export function rolledBackState(reason = 'The check errors failed once'): ShiftState {
  return {
    version: 1,
    phase: 'rolledBack',
    incoming: 'green',
    strategy: {
      name: 'canary',
      steps: [
        { percent: 10, holdSeconds: 600 },
        { percent: 100, holdSeconds: 0 },
      ],
    },
    initialWeights: { blue: 100, green: 0 },
    verifiedWeights: { blue: 100, green: 0 },
    verifiedAt: minute(4),
    readAt: minute(4),
    step: 0,
    unverifiedWrites: 0,
    nextCheckAt: minute(4),
    tallies: { errors: { failures: 1, inconclusives: 1, errors: 0, successes: 0 } },
    reason,
    startedAt: begin,
  };
}

/** A swap whose test fails, and which is rolled back. */
export function rolledBackSwap(step = 'smoke test', failure = '3 of 7 failed'): SwapEvent[] {
  const swapId = 'swap-1';
  const reason = `step "${step}" failed`;
  return [
    { type: 'started', at: begin, swapId, incoming: 'green', owner: 'run-1' },
    { type: 'phaseChanged', at: begin, swapId, phase: 'preparing' },
    { type: 'stepStarted', at: begin, swapId, step: 'start database' },
    { type: 'stepDone', at: minute(2), swapId, step: 'start database' },
    { type: 'phaseChanged', at: minute(2), swapId, phase: 'testing' },
    { type: 'stepStarted', at: minute(2), swapId, step },
    { type: 'stepFailed', at: minute(3), swapId, step, failure },
    { type: 'rollbackRequested', at: minute(3), swapId, reason },
    { type: 'phaseChanged', at: minute(3), swapId, phase: 'undoing' },
    { type: 'undoStarted', at: minute(3), swapId, step: 'start database' },
    { type: 'stepUndone', at: minute(5), swapId, step: 'start database' },
    { type: 'ended', at: minute(5), swapId, beganAt: minute(0), end: 'rolledBack', reason, orphans: [] },
  ];
}

/** Record of a swap that waits until a change is in effect. */
export function waitingRecord(changes: Partial<SwapUnderWay> = {}): SwapRecordItem {
  return {
    format: 1,
    application: 'orders',
    version: 4,
    writeId: 'write-4',
    live: 'blue',
    orphans: [],
    ended: [],
    swap: {
      id: 'swap-1',
      owner: { kind: 'codeDeploy', id: 'd-ABCDEFGHI' },
      incoming: 'green',
      phase: 'preparing',
      beganAt: begin,
      phaseSince: begin,
      wanted: 'forward',
      plan: [
        'prepare 1 · start database · incoming · 0 s',
        'prepare 2 · enable subscription · incoming · 900 s',
        'retire 1 · purge · all · queues · outgoing · 0 s · deletes',
      ],
      steps: {
        'start database': { claimedAt: begin, attempts: 1, doneAt: minute(2) },
        'enable subscription': {
          claimedAt: minute(2),
          attempts: 1,
          doneAt: minute(3),
          inEffectAt: minute(18),
        },
      },
      ...changes,
    },
  };
}

/** A rollout whose canary never becomes healthy. */
export function failedRollout(reason = 'The canary stopped'): RolloutEvent[] {
  const taskArn = 'arn:aws:ecs:eu-west-1:123456789012:task/shop/1';
  return [
    { type: 'phaseStarted', at: begin, phase: 'prepare' },
    { type: 'phaseStarted', at: begin, phase: 'startCanary' },
    { type: 'canaryStarted', at: begin, taskArn },
    { type: 'canaryChanged', at: minute(1), taskArn, status: 'STOPPED', health: 'UNKNOWN' },
    { type: 'phaseStarted', at: minute(1), phase: 'cleanUp' },
    { type: 'failed', at: minute(2), phase: 'startCanary', reason, serviceIntact: true },
  ];
}

/** A rehearsal of one check that stops one of three shifts. */
export function rehearsal(check = 'errors', detail = '4 % failed'): Rehearsal {
  const stoppedBy = {
    check,
    outcome: 'fail',
    detail,
    at: minute(75),
    afterSeconds: 900,
    percent: 10,
  } as const;
  const counts = { shifts: 3, passed: 1, stopped: 1, unfinished: 0, noData: 1 };
  const rehearsed = [
    { at: begin, outcome: 'passed' },
    { at: minute(60), outcome: 'stopped', stoppedBy },
    { at: minute(120), outcome: 'noData', withoutData: [check] },
  ] as const;
  return {
    ...counts,
    from: begin,
    to: minute(180),
    strategy: 'canary',
    live: 'both',
    incoming: 'green',
    seed: 1,
    cost: { metrics: 4, calls: 1, dataPoints: 720, shifts: 6 },
    checks: [{ check, dryRun: false, stopped: 1, failed: 1, withoutData: 1 }],
    notRehearsed: [{ check: 'page', reason: 'it reads no CloudWatch metric' }],
    rehearsed,
    injected: {
      ...counts,
      ratio: 5,
      shareOfTasks: 0.5,
      pastFailureRate: 0.01,
      failureRate: 0.01,
      found: 1,
      secondsUntilFound: { median: 540, percentile95: undefined },
      failedRequests: { median: 42, percentile95: undefined },
      rehearsed,
    },
  };
}
