import { DescribeRouteCommand, type RouteSpec, type WeightedTarget } from '@aws-sdk/client-app-mesh';
import { beforeEach, describe, expect, test } from 'vitest';
import { AppMeshRouteTarget } from '../../src/traffic/targets/app-mesh-route.js';
import { routeSpecs } from '../contract/app-mesh-route.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedRoute } from './seed/app-mesh.js';

const name = { meshName: 'shop', virtualRouterName: 'orders', routeName: 'all' };

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

function createTarget() {
  return new AppMeshRouteTarget({
    ...name,
    blue: { virtualNode: 'orders-blue', port: 8080 },
    green: { virtualNode: 'orders-green', port: 8080 },
    clients: backend.clients,
    clock: backend.clock,
  });
}

function targetsOf(blue: number, green: number): WeightedTarget[] {
  return [
    { virtualNode: 'orders-blue', weight: blue, port: 8080 },
    { virtualNode: 'orders-green', weight: green, port: 8080 },
  ];
}

async function liveSpec(): Promise<RouteSpec | undefined> {
  return (await backend.clients.appMesh.send(new DescribeRouteCommand(name))).route?.spec;
}

describe('AppMeshRouteTarget', () => {
  test.each(Object.entries(routeSpecs))(
    'changes the weights of an %s, and nothing else',
    async (_, makeSpec) => {
      await seedRoute(backend, { ...name, spec: makeSpec(targetsOf(90, 10)) });
      const seeded = await liveSpec();
      const target = createTarget();

      expect(await target.readWeights()).toEqual({ blue: 90, green: 10 });
      for (const green of [1, 50, 99, 100, 10]) {
        await target.writeWeights({ blue: 100 - green, green });

        expect(await target.readWeights()).toEqual({ blue: 100 - green, green });
      }

      expect(await liveSpec()).toEqual(seeded);
    },
  );

  test('adds a node that is missing', async () => {
    const spec = {
      httpRoute: { action: { weightedTargets: targetsOf(1, 0).slice(0, 1) }, match: { prefix: '/' } },
    };
    await seedRoute(backend, { ...name, spec });
    const target = createTarget();

    expect(await target.readWeights()).toEqual({ blue: 100, green: 0 });
    await target.writeWeights({ blue: 90, green: 10 });

    expect(await target.readWeights()).toEqual({ blue: 90, green: 10 });
    expect((await liveSpec())?.httpRoute?.action?.weightedTargets).toEqual(targetsOf(90, 10));
  });
});
