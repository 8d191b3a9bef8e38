import type { TaskDefinition } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSameDefinition } from '../../../../src/ecs-rollout/service/same-definition.js';
import type { TaskDefinitionInput } from '../../../../src/ecs-rollout/types.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';

const input: TaskDefinitionInput = {
  family: 'web',
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    {
      name: 'app',
      image: 'web:1',
      portMappings: [{ containerPort: 80 }],
      environment: [
        { name: 'ZONE', value: 'a' },
        { name: 'COLOUR', value: 'blue' },
      ],
      healthCheck: { command: ['CMD', 'true'] },
      command: ['serve', '--fast'],
    },
  ],
  tags: [
    { key: 'team', value: 'shop' },
    { key: 'app', value: 'web' },
  ],
};

const [container] = input.containerDefinitions ?? [];

/** The definition as AWS returns it: with defaults, its own members and its own order. */
const registered: TaskDefinition = {
  ...withoutTags(input),
  taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1',
  revision: 1,
  status: 'ACTIVE',
  volumes: [],
  placementConstraints: [],
  compatibilities: ['EC2', 'FARGATE'],
  requiresAttributes: [{ name: 'ecs.capability.task-eni' }],
  registeredAt: new Date(0),
  registeredBy: 'arn:aws:iam::123456789012:user/someone',
  containerDefinitions: [
    {
      ...container,
      cpu: 0,
      essential: true,
      mountPoints: [],
      volumesFrom: [],
      systemControls: [],
      portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
      environment: [
        { name: 'COLOUR', value: 'blue' },
        { name: 'ZONE', value: 'a' },
      ],
      healthCheck: { command: ['CMD', 'true'], interval: 30, timeout: 5, retries: 3 },
    },
  ],
};

const tags = [
  { key: 'app', value: 'web' },
  { key: 'team', value: 'shop' },
  { key: 'aws:cloudformation:stack-name', value: 'shop' },
];

function withoutTags({ tags: _tags, ...rest }: TaskDefinitionInput) {
  return rest;
}

describe('isSameDefinition', () => {
  test('ignores values that AWS fills in, adds and reorders', () => {
    expect(isSameDefinition(input, registered, tags)).toBe(true);
  });

  test.each<[string, Partial<TaskDefinitionInput>]>([
    ['another image', { containerDefinitions: [{ ...container, image: 'web:2' }] }],
    ['another command', { containerDefinitions: [{ ...container, command: ['--fast', 'serve'] }] }],
    ['another variable', { containerDefinitions: [{ ...container, environment: [] }] }],
    ['a health check less', { containerDefinitions: [{ name: 'app', image: 'web:1' }] }],
    ['one container more', { containerDefinitions: [{ ...container }, { name: 'log', image: 'log' }] }],
    [
      'another host port',
      { containerDefinitions: [{ ...container, portMappings: [{ containerPort: 81 }] }] },
    ],
    ['a container that is not essential', { containerDefinitions: [{ ...container, essential: false }] }],
    ['more memory', { memory: '1024' }],
    ['a role', { taskRoleArn: 'arn:aws:iam::123456789012:role/web' }],
    ['a volume', { volumes: [{ name: 'data' }] }],
    ['a tag less', { tags: [] }],
    [
      'another tag',
      {
        tags: [
          { key: 'team', value: 'shop' },
          { key: 'app', value: 'api' },
        ],
      },
    ],
  ])('detects %s', (_title, change) => {
    expect(isSameDefinition({ ...input, ...change }, registered, tags)).toBe(false);
  });

  test('treats missing values as the defaults of AWS, in both directions', () => {
    const stated = {
      ...input,
      containerDefinitions: [{ ...container, essential: true, cpu: 0, mountPoints: [], interactive: false }],
    };

    expect(isSameDefinition(stated, registered, tags)).toBe(true);
  });

  test.each([
    ['.25 vCPU', '0.5GB'],
    ['0.25vcpu', '.5 gb'],
    ['256', '512'],
  ])('treats the sizes %s and %s as CPU units and MiB', (cpu, memory) => {
    expect(isSameDefinition({ ...input, cpu, memory }, registered, tags)).toBe(true);
    expect(isSameDefinition({ ...input, cpu, memory: '1 GB' }, registered, tags)).toBe(false);
    expect(isSameDefinition({ ...input, cpu: '.5 vCPU', memory }, registered, tags)).toBe(false);
  });

  test('distinguishes a fixed host port of a bridge from a dynamic one', () => {
    const onBridge = { ...input, networkMode: 'bridge' as const };
    const withPort = (hostPort: number) => ({
      ...registered,
      networkMode: 'bridge' as const,
      containerDefinitions: [{ ...container, portMappings: [{ containerPort: 80, hostPort }] }],
    });

    expect(isSameDefinition(onBridge, withPort(80), tags)).toBe(false);
    expect(isSameDefinition(onBridge, withPort(0), tags)).toBe(true);
  });

  test('ignores flags, empty objects and paths that AWS fills in, and the order of compatibilities', () => {
    const efsVolumeConfiguration = { fileSystemId: 'fs-1' };
    const wanted: TaskDefinitionInput = {
      ...input,
      requiresCompatibilities: ['FARGATE', 'EC2'],
      volumes: [{ name: 'data', efsVolumeConfiguration }, { name: 'scratch' }],
    };
    const shown: TaskDefinition = {
      ...registered,
      requiresCompatibilities: ['EC2', 'FARGATE'],
      enableFaultInjection: false,
      volumes: [
        { name: 'data', efsVolumeConfiguration: { ...efsVolumeConfiguration, rootDirectory: '/' } },
        { name: 'scratch', host: {} },
      ],
    };

    expect(isSameDefinition(wanted, shown, tags)).toBe(true);
  });

  test('compares labels of the user that look like a default of AWS', () => {
    const labelled = {
      ...registered,
      containerDefinitions: [{ ...container, dockerLabels: { protocol: 'tcp' } }],
    };
    const wanted = { ...input, containerDefinitions: [{ ...container, dockerLabels: { other: 'x' } }] };
    const both = { ...input, containerDefinitions: [{ ...container, dockerLabels: { protocol: 'tcp' } }] };

    expect(isSameDefinition(wanted, labelled, tags)).toBe(false);
    expect(isSameDefinition(both, labelled, tags)).toBe(true);
  });

  test('returns false for an inactive task definition', () => {
    expect(isSameDefinition(input, { ...registered, status: 'INACTIVE' }, tags)).toBe(false);
  });

  test('returns true for every definition that was registered', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { maxLength: 4 }),
        fc.option(fc.nat({ max: 65_535 }), { nil: undefined }),
        fc.boolean(),
        (variables, containerPort, essential) => {
          const cloud = new SimulatedCloud();
          const environment = variables.map(([name, value]) => ({ name, value }));
          const portMappings = containerPort === undefined ? [] : [{ containerPort }];
          const other = { ...container, name: 'side', essential, environment, portMappings };
          const wanted = { ...input, containerDefinitions: [{ ...container }, other] };
          cloud.ecs.addTaskDefinition(structuredClone(wanted));
          const [shown = {}] = cloud.ecs.taskDefinitions('web');
          return isSameDefinition(wanted, shown, input.tags);
        },
      ),
    );
  });
});
