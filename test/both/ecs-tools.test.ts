import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceNotFoundError } from '../../src/core/index.js';
import { EcsTools } from '../../src/ecs/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedService } from './seed/ecs.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
  await seedService(backend, { cluster: 'shop', name: 'blue', desiredCount: 2 });
  await seedService(backend, { cluster: 'shop', name: 'green', desiredCount: 0 });
});

function createTools(options: { blue?: { cluster: string; service: string } } = {}) {
  return new EcsTools({
    blue: { cluster: 'shop', service: 'blue', ...options.blue, desiredCount: 2 },
    green: { cluster: 'shop', service: 'green', desiredCount: 2 },
    clients: backend.clients,
    clock: backend.clock,
  });
}

async function readService(name: string) {
  const { services } = await backend.clients.ecs.send(
    new DescribeServicesCommand({ cluster: 'shop', services: [name] }),
  );
  return services?.[0];
}

describe('EcsTools', () => {
  test('enables one stack and disables the other', async () => {
    const tools = createTools();

    await tools.enableService('green');
    await tools.disableService('blue');

    expect(await readService('green')).toMatchObject({ desiredCount: 2 });
    expect(await readService('blue')).toMatchObject({ desiredCount: 0 });
  });

  test('reads the desired count of an enabled and of a disabled service', async () => {
    const tools = createTools();

    await tools.enableService('green', { desiredCount: 3 });
    await tools.disableService('blue');

    expect(await tools.getServiceCounts('green')).toMatchObject({ desiredCount: 3, scaling: 'none' });
    expect(await tools.getServiceCounts('blue')).toMatchObject({ desiredCount: 0, enabledCount: 2 });
  });

  test('succeeds when repeated', async () => {
    const tools = createTools();
    await tools.disableService('blue');
    await tools.disableService('blue');

    await tools.enableService('blue');
    await tools.enableService('blue');

    expect(await readService('blue')).toMatchObject({ desiredCount: 2 });
  });

  test('accepts ARNs of the cluster and the service', async () => {
    const { clusterArn = '', serviceArn = '' } = (await readService('blue')) ?? {};

    await createTools({ blue: { cluster: clusterArn, service: serviceArn } }).disableService('blue');

    expect(await readService('blue')).toMatchObject({ desiredCount: 0 });
  });

  test('waits until the enabled service is stable', async () => {
    const tools = createTools();
    await tools.enableService('green');

    const stable = await tools.waitForServiceStable('green');

    expect(stable).toMatchObject({ taskDefinition: expect.stringMatching(/\/green:1$/), runningCount: 2 });
  });

  test.each([
    { cluster: 'shop', service: 'brown' },
    { cluster: 'shed', service: 'blue' },
  ])('throws ResourceNotFoundError for $cluster/$service', async (blue) => {
    await expect(createTools({ blue }).disableService('blue')).rejects.toThrowError(ResourceNotFoundError);
  });
});
