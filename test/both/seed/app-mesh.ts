import {
  CreateMeshCommand,
  CreateRouteCommand,
  CreateVirtualRouterCommand,
  type RouteSpec,
} from '@aws-sdk/client-app-mesh';
import type { Backend } from '../../support/backend.js';

/** Creates a route with its mesh and its virtual router. */
export async function seedRoute(
  { cloud, clients }: Backend,
  route: {
    readonly meshName: string;
    readonly virtualRouterName: string;
    readonly routeName: string;
    readonly spec: RouteSpec;
  },
): Promise<void> {
  if (cloud !== undefined) {
    cloud.appMesh.addRoute(route);
    return;
  }
  const { meshName, virtualRouterName } = route;
  await clients.appMesh.send(new CreateMeshCommand({ meshName }));
  await clients.appMesh.send(
    new CreateVirtualRouterCommand({
      meshName,
      virtualRouterName,
      spec: { listeners: [{ portMapping: { port: 8080, protocol: 'http' } }] },
    }),
  );
  await clients.appMesh.send(new CreateRouteCommand(route));
}
