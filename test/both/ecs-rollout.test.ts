import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { type EcsDefinitions, EcsRollout, RolloutError } from '../../src/ecs-rollout/index.js';
import type { Check } from '../../src/traffic/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { type SeededRollout, seedRolledService, seedRollout, taskDefinition } from './seed/ecs-rollout.js';

let backend: Backend;
let seeded: SeededRollout;

beforeEach(async () => {
  backend = await openBackend();
  seeded = await seedRollout(backend);
});

function createRollout() {
  const { clients, clock } = backend;
  return new EcsRollout({ cluster: 'shop', service: 'web', desiredCount: 2, clients, clock });
}

function definitions(): EcsDefinitions {
  const { subnets, securityGroups, targetGroupArn } = seeded;
  return {
    service: {
      serviceName: 'web',
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups } },
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
    },
    taskDefinition: taskDefinition('1'),
  };
}

async function readService() {
  const { services } = await backend.clients.ecs.send(
    new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }),
  );
  return services?.[0];
}

async function readTask(taskArn: string | undefined): Promise<Task | undefined> {
  const { tasks } = await backend.clients.ecs.send(
    new DescribeTasksCommand({ cluster: 'shop', tasks: [taskArn ?? ''], include: ['TAGS'] }),
  );
  return tasks?.[0];
}

/** Returns the registered addresses except those of the service's own tasks, which moto does not have. */
async function readStrayTargets(taskArn: string | undefined): Promise<(string | undefined)[]> {
  const addresses = (await readTask(taskArn))?.attachments
    ?.flatMap(({ details = [] }) => details)
    .flatMap(({ name, value }) => (name === 'privateIPv4Address' ? [value] : []));
  const { TargetHealthDescriptions = [] } = await backend.clients.elasticLoadBalancing.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: seeded.targetGroupArn }),
  );
  return TargetHealthDescriptions.map(({ Target }) => Target?.Id).filter((id) => addresses?.includes(id));
}

describe('EcsRollout.up', () => {
  test('registers the task definition, and creates the service on it', async () => {
    const result = await createRollout().up(definitions());

    expect(result).toMatchObject({
      created: true,
      runningCount: 2,
      taskDefinition: expect.stringMatching(/task-definition\/web:1$/),
    });
    expect(await readService()).toMatchObject({
      status: 'ACTIVE',
      desiredCount: 2,
      launchType: 'FARGATE',
      loadBalancers: [{ targetGroupArn: seeded.targetGroupArn }],
    });
  });

  test('throws for an existing service, unless existing is take', async () => {
    await createRollout().up(definitions());

    await expect(createRollout().up(definitions())).rejects.toThrowError(/exists already/);
    await expect(createRollout().up(definitions(), { existing: 'take' })).resolves.toMatchObject({
      created: false,
    });
  });
});

describe('EcsRollout.rollOut', () => {
  test('rolls out a new task definition after a canary, without leftovers', async () => {
    await seedRolledService(backend, seeded);

    const result = await createRollout().rollOut({ taskDefinition: taskDefinition('2') });

    expect(result).toMatchObject({ service: 'updated', serviceIntact: true });
    expect(result.taskDefinitionAfter).toMatch(/task-definition\/web:2$/);
    expect(await readService()).toMatchObject({ taskDefinition: result.taskDefinitionAfter });
    expect(await readTask(result.canaryTaskArn)).toMatchObject({
      lastStatus: 'STOPPED',
      taskDefinitionArn: result.taskDefinitionAfter,
      launchType: 'FARGATE',
      tags: expect.arrayContaining([{ key: 'aws-blue-green-toolkit:rollout', value: 'shop/web' }]),
    });
    expect(await readStrayTargets(result.canaryTaskArn)).toEqual([]);
  });

  test('uses a registered task definition with the same content', async () => {
    await seedRolledService(backend, seeded);

    const result = await createRollout().rollOut({ taskDefinition: taskDefinition('1') });

    expect(result).toMatchObject({ service: 'unchanged', canaryTaskArn: undefined });
    expect(result.taskDefinitionAfter).toMatch(/task-definition\/web:1$/);
  });

  test('accepts family:revision', async () => {
    await seedRolledService(backend, seeded);
    const rollout = createRollout();
    await rollout.rollOut({ taskDefinition: taskDefinition('2') });

    const back = await rollout.rollOut({ taskDefinition: 'web:1' });

    expect(back).toMatchObject({ service: 'updated' });
    expect(back.taskDefinitionAfter).toMatch(/task-definition\/web:1$/);
  });

  test('leaves the service as it was when a check fails, without leftovers', async () => {
    await seedRolledService(backend, seeded);
    const check: Check = { name: 'errors', evaluate: async () => ({ outcome: 'fail', detail: 'too many' }) };

    const failure: unknown = await createRollout()
      .rollOut({ taskDefinition: taskDefinition('2') }, { checks: [check] })
      .catch((error: unknown) => error);

    if (!(failure instanceof RolloutError)) throw failure;
    expect(failure).toMatchObject({
      phase: 'observe',
      service: 'unchanged',
      leftovers: { tasks: [], targets: [], problems: [] },
    });
    expect((await readService())?.taskDefinition).toMatch(/web:1$/);
    expect(await readTask(failure.canaryTaskArn)).toMatchObject({ lastStatus: 'STOPPED' });
    expect(await readStrayTargets(failure.canaryTaskArn)).toEqual([]);
  });

  test('cleans up the canary of an earlier run', async () => {
    await seedRolledService(backend, seeded);
    const rollout = createRollout();
    const first = await rollout.rollOut({ taskDefinition: taskDefinition('2') });
    const { startedBy, tags } = (await readTask(first.canaryTaskArn)) ?? {};
    const { subnets, securityGroups } = seeded;
    const left = await backend.clients.ecs.send(
      new RunTaskCommand({
        cluster: 'shop',
        taskDefinition: 'web:2',
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups } },
        startedBy,
        tags,
      }),
    );

    await rollout.rollOut({ taskDefinition: taskDefinition('3') });

    expect(await readTask(left.tasks?.[0]?.taskArn)).toMatchObject({ lastStatus: 'STOPPED' });
    const { taskArns = [] } = await backend.clients.ecs.send(
      new ListTasksCommand({ cluster: 'shop', startedBy, desiredStatus: 'RUNNING' }),
    );
    expect(taskArns).toEqual([]);
  });
});
