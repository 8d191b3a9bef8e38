import { describe, expect, test } from 'vitest';
import {
  ClusterState,
  isOutOfReach,
  nextStartStep,
  nextStopStep,
} from '../../../src/aurora/cluster-state.js';

describe('Function: nextStartStep', () => {
  test.each([
    ['stopped', 'send'],
    ['inaccessible-encryption-credentials-recoverable', 'send'],
    ['starting', 'done'],
    ['available', 'done'],
    ['creating', 'done'],
    ['backing-up', 'done'],
    ['configuring-iam-database-auth', 'done'],
    ['stopping', 'wait'],
    ['deleting', 'refuse'],
    ['failed', 'refuse'],
    ['a-state-of-tomorrow', 'refuse'],
  ])('%s: %s', (state, step) => {
    expect(nextStartStep(state)).toBe(step);
  });
});

describe('Function: nextStopStep', () => {
  test.each([
    ['available', 'send'],
    ['stopping', 'done'],
    ['stopped', 'done'],
    ['starting', 'wait'],
    ['modifying', 'wait'],
    ['configuring-iam-database-auth', 'wait'],
    ['deleting', 'refuse'],
    ['inaccessible-encryption-credentials', 'refuse'],
    ['a-state-of-tomorrow', 'refuse'],
  ])('%s: %s', (state, step) => {
    expect(nextStopStep(state)).toBe(step);
  });
});

describe('Function: isOutOfReach', () => {
  test.each([
    ['available', 'deleting', true],
    ['available', 'migration-failed', true],
    ['stopped', 'failed', true],
    ['available', 'stopped', false],
    ['available', 'a-state-of-tomorrow', false],
    ['deleting', 'failed', false],
    ['deleted', 'deleting', false],
    ['failed', 'failed', false],
  ])('wanted %s, seen %s: %s', (wanted, seen, expected) => {
    expect(isOutOfReach(wanted, seen)).toBe(expected);
  });
});

test('every known state has a constant of its own', () => {
  const states = Object.values(ClusterState);

  expect(new Set(states).size).toBe(states.length);
});
