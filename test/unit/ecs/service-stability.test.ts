import type { Deployment, Service, TaskSet } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { decideStability, primaryRollout } from '../../../src/ecs/service-stability.js';

const arn = (name: string) => `arn:aws:ecs:eu-west-1:123456789012:task-definition/${name}`;

function deployment(name: string, fields: Partial<Deployment> = {}): Deployment {
  return {
    status: 'PRIMARY',
    taskDefinition: arn(name),
    desiredCount: 2,
    runningCount: 2,
    rolloutState: 'COMPLETED',
    ...fields,
  };
}

function taskSet(name: string, fields: Partial<TaskSet> = {}): TaskSet {
  return {
    status: 'PRIMARY',
    taskDefinition: arn(name),
    computedDesiredCount: 2,
    runningCount: 2,
    stabilityStatus: 'STEADY_STATE',
    ...fields,
  };
}

describe('decideStability', () => {
  describe('for a service that ECS deploys', () => {
    test.each<[string, string, readonly Deployment[]]>([
      ['stable', 'everything runs', [deployment('web:2')]],
      ['stable', 'AWS returns no rollout state', [{ ...deployment('web:2'), rolloutState: undefined }]],
      ['stable', 'no task is wanted', [deployment('web:2', { desiredCount: 0, runningCount: 0 })]],
      [
        'stable',
        'the old deployment is over',
        [deployment('web:2'), deployment('web:1', { status: 'INACTIVE' })],
      ],
      ['pending', 'a task is missing', [deployment('web:2', { runningCount: 1 })]],
      ['pending', 'a task is too many', [deployment('web:2', { runningCount: 3 })]],
      ['pending', 'the rollout goes on', [deployment('web:2', { rolloutState: 'IN_PROGRESS' })]],
      [
        'pending',
        'old tasks still run',
        [deployment('web:2'), deployment('web:1', { status: 'ACTIVE', runningCount: 1 })],
      ],
      ['failed', 'the rollout failed', [deployment('web:2', { rolloutState: 'FAILED' })]],
      [
        'failed',
        'it is being rolled back',
        [deployment('web:1'), deployment('web:2', { status: 'ACTIVE', rolloutState: 'FAILED' })],
      ],
      ['failed', 'another one replaces it', [deployment('web:3'), deployment('web:2', { status: 'ACTIVE' })]],
      ['absent', 'another one is stable', [deployment('web:1')]],
      ['absent', 'a longer family has the same end', [deployment('my-web:2')]],
      ['absent', 'a longer revision has the same beginning', [deployment('web:20')]],
      ['absent', 'nothing is deployed', []],
    ])('%s when %s', (state, _, deployments) => {
      const { desiredCount, runningCount } = deployments[0] ?? {};
      const service: Service = { desiredCount, runningCount, deployments: [...deployments] };

      expect(decideStability(service, 'web:2').state).toBe(state);
      expect(decideStability(service, arn('web:2')).state).toBe(state);
    });

    test('is pending while the deployment has the old desired count', () => {
      const service: Service = { desiredCount: 5, runningCount: 2, deployments: [deployment('web:2')] };

      expect(decideStability(service, 'web:2').state).toBe('pending');
    });

    test('is pending without counts', () => {
      const counts = { desiredCount: undefined, runningCount: undefined };
      const service: Service = { deployments: [deployment('web:2', counts)] };

      expect(decideStability(service, 'web:2').state).toBe('pending');
    });

    test('describes the deployments and their reasons', () => {
      const service: Service = {
        deployments: [
          deployment('web:1', {
            rolloutState: 'IN_PROGRESS',
            rolloutStateReason: 'rolling back',
            runningCount: 1,
          }),
          deployment('web:2', {
            status: 'ACTIVE',
            rolloutState: 'FAILED',
            rolloutStateReason: 'tasks failed',
          }),
        ],
      };

      expect(decideStability(service, 'web:2')).toEqual({
        state: 'failed',
        actual:
          `${arn('web:1')} with 1 of 2 tasks (IN_PROGRESS, rolling back); ` +
          `before: ${arn('web:2')} with 2 of 2 tasks (FAILED, tasks failed)`,
      });
    });

    test('is absent without deployments', () => {
      expect(decideStability({}, 'web:2')).toEqual({ state: 'absent', actual: 'no PRIMARY deployment' });
    });
  });

  describe.each(['CODE_DEPLOY', 'EXTERNAL'] as const)('for a service with the controller %s', (type) => {
    const deploymentController = { type };

    test.each<[string, string, readonly TaskSet[]]>([
      ['stable', 'it is PRIMARY and steady', [taskSet('web:2')]],
      ['stable', 'the replaced one still runs', [taskSet('web:2'), taskSet('web:1', { status: 'ACTIVE' })]],
      ['pending', 'it is not steady', [taskSet('web:2', { stabilityStatus: 'STABILIZING' })]],
      ['pending', 'a task is missing', [taskSet('web:2', { runningCount: 1 })]],
      ['pending', 'it waits for its turn', [taskSet('web:1'), taskSet('web:2', { status: 'ACTIVE' })]],
      ['failed', 'it is being removed', [taskSet('web:1'), taskSet('web:2', { status: 'DRAINING' })]],
      ['absent', 'there is none', [taskSet('web:1')]],
      ['absent', 'there are no task sets', []],
    ])('%s when %s', (state, _, taskSets) => {
      const service: Service = { deploymentController, taskSets: [...taskSets] };

      expect(decideStability(service, 'web:2').state).toBe(state);
    });

    test('is absent without task sets', () => {
      expect(decideStability({ deploymentController }, 'web:2')).toEqual({
        state: 'absent',
        actual: 'no PRIMARY task set',
      });
    });
  });
});

describe('primaryRollout', () => {
  test.each<[string, Service, string | undefined]>([
    [
      'the PRIMARY deployment',
      { deployments: [deployment('a:1', { status: 'ACTIVE' }), deployment('a:2')] },
      'a:2',
    ],
    [
      'the PRIMARY task set',
      {
        deploymentController: { type: 'CODE_DEPLOY' },
        taskSets: [taskSet('b:1')],
        deployments: [deployment('a:2')],
      },
      'b:1',
    ],
    ['nothing without deployments', {}, undefined],
    ['nothing without task sets', { deploymentController: { type: 'EXTERNAL' } }, undefined],
  ])('returns %s', (_, service, expected) => {
    expect(primaryRollout(service)?.taskDefinition).toBe(expected && arn(expected));
  });
});
