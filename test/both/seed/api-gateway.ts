import {
  CreateDeploymentCommand,
  CreateRestApiCommand,
  GetResourcesCommand,
  PutIntegrationCommand,
  PutMethodCommand,
} from '@aws-sdk/client-api-gateway';
import type { Backend } from '../../support/backend.js';

/** Stage with a deployment of its own, and a second deployment of the same API. */
export interface SeededStage {
  readonly restApiId: string;
  readonly stageName: string;
  readonly own: string;
  readonly second: string;
}

const stageName = 'prod';

/** Creates a REST API with two deployments, the first of which has a stage. */
export async function seedStage({ cloud, clients }: Backend): Promise<SeededStage> {
  if (cloud !== undefined) {
    const [own, second] = ['first1', 'second2'] as const;
    const restApiId = 'a1b2c3d4e5';
    cloud.apiGateway.addStage({ restApiId, stageName, deployments: [own, second], deploymentId: own });
    return { restApiId, stageName, own, second };
  }
  const client = clients.apiGateway;
  const { id: restApiId = '' } = await client.send(new CreateRestApiCommand({ name: 'orders' }));
  const { items = [] } = await client.send(new GetResourcesCommand({ restApiId }));
  const method = { restApiId, resourceId: items[0]?.id, httpMethod: 'GET' };
  await client.send(new PutMethodCommand({ ...method, authorizationType: 'NONE' }));
  await client.send(new PutIntegrationCommand({ ...method, type: 'MOCK' }));
  const { id: own = '' } = await client.send(new CreateDeploymentCommand({ restApiId, stageName }));
  const { id: second = '' } = await client.send(new CreateDeploymentCommand({ restApiId }));
  return { restApiId, stageName, own, second };
}
