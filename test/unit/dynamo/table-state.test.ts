import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { describeTable, isAtRest } from '../../../src/dynamo/table-state.js';

describe('describeTable', () => {
  test('returns the state with the reasons of DynamoDB', () => {
    const table: TableDescription = {
      TableStatus: 'UPDATING',
      ArchivalSummary: { ArchivalReason: 'INACCESSIBLE_ENCRYPTION_CREDENTIALS' },
      Replicas: [
        { RegionName: 'eu-west-1', ReplicaStatus: 'ACTIVE' },
        { RegionName: 'us-east-1', ReplicaStatus: 'CREATION_FAILED', ReplicaStatusDescription: 'no key' },
        { RegionName: 'us-east-2', ReplicaStatus: 'CREATING' },
      ],
    };

    expect(describeTable(table)).toBe(
      'UPDATING (INACCESSIBLE_ENCRYPTION_CREDENTIALS; replica us-east-1 CREATION_FAILED: no key; replica us-east-2 CREATING)',
    );
  });

  test('returns the state alone when there is no reason', () => {
    expect(describeTable({ TableStatus: 'ACTIVE' })).toBe('ACTIVE');
  });
});

describe('isAtRest', () => {
  test('returns false for the states that DynamoDB leaves by itself, and for an unknown one', () => {
    const states = ['CREATING', 'UPDATING', 'ARCHIVING', 'A_STATE_OF_TOMORROW', undefined] as const;

    // @ts-expect-error a state of tomorrow
    expect(states.map((TableStatus) => isAtRest({ TableStatus }))).toEqual(states.map(() => false));
  });
});
