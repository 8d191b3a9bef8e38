import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

const web: RegisterTaskDefinitionCommandInput = {
  family: 'web',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'app', image: 'shop/web:1', portMappings: [{ containerPort: 8080 }] }],
};

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function register(input: Partial<RegisterTaskDefinitionCommandInput> = {}) {
  return cloud.clients.ecs.send(new RegisterTaskDefinitionCommand({ ...web, ...input }));
}

function read(taskDefinition: string, include?: 'TAGS'[]) {
  return cloud.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include }));
}

function deregister(taskDefinition: string) {
  return cloud.clients.ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
}

describe('SimulatedEcs', () => {
  describe('RegisterTaskDefinition', () => {
    test('creates a revision for every request, even for an identical one', async () => {
      const first = await register();
      const second = await register();

      expect([first.taskDefinition?.revision, second.taskDefinition?.revision]).toEqual([1, 2]);
      expect(second.taskDefinition?.taskDefinitionArn).toBe(
        'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2',
      );
      expect(cloud.ecs.taskDefinitions('web')).toHaveLength(2);
      expect(cloud.ecs.taskDefinitions('other')).toEqual([]);
    });

    test('fills in the defaults', async () => {
      const { taskDefinition } = await register({
        containerDefinitions: [
          {
            name: 'app',
            image: 'x',
            portMappings: [{ containerPort: 8080 }],
            healthCheck: { command: ['CMD', 'true'] },
          },
        ],
      });

      expect(taskDefinition).toMatchObject({
        status: 'ACTIVE',
        compatibilities: ['EC2', 'FARGATE'],
        volumes: [],
        placementConstraints: [],
        containerDefinitions: [
          {
            cpu: 0,
            essential: true,
            environment: [],
            mountPoints: [],
            volumesFrom: [],
            portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: 'tcp' }],
            healthCheck: { interval: 30, timeout: 5, retries: 3 },
          },
        ],
      });
    });

    test('leaves the host port of a bridge to the instance', async () => {
      const { taskDefinition } = await register({
        networkMode: 'bridge',
        requiresCompatibilities: ['EC2'],
      });

      expect(taskDefinition).toMatchObject({
        compatibilities: ['EC2'],
        containerDefinitions: [{ portMappings: [{ hostPort: 0 }] }],
      });
    });

    test.each<[string, Partial<RegisterTaskDefinitionCommandInput>, RegExp]>([
      ['a bad family', { family: 'a b' }, /Family contains invalid characters/],
      ['no container', { containerDefinitions: [] }, /Container list cannot be empty/],
      ['a container without a name', { containerDefinitions: [{ image: 'x' }] }, /Container.name/],
      ['a container without an image', { containerDefinitions: [{ name: 'app' }] }, /Container.image/],
      [
        'two containers of one name',
        {
          containerDefinitions: [
            { name: 'app', image: 'x' },
            { name: 'app', image: 'y' },
          ],
        },
        /unique/,
      ],
      [
        'no essential container',
        { containerDefinitions: [{ name: 'app', image: 'x', essential: false }] },
        /essential/,
      ],
      ['Fargate without the network mode awsvpc', { networkMode: 'bridge' }, /network mode 'awsvpc'/],
      ['Fargate without CPU', { cpu: undefined }, /'cpu' be defined/],
      [
        'Fargate without memory',
        { memory: undefined, containerDefinitions: [{ name: 'app', image: 'x', memory: 1 }] },
        /'memory' be defined/,
      ],
      [
        'a container without memory',
        { memory: undefined },
        /At least one of 'memory' or 'memoryReservation'/,
      ],
      ['CPU that is no number', { cpu: 'much' }, /Invalid 'cpu' setting/],
      ['memory that is no number', { memory: '1 TB' }, /Invalid 'memory' setting/],
    ])('refuses %s', async (_, input, message) => {
      await expect(register(input)).rejects.toMatchObject({
        name: 'ClientException',
        message: expect.stringMatching(message),
      });
    });
  });

  describe('RegisterTaskDefinition for Fargate', () => {
    test.each([
      ['256', '512'],
      ['256', '2048'],
      ['512', '3072'],
      ['1024', '8192'],
      ['2048', '4096'],
      ['4096', '30720'],
      ['8192', '20480'],
      ['16384', '122880'],
      ['.25 vCPU', '0.5GB'],
      ['1 vcpu', '2 GB'],
    ])('accepts %s CPU with %s MiB', async (cpu, memory) => {
      const { taskDefinition } = await register({ cpu, memory });

      expect(taskDefinition?.compatibilities).toEqual(['EC2', 'FARGATE']);
    });

    test.each([
      ['256', '4096'],
      ['256', '1536'],
      ['512', '512'],
      ['1024', '1024'],
      ['2048', '4608'],
      ['4096', '31744'],
      ['8192', '17408'],
      ['16384', '36864'],
      ['300', '512'],
      ['.25 vCPU', '4GB'],
    ])('refuses %s CPU with %s MiB', async (cpu, memory) => {
      await expect(register({ cpu, memory })).rejects.toMatchObject({
        name: 'ClientException',
        message: expect.stringContaining('No Fargate configuration exists for given values'),
      });
    });

    test('accepts any pair for EC2, which then is not compatible with Fargate', async () => {
      const { taskDefinition } = await register({ memory: '4096', requiresCompatibilities: undefined });

      expect(taskDefinition?.compatibilities).toEqual(['EC2']);
    });

    test('shows the size in CPU units and MiB', async () => {
      const { taskDefinition } = await register({ cpu: '.5 vCPU', memory: '1GB' });

      expect(taskDefinition).toMatchObject({ cpu: '512', memory: '1024' });
    });
  });

  describe('DescribeTaskDefinition', () => {
    test('finds a revision, and the newest active one of a family', async () => {
      await register({ tags: [{ key: 'team', value: 'shop' }] });
      await register();

      const [first, family, byArn] = [
        await read('web:1', ['TAGS']),
        await read('web'),
        await read(cloud.ecs.taskDefinitions()[0]?.taskDefinitionArn ?? ''),
      ];

      expect(first).toMatchObject({
        taskDefinition: { revision: 1 },
        tags: [{ key: 'team', value: 'shop' }],
      });
      expect(family.taskDefinition?.revision).toBe(2);
      expect(family).not.toHaveProperty('tags');
      expect(byArn.taskDefinition?.revision).toBe(1);
    });

    test.each(['web:9', 'api'])('does not find %s', async (name) => {
      await register();

      await expect(read(name)).rejects.toMatchObject({
        name: 'ClientException',
        message: 'Unable to describe task definition.',
      });
    });
  });

  describe('DeregisterTaskDefinition', () => {
    test('keeps the revision readable, but not as the newest of its family', async () => {
      await register();

      await deregister('web:1');

      expect((await read('web:1')).taskDefinition).toMatchObject({ status: 'INACTIVE' });
      await expect(read('web')).rejects.toThrowError(/Unable to describe/);
      expect((await register()).taskDefinition?.revision).toBe(2);
    });

    test('requires a revision', async () => {
      await register();

      await expect(deregister('web')).rejects.toThrowError(/revision must be specified/);
    });
  });
});
