import { describe, expect, test } from 'vitest';
import { callAws } from '../../../src/core/aws-call.js';
import { canary } from '../../../src/traffic/strategies/canary.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { TrafficTarget, TrafficWeights } from '../../../src/traffic/types.js';
import { JumpingClock } from '../../support/jumping-clock.js';
import { green } from './shift-states.js';

const tenth = canary({ percent: 10, holdSeconds: 60 });

const awsError = (name: string, httpStatusCode: number, message: string) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

/** Target whose writes fail with an AWS error. */
function refusing(refusal: (write: number) => Error | undefined) {
  const clock = new JumpingClock();
  const start = clock.now();
  const writes: TrafficWeights[] = [];
  let live = green(0);
  const target: TrafficTarget = {
    description: 'rule 1',
    readWeights: async () => live,
    writeWeights: async (weights) => {
      writes.push(weights);
      await callAws({ action: 'elasticloadbalancing:ModifyRule', resource: 'rule 1' }, async () => {
        const error = refusal(writes.length);
        if (error !== undefined) throw error;
        live = weights;
      });
    },
  };
  const shifter = new TrafficShifter({ target, clock });
  return { shifter, writes, live: () => live, seconds: () => (clock.now() - start) / 1000 };
}

const never = awsError('InvalidLoadBalancerActionException', 400, 'Group stickiness is required');

describe('TrafficShifter › final failures of a write', () => {
  test('rolls back at once with the AWS message when nothing was written', async () => {
    const { shifter, writes, live, seconds } = refusing(() => never);

    const { outcome, reason, state } = await shifter.shiftTo('green', tenth);

    expect([outcome, reason]).toEqual([
      'rolledBack',
      'The shift cannot proceed: Group stickiness is required',
    ]);
    expect(state.verifiedWeights).toEqual(green(0));
    expect(live()).toEqual(green(0));
    // One write forward, one back; then the weights are read for twice the propagation time.
    expect(writes).toEqual([green(10), green(0)]);
    expect(seconds()).toBeLessThanOrEqual(90);
  });

  test('rolls back once when a later write is rejected', async () => {
    const { shifter, writes, live } = refusing((write) => (write === 2 ? never : undefined));

    const { outcome } = await shifter.shiftTo('green', tenth);

    expect(outcome).toBe('rolledBack');
    expect(writes).toEqual([green(10), green(100), green(0)]);
    expect(live()).toEqual(green(0));
  });

  test('halts at once with the AWS message when a rollback fails with split traffic', async () => {
    const { shifter, writes, live } = refusing((write) => (write === 1 ? undefined : never));

    const { outcome, reason } = await shifter.shiftTo('green', tenth);

    expect([outcome, reason]).toEqual(['halted', 'The shift cannot proceed: Group stickiness is required']);
    expect(writes).toEqual([green(10), green(100), green(0)]);
    expect(live()).toEqual(green(10));
  });

  test.each([
    ['a fixed quota that the SDK retries as a throttle', awsError('LimitExceededException', 400, 'Too many')],
    ['a denied permission', awsError('AccessDeniedException', 403, 'Not authorized')],
    ['another invalid request', awsError('ValidationError', 400, 'Wrong')],
    ['a missing rule', awsError('RuleNotFoundException', 400, 'No such rule')],
  ])('treats as final: %s', async (_, error) => {
    const { shifter, writes } = refusing(() => error);

    const { outcome } = await shifter.shiftTo('green', tenth);

    expect(outcome).toBe('rolledBack');
    expect(writes).toHaveLength(2);
  });
});

describe('TrafficShifter › passing failures of a write', () => {
  test.each([
    ['a throttle', awsError('Throttling', 400, 'Rate exceeded')],
    ['a conflict', awsError('ResourceInUseException', 400, 'In use')],
    ['a stale request', awsError('PreconditionFailedException', 412, 'Stale')],
    ['a fault of the service', awsError('InternalFailure', 500, 'Later')],
    ['a lost connection', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
  ])('retries after %s', async (_, error) => {
    const { shifter, writes, live } = refusing((write) => (write <= 2 ? error : undefined));

    const { outcome } = await shifter.shiftTo('green', tenth);

    expect(outcome).toBe('succeeded');
    expect(writes).toEqual([green(10), green(10), green(10), green(100)]);
    expect(live()).toEqual(green(100));
  });

  test('retries for a bounded time, and names the last cause in the reason', async () => {
    const { shifter, writes, seconds } = refusing(() => awsError('Throttling', 400, 'Rate exceeded'));

    const { outcome, reason } = await shifter.shiftTo('green', tenth);

    expect([outcome, reason]).toEqual(['halted', 'The shift cannot proceed: Rate exceeded']);
    // Thirty pauses of the shift and thirty of its rollback come before the retries of both.
    expect(writes.length).toBeLessThanOrEqual(85);
    expect(seconds()).toBeLessThanOrEqual(140 * 60);
  });
});
