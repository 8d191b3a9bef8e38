import { describe, expect, test } from 'vitest';
import { loadDefinitions } from '../../../../src/ecs-rollout/index.js';
import { definitionFiles } from '../../../support/definition-files.js';

const files = definitionFiles();

const service = { desiredCount: 2 };
const taskDefinition = { family: 'web', containerDefinitions: [{ name: 'app', image: 'shop/web:1' }] };

const describedTaskDefinition = {
  taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7',
  ...taskDefinition,
  revision: 7,
  volumes: [],
  status: 'ACTIVE',
  requiresAttributes: [{ name: 'com.amazonaws.ecs.capability.docker-remote-api.1.18' }],
  placementConstraints: [],
  compatibilities: ['EC2', 'FARGATE'],
  requiresCompatibilities: ['FARGATE'],
  registeredAt: '2026-01-01T00:00:00+00:00',
  registeredBy: 'arn:aws:iam::123456789012:user/web',
};
const describedService = {
  serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/shop/web',
  serviceName: 'web',
  clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop',
  status: 'ACTIVE',
  desiredCount: 2,
  runningCount: 2,
  pendingCount: 0,
  launchType: 'FARGATE',
  deployments: [],
  events: [],
  createdAt: '2026-01-01T00:00:00+00:00',
};

async function messageFor(given: { service?: unknown; taskDefinition?: unknown }): Promise<string> {
  const folder = await files.put({ service, taskDefinition, ...given });
  const error: unknown = await loadDefinitions(folder, { env: {} }).catch((thrown: unknown) => thrown);
  return String(error).replace(folder, 'deploy');
}

describe('loadDefinitions', () => {
  describe('with the output of an AWS CLI command', () => {
    test.each<[string, object, string]>([
      [
        'the content of describe-task-definition',
        { taskDefinition: describedTaskDefinition },
        'task-definition.json: the file is the output of describe-task-definition; remove taskDefinitionArn, revision, status, requiresAttributes, compatibilities, registeredAt and registeredBy, which register-task-definition does not take',
      ],
      [
        'one member of it',
        { taskDefinition: { ...taskDefinition, revision: 7 } },
        'task-definition.json: the file is the output of describe-task-definition; remove revision, which register-task-definition does not take',
      ],
      [
        'all of describe-task-definition',
        { taskDefinition: { taskDefinition: describedTaskDefinition, tags: [] } },
        'task-definition.json: the file is the output of describe-task-definition; use the content of taskDefinition as the input of register-task-definition',
      ],
      [
        'the content of describe-services',
        { service: describedService },
        'service.json: the file is the output of describe-services; remove serviceArn, clusterArn, status, runningCount, pendingCount, deployments, events and createdAt, which create-service does not take',
      ],
      [
        'all of describe-services',
        { service: { services: [describedService], failures: [] } },
        'service.json: the file is the output of describe-services; use the content of services[0] as the input of create-service',
      ],
    ])('throws InvalidInputError that names the command: %s', async (_, given, sentence) => {
      expect(await messageFor(given)).toBe(`InvalidInputError: Invalid definitions in deploy: ${sentence}`);
    });

    test('names other problems of the same file, too', async () => {
      const message = await messageFor({ taskDefinition: { ...describedTaskDefinition, cpuu: '256' } });

      expect(message).toContain('the output of describe-task-definition; remove');
      expect(message).toContain('task-definition.json: cpuu: unknown field; did you mean cpu?');
    });

    test('accepts the file without those members', async () => {
      const {
        taskDefinitionArn: _arn,
        revision: _revision,
        status: _status,
        requiresAttributes: _attributes,
        compatibilities: _compatibilities,
        registeredAt: _at,
        registeredBy: _by,
        ...rest
      } = describedTaskDefinition;
      const folder = await files.put({ service, taskDefinition: rest });

      await expect(loadDefinitions(folder, { env: {} })).resolves.toMatchObject({ taskDefinition: rest });
    });
  });
});
