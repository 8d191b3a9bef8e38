import { describe, expect, test } from 'vitest';
import {
  ClusterState,
  isOutOfReach,
  nextStartStep,
  nextStopStep,
} from '../../../src/aurora/cluster-state.js';

describe('nextStartStep', () => {
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
    ['deleted', 'refuse'],
    ['a-state-of-tomorrow', 'wait'],
  ])('returns for %s: %s', (state, step) => {
    expect(nextStartStep(state)).toBe(step);
  });
});

describe('nextStopStep', () => {
  test.each([
    ['available', 'send'],
    ['stopping', 'done'],
    ['stopped', 'done'],
    ['starting', 'wait'],
    ['modifying', 'wait'],
    ['configuring-iam-database-auth', 'wait'],
    ['deleting', 'refuse'],
    ['inaccessible-encryption-credentials', 'refuse'],
    ['inaccessible-encryption-credentials-recoverable', 'refuse'],
    ['a-state-of-tomorrow', 'wait'],
  ])('returns for %s: %s', (state, step) => {
    expect(nextStopStep(state)).toBe(step);
  });
});

describe('isOutOfReach', () => {
  test.each([
    ['available', 'deleting', true],
    ['available', 'migration-failed', true],
    ['stopped', 'failed', true],
    ['available', 'stopped', false],
    ['available', 'a-state-of-tomorrow', false],
    ['deleting', 'failed', false],
    ['deleted', 'deleting', false],
    ['failed', 'failed', false],
  ])('returns for the wanted %s and the actual %s: %s', (wanted, actual, expected) => {
    expect(isOutOfReach(wanted, actual)).toBe(expected);
  });
});

describe('ClusterState', () => {
  const states = Object.values(ClusterState);

  test('has each state once', () => {
    expect(new Set(states).size).toBe(states.length);
  });

  test('has only states that are final, end by themselves, or need a repair', () => {
    const repairs = states.filter((it) => nextStartStep(it) === 'refuse');

    expect(repairs.filter((it) => isOutOfReach('available', it) || it === 'deleted')).toEqual(repairs);
  });
});
