import { beforeAll, describe, expect, test } from 'vitest';
import { countCalls, latencyMilliseconds } from '../../bench/recorded-steps.js';
import { measureSwap, type SwapCost } from '../../bench/swap-calls.js';

let cost: SwapCost;

beforeAll(async () => {
  cost = await measureSwap();
}, 60_000);

describe('calls of the whole-stack swap', () => {
  test('are those of the tool and one look after the change, in every step', () => {
    const sorted = (actions: readonly string[]) => actions.toSorted();

    expect(cost.steps).toHaveLength(11);
    expect(cost.steps.map(({ name, counted }) => [name, sorted(counted.actions)])).toEqual(
      cost.steps.map(({ name, expected }) => [name, sorted([...expected.calls, ...expected.verification])]),
    );
  });

  test('wait for one another only where they have to', () => {
    expect(cost.steps.map(({ name, counted }) => [name, counted.roundTrips])).toEqual(
      cost.steps.map(({ name, expected }) => [name, expected.roundTrips]),
    );
  });

  test('read each fact at most twice before the change: in the look, and by the tool', () => {
    expect(cost.steps.map(({ readsBeforeChange }) => readsBeforeChange <= 2)).toEqual(
      cost.steps.map(() => true),
    );
  });

  test('write the record at most twice for each step of the plan', () => {
    expect(cost.steps.map(({ name, recordWrites }) => [name, recordWrites])).toEqual(
      cost.steps.map(({ name, expected }) => [name, expected.recordWrites]),
    );
    const over = cost.steps.filter(({ recordWrites, planSteps }) => recordWrites > 2 * planSteps);
    expect(over.map(({ name }) => name)).toEqual([]);
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
