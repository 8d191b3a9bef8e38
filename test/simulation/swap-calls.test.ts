import { beforeAll, describe, expect, test } from 'vitest';
import { countCalls, latencyMilliseconds } from '../../bench/recorded-steps.js';
import { measureSwap, type StepCost } from '../../bench/swap-calls.js';

let steps: StepCost[];

beforeAll(async () => {
  steps = await measureSwap();
});

describe('calls of the whole-stack swap', () => {
  test('are the fewest that the APIs allow, in every step', () => {
    const sorted = (actions: readonly string[]) => actions.toSorted();

    expect(steps).toHaveLength(12);
    expect(steps.map(({ name, counted }) => [name, sorted(counted.actions)])).toEqual(
      steps.map(({ name, minimum }) => [name, sorted(minimum.calls)]),
    );
  });

  test('wait for one another only where they have to, except for the last gate', () => {
    const longer = steps.filter(({ counted, minimum }) => counted.roundTrips > minimum.roundTrips);

    // The subscriptions are read last on purpose, so that the reading is fresh after the waits.
    expect(longer.map(({ name, counted }) => [name, counted.roundTrips])).toEqual([['Between the steps', 7]]);
  });
});

describe('countCalls', () => {
  const call = (action: string, slot: number, input: unknown = {}) => ({
    action,
    input,
    at: slot * latencyMilliseconds,
    outcome: 'ok',
  });

  test('counts a repeated read as a poll until a write to its service', () => {
    const calls = [
      call('rds:DescribeDBClusters', 0),
      call('sqs:PurgeQueue', 0),
      call('rds:DescribeDBClusters', 1),
      call('rds:StartDBCluster', 2),
      call('rds:DescribeDBClusters', 3),
      call('rds:DescribeDBClusters', 4, { DBClusterIdentifier: 'another' }),
    ];

    expect(countCalls(calls)).toMatchObject({
      actions: [
        'rds:DescribeDBClusters',
        'sqs:PurgeQueue',
        'rds:StartDBCluster',
        'rds:DescribeDBClusters',
        'rds:DescribeDBClusters',
      ],
      polls: 1,
    });
  });

  test('counts concurrent calls as one round trip', () => {
    const calls = [call('a:GetX', 0), call('b:GetX', 0.5), call('a:PutX', 1), call('b:PutX', 1.5)];

    expect(countCalls(calls).roundTrips).toBe(2);
  });
});
