import type { SimulatedEcsDeploymentOptions } from '../../src/testing/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { taskDefinitionsOf, untilIn } from './deployment-world.js';

/**
 * A service with two target groups, which ECS deploys itself. Blue has the traffic. The test rule is in the production listener.
 */
export function makeEcsDeploymentWorld(cloud = new SimulatedCloud()) {
  const service = { cluster: 'orders', service: 'web' };
  const { listenerArn, route, rules, register } = cloud.addWebService(service);
  if (rules === undefined) throw new Error('The service has no rules');
  return {
    cloud,
    clients: cloud.clients,
    service,
    listenerArn,
    rules,
    targetGroups: route.targetGroups,
    taskDefinitions: taskDefinitionsOf(cloud, register),
    deploy: (taskDefinition: string, options: SimulatedEcsDeploymentOptions = {}) =>
      cloud.ecsDeployments.start({
        service,
        taskDefinition,
        strategy: { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
        bakeTimeInMinutes: 10,
        ...options,
      }),
    until: untilIn(cloud),
  };
}
