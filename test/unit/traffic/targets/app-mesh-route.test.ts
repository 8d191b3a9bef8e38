import type { RouteSpec, WeightedTarget } from '@aws-sdk/client-app-mesh';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import {
  InvalidInputError,
  ResourceStateError,
  UnexpectedResponseError,
} from '../../../../src/core/errors.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  AppMeshRouteTarget,
  type AppMeshRouteTargetOptions,
} from '../../../../src/traffic/targets/app-mesh-route.js';

const name = { meshName: 'shop', virtualRouterName: 'orders', routeName: 'all' };

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function makeTarget(options: Partial<AppMeshRouteTargetOptions> = {}) {
  return new AppMeshRouteTarget({
    ...name,
    blue: { virtualNode: 'orders-blue' },
    green: { virtualNode: 'orders-green' },
    clients: cloud.clients,
    ...options,
  } as AppMeshRouteTargetOptions);
}

function addRoute(...weightedTargets: WeightedTarget[]) {
  return cloud.appMesh.addRoute({ ...name, spec: specOf(weightedTargets) });
}

function specOf(weightedTargets: WeightedTarget[]): RouteSpec {
  return { httpRoute: { action: { weightedTargets }, match: { prefix: '/' } } };
}

const blue = (weight: number, port?: number): WeightedTarget => ({
  virtualNode: 'orders-blue',
  weight,
  ...(port !== undefined && { port }),
});
const green = (weight: number, port?: number): WeightedTarget => ({
  virtualNode: 'orders-green',
  weight,
  ...(port !== undefined && { port }),
});
const updates = () => cloud.calls.filter(({ action }) => action === 'appmesh:UpdateRoute');

