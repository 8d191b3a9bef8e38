import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { httpSpec, makePipelineWorld, pipeline, tcpSpec } from '../support/pipeline-world.js';

const orders = { meshName: 'shop', virtualRouterName: 'orders', routeName: 'all' };
const recorded = '/deployments/orders/version';

describe('state machine of the pipeline', () => {
  test('is valid', () => {
    const { isValid, errorsText } = aslValidator(pipeline);
    expect({ isValid, errors: errorsText('\n') }).toEqual({ isValid: true, errors: '' });
  });

  test('deploys, shifts step by step, removes the old version and records the new one', async () => {
    const world = makePipelineWorld();
    const input = world.addMicroservice({ recorded: '1' });

    const { status } = await world.deploy(input);

    expect(status).toBe('SUCCEEDED');
    expect(world.greenPercents()).toEqual([25, 50, 75, 100]);
    expect(world.desiredCounts()).toEqual({ blue: 0, green: 3 });
    expect(world.versions.get(recorded)).toBe('2');
  });

  test('alternates between the two stacks from version to version', async () => {
    const world = makePipelineWorld();
    const input = world.addMicroservice({ recorded: '1' });
    await world.deploy(input);

    await world.deploy({ ...input, version: '3' });

    expect(world.greenPercents()).toEqual([25, 50, 75, 100, 75, 50, 25, 0]);
    expect(world.desiredCounts()).toEqual({ blue: 3, green: 0 });
    expect(world.versions.get(recorded)).toBe('3');
  });

  test("waits between two steps for the microservice's interval", async () => {
    const world = makePipelineWorld();
    await world.deploy({ ...world.addMicroservice({ recorded: '1' }), waitSeconds: 600 });

    const writes = world.cloud.calls.filter(({ action }) => action === 'appmesh:UpdateRoute');
    const pauses = writes.slice(1).map(({ at }, index) => (at - (writes[index]?.at ?? 0)) / 1000);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(600);
    expect(Math.max(...pauses)).toBeLessThan(800);
  });

  test('skips a version that is deployed already', async () => {
    const world = makePipelineWorld();
    const input = world.addMicroservice({ recorded: '2' });

    const { status, states } = await world.deploy(input);

    expect(status).toBe('SUCCEEDED');
    expect(states.at(-1)).toBe('AlreadyDeployed');
    expect(world.greenPercents()).toEqual([]);
    expect(world.desiredCounts()).toEqual({ blue: 2, green: 0 });
  });

  test('shifts a first deployment straight to 100 %', async () => {
    const world = makePipelineWorld();
    const input = world.addMicroservice();

    const { status, states } = await world.deploy(input);

    expect(status).toBe('SUCCEEDED');
    expect(states).not.toContain('Wait');
    expect(world.split()).toEqual({ 'orders-blue': 100 });
    expect(world.greenPercents()).toEqual([]);
    expect(world.desiredCounts()).toEqual({ blue: 3, green: 0 });
    expect(world.versions.get(recorded)).toBe('2');
  });

  test('rolls back, and removes the new version, when it is not healthy', async () => {
    const world = makePipelineWorld();
    const errors = (stack: string) => (stack === 'green' ? 5 : 0);
    const input = world.addMicroservice({ recorded: '1', errors });

    const execution = await world.deploy(input);

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ShiftRolledBack' });
    expect(execution.status === 'FAILED' && execution.cause).toContain('sum of 5xx responses');
    expect(world.greenPercents()).toEqual([25, 0]);
    expect(world.desiredCounts()).toEqual({ blue: 2, green: 0 });
    expect(world.versions.get(recorded)).toBe('1');
  });

  test('shifts nothing when the new version does not start, and removes it', async () => {
    const world = makePipelineWorld();
    const input = world.addMicroservice({ recorded: '1' });
    world.cloud.ecs.breakTaskDefinition('orders-green:2');

    const execution = await world.deploy(input);

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ShiftNotBegun' });
    expect(world.greenPercents()).toEqual([]);
    expect(world.desiredCounts()).toEqual({ blue: 2, green: 0 });
  });

  test('serves several microservices at the same time', async () => {
    const world = makePipelineWorld();
    const good = world.addMicroservice({ name: 'orders', recorded: '1' });
    const bad = world.addMicroservice({ name: 'votes', recorded: '1', errors: () => 1 });

    const [one, other] = await Promise.all([
      world.deploy(good),
      world.deploy({ ...bad, percentStep: 10, waitSeconds: 120 }),
    ]);

    expect([one.status, other.status]).toEqual(['SUCCEEDED', 'FAILED']);
    expect(world.greenPercents('orders')).toEqual([25, 50, 75, 100]);
    expect(world.greenPercents('votes')).toEqual([10, 0]);
  });

  test('uses a function of the user as the health check', async () => {
    const world = makePipelineWorld();
    const seen: unknown[] = [];
    world.cloud.lambda.addFunction({
      name: 'my-health-check',
      handler: (event) => {
        seen.push(event);
        return { healthy: (event as { weights: { green: number } }).weights.green < 50 };
      },
    });
    const input = world.addMicroservice({ recorded: '1', errors: () => 99 });

    const execution = await world.deploy({ ...input, healthCheckFunction: 'my-health-check' });

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ShiftRolledBack' });
    expect(world.greenPercents()).toEqual([25, 50, 0]);
    expect(seen[0]).toMatchObject({ incoming: 'green', payload: { clusterName: 'shop' } });
  });

  test.each([
    ['microservice', { microservice: '' }],
    ['percentStep', { percentStep: '10' }],
    ['blue.virtualNode', { blue: { service: 'x', taskDefinition: 'x:1' } }],
    ['strategy', { percentStep: 0.01 }],
  ])('rejects an input whose %s is wrong, before any write', async (field, change) => {
    const world = makePipelineWorld();
    const input = world.addMicroservice({ recorded: '1' });

    const execution = await world.deploy({ ...input, ...change });

    expect(execution).toMatchObject({ status: 'FAILED', cause: expect.stringContaining(field) });
    expect(world.greenPercents()).toEqual([]);
    expect(world.desiredCounts()).toEqual({ blue: 2, green: 0 });
  });

  test('rejects a route that is split, because another deployment may be running', async () => {
    const world = makePipelineWorld();
    const spec = tcpSpec('orders');
    spec.tcpRoute?.action?.weightedTargets?.push({ virtualNode: 'orders-green', weight: 0 });
    const input = world.addMicroservice({ recorded: '1', spec });
    const targets = world.cloud.appMesh.route(orders).spec.tcpRoute?.action?.weightedTargets;
    targets?.splice(
      0,
      2,
      { virtualNode: 'orders-blue', weight: 60 },
      { virtualNode: 'orders-green', weight: 40 },
    );

    const execution = await world.deploy(input);

    expect(execution).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('is split') });
    expect(world.split()).toEqual({ 'orders-blue': 60, 'orders-green': 40 });
  });
});

