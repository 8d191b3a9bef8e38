import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { type EcsDefinitions, EcsTools, RolloutError } from '../../src/ecs/index.js';
import type { Check } from '../../src/traffic/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { type SeededRollout, seedRolledService, seedRollout, taskDefinition } from './seed/ecs-rollout.js';

let backend: Backend;
let seeded: SeededRollout;

beforeEach(async () => {
  backend = await openBackend();
  seeded = await seedRollout(backend);
});

function makeTools() {
  return new EcsTools({
    blue: { cluster: 'shop', service: 'web', desiredCount: 2 },
    green: { cluster: 'shop', service: 'web-green', desiredCount: 2 },
    clients: backend.clients,
    clock: backend.clock,
  });
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

/** The addresses that the target group knows besides those of the service's own tasks, which moto does not have. */
async function readStrayTargets(taskArn: string | undefined): Promise<(string | undefined)[]> {
  const addresses = (await readTask(taskArn))?.attachments
    ?.flatMap(({ details = [] }) => details)
    .flatMap(({ name, value }) => (name === 'privateIPv4Address' ? [value] : []));
  const { TargetHealthDescriptions = [] } = await backend.clients.elasticLoadBalancing.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: seeded.targetGroupArn }),
  );
  return TargetHealthDescriptions.map(({ Target }) => Target?.Id).filter((id) => addresses?.includes(id));
}

describe('EcsTools.up', () => {
  test('registers the task definition, and creates the service on it', async () => {
    const result = await makeTools().up('blue', definitions());

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

  test('refuses an existing service, or takes it as it is', async () => {
    await makeTools().up('blue', definitions());

    await expect(makeTools().up('blue', definitions())).rejects.toThrowError(/exists already/);
    await expect(makeTools().up('blue', definitions(), { existing: 'take' })).resolves.toMatchObject({
      created: false,
    });
  });
});

describe('EcsTools.rollOut', () => {
  test('rolls a new task definition out behind a canary, and leaves nothing behind', async () => {
    await seedRolledService(backend, seeded);

    const result = await makeTools().rollOut('blue', { taskDefinition: taskDefinition('2') });

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

  test('takes a task definition that is registered already, in the same words, for the same', async () => {
    await seedRolledService(backend, seeded);

    const result = await makeTools().rollOut('blue', { taskDefinition: taskDefinition('1') });

    expect(result).toMatchObject({ service: 'unchanged', canaryTaskArn: undefined });
    expect(result.taskDefinitionAfter).toMatch(/task-definition\/web:1$/);
  });

  test('takes family:revision', async () => {
    await seedRolledService(backend, seeded);
    const tools = makeTools();
    await tools.rollOut('blue', { taskDefinition: taskDefinition('2') });

    const back = await tools.rollOut('blue', { taskDefinition: 'web:1' });

    expect(back).toMatchObject({ service: 'updated' });
    expect(back.taskDefinitionAfter).toMatch(/task-definition\/web:1$/);
  });

  test('leaves the service as it was when a check fails, and nothing behind', async () => {
    await seedRolledService(backend, seeded);
    const check: Check = { name: 'errors', evaluate: async () => ({ outcome: 'fail', detail: 'too many' }) };

    const failure: unknown = await makeTools()
      .rollOut('blue', { taskDefinition: taskDefinition('2') }, { checks: [check] })
      .catch((error: unknown) => error);

    if (!(failure instanceof RolloutError)) throw failure;
    expect(failure).toMatchObject({ phase: 'observe', service: 'unchanged', leftovers: [] });
    expect((await readService())?.taskDefinition).toMatch(/web:1$/);
    expect(await readTask(failure.canaryTaskArn)).toMatchObject({ lastStatus: 'STOPPED' });
    expect(await readStrayTargets(failure.canaryTaskArn)).toEqual([]);
  });

  test('cleans up what an earlier run left behind', async () => {
    await seedRolledService(backend, seeded);
    const tools = makeTools();
    const first = await tools.rollOut('blue', { taskDefinition: taskDefinition('2') });
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

    await tools.rollOut('blue', { taskDefinition: taskDefinition('3') });

    expect(await readTask(left.tasks?.[0]?.taskArn)).toMatchObject({ lastStatus: 'STOPPED' });
    const { taskArns = [] } = await backend.clients.ecs.send(
      new ListTasksCommand({ cluster: 'shop', startedBy, desiredStatus: 'RUNNING' }),
    );
    expect(taskArns).toEqual([]);
  });
});
