import {
  CreateClusterCommand,
  CreateServiceCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import type { Backend } from '../../support/backend.js';

/** Creates a service, its cluster and its task definition. */
export async function seedService(
  { cloud, clients }: Backend,
  options: { cluster: string; name: string; desiredCount: number },
): Promise<void> {
  if (cloud !== undefined) {
    cloud.ecs.addService(options);
    return;
  }
  await clients.ecs.send(new CreateClusterCommand({ clusterName: options.cluster }));
  await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: options.name,
      containerDefinitions: [{ name: 'main', image: 'busybox', memory: 128 }],
    }),
  );
  await clients.ecs.send(
    new CreateServiceCommand({
      cluster: options.cluster,
      serviceName: options.name,
      taskDefinition: options.name,
      desiredCount: options.desiredCount,
    }),
  );
}