describe('Class: AppMeshRouteTarget', () => {
  describe('constructor', () => {
    test('names every invalid option', () => {
      const make = () => makeTarget({ meshName: '', blue: { virtualNode: 'a', port: 0 } });

      expect(make).toThrowError(InvalidInputError);
      expect(make).toThrowError(/meshName.*blue\.port|blue\.port.*meshName/);
    });

    test.each([
      ['the same node', { virtualNode: 'a' }, { virtualNode: 'a' }],
      ['the same port', { virtualNode: 'a', port: 80 }, { virtualNode: 'a', port: 80 }],
      ['one port only', { virtualNode: 'a', port: 80 }, { virtualNode: 'a' }],
    ])('throws InvalidInputError for stacks that are the same node: %s', (_, one, other) => {
      expect(() => makeTarget({ blue: one, green: other })).toThrowError(InvalidInputError);
    });

    test('accepts two ports of one node as two stacks', async () => {
      addRoute({ virtualNode: 'a', weight: 30, port: 80 }, { virtualNode: 'a', weight: 70, port: 81 });
      const target = makeTarget({
        blue: { virtualNode: 'a', port: 80 },
        green: { virtualNode: 'a', port: 81 },
      });

      expect(await target.readWeights()).toEqual({ blue: 30, green: 70 });
    });
  });

  describe('Method: readWeights', () => {
    test('reads weights as a ratio', async () => {
      addRoute(blue(3), green(1));

      expect(await makeTarget().readWeights()).toEqual({ blue: 75, green: 25 });
    });

    test('reads a route of a shared mesh', async () => {
      cloud.appMesh.addRoute({ ...name, meshOwner: '999999999999', spec: specOf([blue(1)]) });

      expect(await makeTarget({ meshOwner: '999999999999' }).readWeights()).toEqual({ blue: 100, green: 0 });
      await expect(makeTarget().readWeights()).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        cause: { name: 'NotFoundException' },
      });
    });

    test('throws ResourceStateError when no stack receives traffic', async () => {
      addRoute(blue(0), green(0));

      await expect(makeTarget().readWeights()).rejects.toThrowError(
        /Neither stack gets any traffic: expected a weight above 0, got orders-blue with 0, orders-green with 0/,
      );
    });

    test('throws ResourceStateError for a different port', async () => {
      addRoute(blue(90, 8080), green(10, 9090));
      const target = makeTarget({
        blue: { virtualNode: 'orders-blue', port: 8080 },
        green: { virtualNode: 'orders-green', port: 8080 },
      });

      await expect(target.readWeights()).rejects.toThrowError(
        /expected orders-blue:8080 and orders-green:8080 alone, got orders-blue:8080, orders-green:9090/,
      );
    });

    test('throws ResourceStateError for two destinations of one stack', async () => {
      addRoute(blue(50, 8080), blue(40, 9090), green(10));

      await expect(makeTarget().readWeights()).rejects.toThrowError(ResourceStateError);
    });

    test('throws ResourceStateError for another destination without traffic', async () => {
      addRoute(blue(90), green(10), { virtualNode: 'orders-old', weight: 0 });

      await expect(makeTarget().readWeights()).rejects.toThrowError(ResourceStateError);
    });

    test.each<[string, RouteSpec | undefined]>([
      ['route.spec', undefined],
      ['one of httpRoute, http2Route, grpcRoute, tcpRoute', {}],
      ['action.weightedTargets', { tcpRoute: { action: { weightedTargets: undefined } } }],
      [
        'weight',
        { tcpRoute: { action: { weightedTargets: [{ virtualNode: 'orders-blue', weight: undefined }] } } },
      ],
    ])('throws UnexpectedResponseError when the response lacks %s', async (field, spec) => {
      vi.spyOn(cloud.clients.appMesh, 'send').mockImplementation(async () => ({ route: { spec } }));

      const reading = makeTarget().readWeights();

      await expect(reading).rejects.toThrowError(UnexpectedResponseError);
      await expect(reading).rejects.toThrowError(`the field ${field}`);
    });

    test('names the permission when App Mesh words the denial differently', async () => {
      addRoute(blue(1));
      const refused = Object.assign(new Error('no'), { name: 'ForbiddenException', $fault: 'client' });
      cloud.injectFault({ kind: refused });

      await expect(makeTarget().readWeights()).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
        action: 'appmesh:DescribeRoute',
      });
    });
  });

  describe('Method: writeWeights', () => {
    test('adds a missing node with its port, after the present one', async () => {
      const route = addRoute(blue(1, 8080));

      await makeTarget({ green: { virtualNode: 'orders-green', port: 8081 } }).writeWeights({
        blue: 99,
        green: 1,
      });

      expect(route.spec).toEqual(specOf([blue(99, 8080), green(1, 8081)]));
    });

    test('keeps a node without traffic, and the ports and the order', async () => {
      const route = addRoute(green(40, 8081), blue(60, 8080));

      await makeTarget().writeWeights({ blue: 0, green: 100 });

      expect(route.spec).toEqual(specOf([green(100, 8081), blue(0, 8080)]));
    });

    test('keeps the numbers when they already have the wanted ratio', async () => {
      const route = addRoute(blue(1), green(1));

      await makeTarget().writeWeights({ blue: 50, green: 50 });

      expect(route.spec).toEqual(specOf([blue(1), green(1)]));
    });

    test('writes although the wanted weights were read, because the reading may be stale', async () => {
      const route = addRoute(blue(100), green(0));
      const target = makeTarget();
      await target.readWeights();
      route.spec = specOf([blue(90), green(10)]);

      await target.writeWeights({ blue: 100, green: 0 });

      expect(route.spec).toEqual(specOf([blue(100), green(0)]));
    });

    test('restores a ratio that is not a whole percent', async () => {
      const route = addRoute(blue(2), green(1));
      const target = makeTarget();
      const initial = await target.readWeights();
      await target.writeWeights({ blue: 0, green: 100 });

      await target.writeWeights(initial);

      expect(route.spec).toEqual(specOf([blue(2), green(1)]));
      expect(await target.readWeights()).toEqual(initial);
    });

    test('sends a new token of at most 36 characters with every write', async () => {
      addRoute(blue(1));
      const target = makeTarget();

      await target.writeWeights({ blue: 90, green: 10 });
      await target.writeWeights({ blue: 80, green: 20 });

      const tokens = updates().map(({ input }) => (input as { clientToken: string }).clientToken);
      expect(new Set(tokens).size).toBe(2);
      expect(tokens.every((token) => /^[\w-]{1,36}$/.test(token))).toBe(true);
    });

    test('does not undo an external write when it retries after a lost response', async () => {
      const route = addRoute(blue(100));
      const target = makeTarget();
      await target.readWeights();
      cloud.injectFault({ kind: 'lostResponse', action: 'appmesh:UpdateRoute' });
      cloud.clients.appMesh.middlewareStack.add(
        (next, context) => async (args) => {
          try {
            return await next(args);
          } finally {
            if ('commandName' in context && context['commandName'] === 'UpdateRouteCommand')
              route.spec = specOf([blue(60), green(40)]);
          }
        },
        { step: 'finalizeRequest', priority: 'low', name: 'externalWrite' },
      );

      await target.writeWeights({ blue: 90, green: 10 });

      expect(route.spec).toEqual(specOf([blue(60), green(40)]));
      expect(updates()).toHaveLength(2);
    });

    test('logs the change of the weights', async () => {
      addRoute(blue(100));
      const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

      await makeTarget({ logger }).writeWeights({ blue: 90, green: 10 });

      expect(logger.info.mock.calls).toEqual([
        [
          'Changed traffic weights',
          {
            resource: 'App Mesh route shop/orders/all',
            from: 'blue 100 %, green 0 %',
            to: 'blue 90 %, green 10 %',
            durationMs: expect.any(Number),
          },
        ],
      ]);
    });
  });

  describe('Method: nearestWeights', () => {
    test.each([
      [0.001, 1],
      [0, 0],
      [99.9, 99],
      [12.5, 12.5],
      [10.4, 10.416_666_666_666_668],
    ])('returns for %f %%: %f %%', (wanted, held) => {
      expect(makeTarget().nearestWeights({ blue: 100 - wanted, green: wanted }).green).toBeCloseTo(held, 1);
    });
  });

  describe('regressions of the App Mesh pipeline', () => {
    const rest = {
      priority: 3,
      tcpRoute: { match: { port: 5432 }, timeout: { idle: { unit: 's', value: 9 } } },
    } as const;
    const tcpSpec = (weightedTargets: WeightedTarget[]): RouteSpec => ({
      ...rest,
      tcpRoute: { ...rest.tcpRoute, action: { weightedTargets } },
    });

    test('rolls back a TCP route to the outgoing version', async () => {
      const route = cloud.appMesh.addRoute({ ...name, spec: tcpSpec([blue(100)]) });
      const target = makeTarget();
      const initial = await target.readWeights();
      await target.writeWeights({ blue: 50, green: 50 });

      await target.writeWeights(initial);

      expect(cloud.appMesh.liveSplit(name)).toEqual({ 'orders-blue': 100, 'orders-green': 0 });
      expect(route.spec).toEqual(tcpSpec([blue(100), green(0)]));
    });

    test('keeps the rest of the specification', async () => {
      const route = cloud.appMesh.addRoute({ ...name, spec: tcpSpec([blue(100), green(0)]) });

      await makeTarget().writeWeights({ blue: 75, green: 25 });

      expect(route.spec).toEqual(tcpSpec([blue(75), green(25)]));
    });
  });
});
