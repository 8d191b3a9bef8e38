import type { Fault } from '../../../src/testing/index.js';
import type { ShiftRequest } from '../../../src/traffic/shift/shift-request.js';

/** A shift to green from 0 % with its faults. Every engine has to reach the same end. */
export interface EngineScenario {
  readonly name: string;
  readonly request: ShiftRequest;
  /** Share from which green responds with errors. */
  readonly failsFromPercent?: number;
  /** Faults of calls. A process that dies is restarted a second later. */
  readonly faults?: readonly Fault[];
  /** Another writer changes the rule at this time. */
  readonly otherWriter?: { readonly atSeconds: number; readonly greenPercent: number };
  /** Seconds until a requested approval; undefined for none. */
  readonly approvesAfterSeconds?: number;
  readonly expected: {
    readonly outcome: 'succeeded' | 'rolledBack' | 'halted';
    /** Shares of green in their order. */
    readonly greenPercents: readonly number[];
  };
}

const linear = { type: 'linear', stepPercent: 25, intervalSeconds: 300 } as const;
const canary = { type: 'canary', percent: 10, holdSeconds: 3600, bakeSeconds: 600 } as const;
const toGreen = (strategy: ShiftRequest['strategy'], rest: Partial<ShiftRequest> = {}): ShiftRequest => ({
  incoming: 'green',
  strategy,
  ...rest,
});
const wholeWay = { outcome: 'succeeded', greenPercents: [0, 25, 50, 75, 100] } as const;
const modifyRule = 'elasticloadbalancing:ModifyRule';
const describeRules = 'elasticloadbalancing:DescribeRules';

export const engineScenarios: readonly EngineScenario[] = [
  { name: 'linear: succeeds', request: toGreen(linear), expected: wholeWay },
  {
    name: 'canary of hours: succeeds',
    request: toGreen({ ...canary, holdSeconds: 6 * 3600 }),
    expected: { outcome: 'succeeded', greenPercents: [0, 10, 100] },
  },
  {
    name: 'a configuration of CodeDeploy: succeeds',
    request: toGreen('CodeDeployDefault.ECSCanary10Percent15Minutes'),
    expected: { outcome: 'succeeded', greenPercents: [0, 10, 100] },
  },
  {
    name: 'a partial strategy: succeeds below 100 %',
    request: toGreen({ name: 'a third', steps: [{ percent: 30, holdSeconds: 600 }], partial: true }),
    expected: { outcome: 'succeeded', greenPercents: [0, 30] },
  },
  {
    name: 'linear, a metric fails at 50 %: rolled back',
    request: toGreen(linear),
    failsFromPercent: 50,
    expected: { outcome: 'rolledBack', greenPercents: [0, 25, 50, 0] },
  },
  {
    name: 'canary, a metric fails at once: rolled back',
    request: toGreen(canary),
    failsFromPercent: 1,
    expected: { outcome: 'rolledBack', greenPercents: [0, 10, 0] },
  },
  {
    name: 'canary, a metric fails in the bake: rolled back',
    request: toGreen(canary),
    failsFromPercent: 100,
    expected: { outcome: 'rolledBack', greenPercents: [0, 10, 100, 0] },
  },
  {
    name: 'drift: halts, and leaves the weights unchanged',
    request: toGreen(linear),
    otherWriter: { atSeconds: 450, greenPercent: 7 },
    expected: { outcome: 'halted', greenPercents: [0, 25, 50, 7] },
  },
  {
    name: 'the response of a write is lost: succeeds',
    request: toGreen(linear),
    faults: [{ kind: 'lostResponse', action: modifyRule, atCall: 2 }],
    expected: wholeWay,
  },
  {
    name: 'the responses of a write are lost for all retries of the client: succeeds',
    request: toGreen(linear),
    faults: [{ kind: 'lostResponse', action: modifyRule, atCall: 2, times: 3 }],
    expected: wholeWay,
  },
  {
    name: 'throttled for a moment: succeeds',
    request: toGreen(linear),
    faults: [
      { kind: 'throttle', action: modifyRule, atCall: 2, times: 2 },
      { kind: 'throttle', action: describeRules, atCall: 3, times: 2 },
    ],
    expected: wholeWay,
  },
  {
    name: 'throttled beyond the retries of the client: succeeds',
    request: toGreen(linear),
    faults: [
      { kind: 'throttle', action: describeRules, atCall: 4, times: 7 },
      { kind: 'throttle', action: modifyRule, atCall: 2, times: 4 },
    ],
    expected: wholeWay,
  },
  {
    name: 'the process dies before a write takes effect: succeeds',
    request: toGreen(linear),
    faults: [{ kind: 'crashBefore', action: modifyRule, atCall: 2 }],
    expected: wholeWay,
  },
  {
    name: 'the process dies after a write took effect: succeeds',
    request: toGreen(linear),
    faults: [{ kind: 'crashAfter', action: modifyRule, atCall: 2 }],
    expected: wholeWay,
  },
  {
    name: 'the process dies at the first write of a rollback: rolled back',
    request: toGreen(linear),
    failsFromPercent: 50,
    faults: [{ kind: 'crashAfter', action: modifyRule, atCall: 3 }],
    expected: { outcome: 'rolledBack', greenPercents: [0, 25, 50, 0] },
  },
  {
    name: 'the permission to write is removed: halted',
    request: toGreen(linear),
    faults: [{ kind: 'accessDenied', action: modifyRule, atCall: 3, times: 1000 }],
    expected: { outcome: 'halted', greenPercents: [0, 25, 50] },
  },
  {
    name: 'approvals before the first write and past 25 %: succeeds',
    request: toGreen(linear, { approvalPercents: [0, 25] }),
    approvesAfterSeconds: 1800,
    expected: wholeWay,
  },
  {
    name: 'an approval that times out: rolled back',
    request: toGreen(linear, { approvalPercents: [50], maxDurationSeconds: 7200 }),
    expected: { outcome: 'rolledBack', greenPercents: [0, 25, 50, 0] },
  },
  {
    name: 'a metric fails while an approval is missing: rolled back',
    request: toGreen(linear, { approvalPercents: [25], maxDurationSeconds: 7200 }),
    failsFromPercent: 25,
    expected: { outcome: 'rolledBack', greenPercents: [0, 25, 0] },
  },
  {
    name: 'takes longer than maxDurationSeconds: rolled back',
    request: toGreen({ ...linear, bakeSeconds: 600 }, { maxDurationSeconds: 1501 }),
    faults: [{ kind: 'throttle', action: describeRules, atCall: 9, times: 9 }],
    expected: { outcome: 'rolledBack', greenPercents: [0, 25, 50, 75, 100, 0] },
  },
];
