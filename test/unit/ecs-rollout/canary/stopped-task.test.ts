import { describe, expect, test } from 'vitest';
import {
  describeStop,
  explainStop,
  hasStopped,
  isStopping,
} from '../../../../src/ecs-rollout/canary/stopped-task.js';

describe('explainStop, describeStop, isStopping and hasStopped', () => {
  const task = {
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stoppedReason: 'Essential container in task exited',
    containers: [
      { name: 'app', exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
      { name: 'side', exitCode: 0 },
      { name: 'late' },
    ],
  };

  test('return the reason of the task, the reasons of its containers and their exit codes', () => {
    expect(explainStop(task)).toEqual({
      stoppedReason:
        'Essential container in task exited; app: OutOfMemoryError: Container killed due to memory usage',
      exitCodes: { app: 137, side: 0 },
    });
    expect(describeStop(explainStop(task))).toMatch(/; app exited with 137; side exited with 0$/);
  });

  test.each([
    [{ stopCode: 'TaskFailedToStart' } as const, 'TaskFailedToStart'],
    [{}, 'ECS gives no reason'],
  ])('return a reason for %j', (stopped, stoppedReason) => {
    expect(explainStop(stopped)).toEqual({ stoppedReason, exitCodes: {} });
  });

  test.each([
    [{ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' }, false, false],
    [{ lastStatus: 'RUNNING', desiredStatus: 'STOPPED' }, true, false],
    [{ lastStatus: 'STOPPED', desiredStatus: 'STOPPED' }, true, true],
    [{ lastStatus: 'DELETED', desiredStatus: 'RUNNING' }, true, true],
  ])('use both statuses: %j', (seen, stopping, stopped) => {
    expect([isStopping(seen), hasStopped(seen)]).toEqual([stopping, stopped]);
  });
});
