import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../src/core/index.js';
import { type EcsDefinitions, EcsRollout, type UpOptions } from '../../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { failureOf } from '../../support/rollout-world.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.ecs.addCluster('shop');
});

const definitions: EcsDefinitions = {
  service: {
    serviceName: 'web',
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  },
  taskDefinition: {
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'app', image: 'web:1' }],
  },
};

function up(
  options: UpOptions = {},
  { given = definitions, cluster = 'shop' }: { given?: unknown; cluster?: string } = {},
) {
  const { clients, clock } = cloud;
  const rollout = new EcsRollout({ cluster, service: 'web', desiredCount: 3, clients, clock });
  return rollout.up(given as EcsDefinitions, options);
}

describe('EcsRollout', () => {
  describe('up', () => {
    test('returns unchanged when AWS refuses the service', async () => {
      cloud.injectFault({
        kind: 'accessDenied',
        action: 'ecs:CreateService',
        times: Number.POSITIVE_INFINITY,
      });

      const failure = await failureOf(up());

      expect(failure).toMatchObject({ phase: 'createService', service: 'unchanged', serviceIntact: true });
    });

    test('registers the task definition, creates the service, and waits until it is stable', async () => {
      const phases: string[] = [];

      const result = await up({
        onEvent: (event) => event.type === 'phaseStarted' && phases.push(event.phase),
      });

      const [definition] = cloud.ecs.taskDefinitions('web');
      expect(result).toMatchObject({
        created: true,
        runningCount: 3,
        taskDefinition: definition?.taskDefinitionArn,
      });
      expect(result.endedAt).toBeGreaterThan(result.startedAt);
      expect(cloud.ecs.service('shop', 'web')).toMatchObject({
        desiredCount: 3,
        serviceArn: result.serviceArn,
        deployments: [{ runningCount: 3 }],
      });
      expect(phases).toEqual(['prepare', 'registerTaskDefinition', 'createService', 'serviceStable']);
    });

    test('uses the desired count of the definition, or else of the constructor', async () => {
      const given = { ...definitions, service: { ...definitions.service, desiredCount: 1 } };

      await expect(up({}, { given })).resolves.toMatchObject({ runningCount: 1 });
    });

    test('uses a registered task definition with the same content', async () => {
      cloud.ecs.addTaskDefinition(structuredClone(definitions.taskDefinition));

      await up();

      expect(cloud.ecs.taskDefinitions('web')).toHaveLength(1);
    });

    test('throws for an existing service', async () => {
      await up();

      const failure = await failureOf(up());

      expect(failure).toMatchObject({ phase: 'prepare', service: 'unchanged', serviceIntact: true });
      expect(failure.message).toMatch(/^Creation of shop\/web failed.*exists already.*existing: 'take'/);
    });

    test('returns an existing service unchanged with existing: take', async () => {
      const first = await up();

      const again = await up({ existing: 'take' });

      expect(again).toMatchObject({ created: false, serviceArn: first.serviceArn });
    });

    test.each(['fail', 'take'] as const)(
      'throws for a service that is being deleted (%s)',
      async (existing) => {
        cloud.ecs.addService({ cluster: 'shop', name: 'web', desiredCount: 1, status: 'DRAINING' });

        const failure = await failureOf(up({ existing }));

        expect(failure.message).toContain('is being deleted');
      },
    );

    test('creates a service again that was deleted', async () => {
      cloud.ecs.addService({ cluster: 'shop', name: 'web', desiredCount: 1, status: 'INACTIVE' });

      await expect(up()).resolves.toMatchObject({ created: true });
    });

    test('throws with the reason why tasks stopped, and keeps the service', async () => {
      cloud.ecs.failTasks({ image: 'web:1' }, { kind: 'exits', exitCode: 4 });

      const failure = await failureOf(up({ maxWaitSeconds: 120 }));

      expect(failure).toMatchObject({
        phase: 'serviceStable',
        service: 'unsettled',
        exitCodes: { app: 4 },
        stoppedReason: expect.stringContaining('Essential container'),
      });
      expect(cloud.ecs.service('shop', 'web').status).toBe('ACTIVE');
    });

    test('keeps the first failure when the stopped tasks cannot be read', async () => {
      cloud.ecs.failTasks({ image: 'web:1' }, { kind: 'exits' });
      cloud.injectFault({ kind: 'accessDenied', action: 'ecs:ListTasks', times: 99 });

      const failure = await failureOf(up({ maxWaitSeconds: 60 }));

      expect(failure).toMatchObject({ phase: 'serviceStable', stoppedReason: undefined });
    });

    test('throws for an unknown cluster', async () => {
      const failure = await failureOf(up({}, { cluster: 'shed' }));

      expect(failure.message).toContain('Cluster shed not found');
    });

    test('throws after an abort before the service is created', async () => {
      const controller = new AbortController();
      const onEvent: UpOptions['onEvent'] = (event) => {
        if (event.type === 'taskDefinitionReady') controller.abort();
      };

      const failure = await failureOf(up({ signal: controller.signal, onEvent }));

      expect(failure).toMatchObject({ phase: 'createService', service: 'unchanged' });
      expect(() => cloud.ecs.service('shop', 'web')).toThrow();
    });

    test.each([
      [{ ...definitions, service: { serviceName: 'api', cluster: 'shed' } }, /serviceName.*service\.cluster/],
      [{ ...definitions, taskDefinition: { family: 'web' } }, /taskDefinition\.containerDefinitions/],
      [{ taskDefinition: definitions.taskDefinition }, /service/],
      [undefined, /an object/],
    ])(
      'throws InvalidInputError for definitions of another service before any call: case %#',
      async (given, message) => {
        await expect(up({}, { given: given ?? null })).rejects.toThrowError(message);
        await expect(up({}, { given: given ?? null })).rejects.toThrowError(InvalidInputError);
        expect(cloud.calls).toEqual([]);
      },
    );

    test('throws InvalidInputError for an unknown option', async () => {
      await expect(up({ maxWaitSeconds: Number.NaN })).rejects.toThrowError(InvalidInputError);
      await expect(up({ existing: 'replace' as 'take' })).rejects.toThrowError(/existing/);
    });
  });
});
