import type { HttpRoute, RouteSpec, TcpRoute, WeightedTarget } from '@aws-sdk/client-app-mesh';
import { SimulatedCloud } from '../../src/testing/index.js';
import { AppMeshRouteTarget } from '../../src/traffic/targets/app-mesh-route.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

/** A route of each kind, with everything that it can have besides its targets. */
export const routeSpecs: Readonly<Record<string, (weightedTargets: WeightedTarget[]) => RouteSpec>> = {
  httpRoute: (weightedTargets) => ({ priority: 7, httpRoute: httpRoute(weightedTargets) }),
  http2Route: (weightedTargets) => ({ http2Route: httpRoute(weightedTargets) }),
  grpcRoute: (weightedTargets) => ({
    priority: 0,
    grpcRoute: {
      action: { weightedTargets },
      match: { serviceName: 'orders.Orders', metadata: [{ name: 'tenant', match: { prefix: 'a' } }] },
      retryPolicy: {
        maxRetries: 2,
        perRetryTimeout: { unit: 's', value: 3 },
        grpcRetryEvents: ['unavailable'],
      },
      timeout: { idle: { unit: 's', value: 60 } },
    },
  }),
  tcpRoute: (weightedTargets) => ({ tcpRoute: tcpRoute(weightedTargets) }),
};

/** Sets up an App Mesh route of one kind for the contract suite. */
export function setUpAppMeshRoute(kind: string) {
  return ({ blue, green }: TrafficWeights): TargetSetUp => {
    const cloud = new SimulatedCloud();
    const name = { meshName: 'shop', virtualRouterName: 'orders', routeName: 'all' };
    const makeSpec = routeSpecs[kind];
    if (makeSpec === undefined) throw new TypeError(`There is no ${kind}`);
    const pair = (weights: TrafficWeights): WeightedTarget[] => [
      { virtualNode: 'orders-blue', weight: weights.blue, port: 8080 },
      { virtualNode: 'orders-green', weight: weights.green, port: 8080 },
    ];
    const route = cloud.appMesh.addRoute({ ...name, spec: makeSpec(pair({ blue, green })) });
    return {
      cloud,
      target: new AppMeshRouteTarget({
        ...name,
        blue: { virtualNode: 'orders-blue', port: 8080 },
        green: { virtualNode: 'orders-green', port: 8080 },
        clients: cloud.clients,
        clock: cloud.clock,
        logger: brokenLogger,
      }),
      readRaw: () => route.spec,
      withoutWeights: (spec) => JSON.parse(JSON.stringify(spec).replaceAll(/"weight":\d+/g, '"weight":0')),
      externalWrite: (weights) => {
        route.spec = makeSpec(pair(weights));
      },
      addForeignDestination: () => {
        route.spec = makeSpec([...pair({ blue: 80, green: 10 }), { virtualNode: 'orders-old', weight: 10 }]);
      },
      removeDestination: (stack) => {
        const { virtualNode } = {
          blue: { virtualNode: 'orders-blue' },
          green: { virtualNode: 'orders-green' },
        }[stack];
        route.spec = makeSpec(pair({ blue: 50, green: 50 }).filter((it) => it.virtualNode !== virtualNode));
      },
    };
  };
}

function httpRoute(weightedTargets: WeightedTarget[]): HttpRoute {
  return {
    action: { weightedTargets },
    match: {
      prefix: '/orders',
      method: 'GET',
      scheme: 'https',
      headers: [{ name: 'tenant', invert: true, match: { range: { start: 1, end: 9 } } }],
      queryParameters: [{ name: 'page', match: { exact: '1' } }],
    },
    retryPolicy: {
      maxRetries: 3,
      perRetryTimeout: { unit: 'ms', value: 250 },
      httpRetryEvents: ['server-error', 'gateway-error'],
      tcpRetryEvents: ['connection-error'],
    },
    timeout: { idle: { unit: 's', value: 30 }, perRequest: { unit: 's', value: 15 } },
  };
}

function tcpRoute(weightedTargets: WeightedTarget[]): TcpRoute {
  return {
    action: { weightedTargets },
    match: { port: 5432 },
    timeout: { idle: { unit: 's', value: 300 } },
  };
}
