import {
  DescribeRouteCommand,
  type RouteSpec,
  UpdateRouteCommand,
  type WeightedTarget,
} from '@aws-sdk/client-app-mesh';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud, type SimulatedRoute } from '../../../../../src/testing/index.js';

const name = { meshName: 'shop', virtualRouterName: 'orders', routeName: 'all' };

let cloud: SimulatedCloud;
let route: SimulatedRoute;

beforeEach(() => {
  cloud = new SimulatedCloud();
  route = cloud.appMesh.addRoute({ ...name, spec: specOf({ virtualNode: 'one', weight: 1 }) });
});

function specOf(...weightedTargets: WeightedTarget[]): RouteSpec {
  return { tcpRoute: { action: { weightedTargets } } };
}

const update = (input: Partial<ConstructorParameters<typeof UpdateRouteCommand>[0]>) =>
  cloud.clients.appMesh.send(new UpdateRouteCommand({ ...name, spec: route.spec, ...input }));

describe('SimulatedAppMesh', () => {
  test('replaces the whole spec on an update', async () => {
    await cloud.clock.sleep(1000);
    const spec = specOf({ virtualNode: 'one', weight: 60 }, { virtualNode: 'two', weight: 40 });

    await update({ spec });

    const answer = await cloud.clients.appMesh.send(new DescribeRouteCommand(name));
    expect(answer.route).toMatchObject({
      ...name,
      spec,
      status: { status: 'ACTIVE' },
      metadata: { version: 2, lastUpdatedAt: new Date(cloud.clock.now()) },
    });
    expect(cloud.appMesh.route(name).version).toBe(2);
  });

  test('returns the live split in percent', () => {
    route.spec = specOf(
      { virtualNode: 'one', weight: 1, port: 80 },
      { virtualNode: 'one', weight: 1, port: 81 },
      { virtualNode: 'two', weight: 2 },
    );

    expect(cloud.appMesh.liveSplit(name)).toEqual({ one: 50, two: 50 });
  });

  test('returns shares of 0 for a route without weights', () => {
    route.spec = specOf({ virtualNode: 'one', weight: 0 });

    expect(cloud.appMesh.liveSplit(name)).toEqual({ one: 0 });
  });

  test.each([
    ['a mesh', { meshName: 'other' }],
    ['a router', { virtualRouterName: 'other' }],
    ['a route', { routeName: 'other' }],
    ['an owner', { meshOwner: '999999999999' }],
  ])('throws NotFoundException for a missing %s', async (_, other) => {
    await expect(update(other)).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test.each<[string, RouteSpec]>([
    ['no kind of route', {}],
    [
      'two kinds of route',
      { ...specOf({ virtualNode: 'a', weight: 1 }), httpRoute: { action: undefined, match: {} } },
    ],
    ['no target', specOf()],
    [
      'eleven targets',
      specOf(...Array.from({ length: 11 }, (_, index) => ({ virtualNode: `n${index}`, weight: 1 }))),
    ],
    ['a fraction', specOf({ virtualNode: 'a', weight: 0.5 })],
    ['a negative weight', specOf({ virtualNode: 'a', weight: -1 })],
    ['a weight above 100', specOf({ virtualNode: 'a', weight: 101 })],
    [
      'weights above 100 together',
      specOf({ virtualNode: 'a', weight: 60 }, { virtualNode: 'b', weight: 41 }),
    ],
    ['no weight', specOf({ virtualNode: 'a', weight: undefined })],
    ['no node', specOf({ virtualNode: '', weight: 1 })],
    ['a port that does not exist', specOf({ virtualNode: 'a', weight: 1, port: 70_000 })],
  ])('refuses %s', async (_, spec) => {
    await expect(update({ spec })).rejects.toMatchObject({ name: 'BadRequestException' });
    expect(route.version).toBe(1);
  });

  test('treats requests with the same client token as one', async () => {
    const spec = specOf({ virtualNode: 'two', weight: 1 });
    await update({ spec, clientToken: 'first' });
    route.spec = specOf({ virtualNode: 'three', weight: 1 });

    await update({ spec, clientToken: 'first' });

    expect(route.spec).toEqual(specOf({ virtualNode: 'three', weight: 1 }));
    await expect(update({ clientToken: 'first' })).rejects.toMatchObject({ name: 'ConflictException' });
  });

  test.each(['a'.repeat(37), 'with space'])('refuses the client token %s', async (clientToken) => {
    await expect(update({ clientToken })).rejects.toMatchObject({ name: 'BadRequestException' });
  });
});