describe('faults of the App Mesh pipeline sample', () => {
  test('a TCP rollback routes everything to the unhealthy version: restores the version before', async () => {
    const world = makePipelineWorld();
    const errors = (stack: string) => (stack === 'green' ? 5 : 0);
    const input = world.addMicroservice({ recorded: '1', spec: tcpSpec('orders'), errors });

    const execution = await world.deploy(input);

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ShiftRolledBack' });
    expect(world.split()).toEqual({ 'orders-blue': 100, 'orders-green': 0 });
    expect(world.greenPercents()).toEqual([25, 0]);
  });

  test('no data counts as healthy: rolls back', async () => {
    const world = makePipelineWorld();
    const input = world.addMicroservice({ recorded: '1', errors: () => undefined });

    const execution = await world.deploy(input);

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ShiftRolledBack' });
    expect(world.greenPercents()).toEqual([25, 0]);
  });

  test('the route is rebuilt without its matches and retries: changes only the weights', async () => {
    const world = makePipelineWorld();
    const input = world.addMicroservice({ recorded: '1' });

    await world.deploy(input);

    const before = httpSpec('orders');
    const weightedTargets = [
      { virtualNode: 'orders-blue', weight: 0 },
      { virtualNode: 'orders-green', weight: 100 },
    ];
    expect(world.cloud.appMesh.route(orders).spec).toEqual({
      ...before,
      httpRoute: { ...before.httpRoute, action: { weightedTargets } },
    });
  });

  test('the new version is removed even when the rollback has failed: keeps it, and alerts a person', async () => {
    const world = makePipelineWorld();
    const errors = (stack: string) => (stack === 'green' ? 5 : 0);
    const input = world.addMicroservice({ recorded: '1', errors });
    world.cloud.injectFault({ kind: 'accessDenied', action: 'appmesh:UpdateRoute', atCall: 2, times: 1000 });

    const execution = await world.deploy(input);

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ShiftHalted' });
    expect(world.split()).toEqual({ 'orders-blue': 75, 'orders-green': 25 });
    expect(world.desiredCounts()).toEqual({ blue: 2, green: 3 });
  });

  test('keeps a version that has traffic, even when a function is called by mistake', async () => {
    const world = makePipelineWorld();
    const input = world.addMicroservice({ recorded: '1' });
    const { makeHandler } = await import('../../examples/app-mesh-pipeline/lambdas/remove.js');
    const { clients, clock } = world.cloud;
    const request = { incoming: 'green', strategy: { type: 'allAtOnce' } } as const;

    const removing = makeHandler({ clients, clock })({ task: 'finish', input: { ...input, request } });

    await expect(removing).rejects.toThrow('still sends traffic to blue: expected 0 %, got 100 %');
    expect(world.desiredCounts()).toEqual({ blue: 2, green: 0 });
  });
});
