import type { SimulatedDeploymentGroupOptions, SimulatedWebService } from '../../src/testing/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';

/** A service behind two target groups and two listeners, which CodeDeploy deploys. Blue has the traffic. */
export function makeDeploymentWorld(
  group: Partial<SimulatedDeploymentGroupOptions> = {},
  cloud = new SimulatedCloud(),
) {
  const service = { cluster: 'orders', service: 'web' };
  const { route, register } = cloud.addWebService({ ...service, deployedBy: 'CODE_DEPLOY' });
  cloud.codeDeploy.addDeploymentGroup({
    application: 'orders',
    name: 'web',
    service,
    route,
    deploymentConfig: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
    terminationWaitSeconds: 600,
    autoRollback: true,
    ...group,
  });
  return {
    cloud,
    clients: cloud.clients,
    ...route,
    testListenerArn: route.testListenerArn ?? '',
    taskDefinitions: taskDefinitionsOf(cloud, register),
    service,
    deploy: (taskDefinition: string) =>
      cloud.codeDeploy.startDeployment({ application: 'orders', group: 'web', taskDefinition }),
    until: untilIn(cloud),
  };
}

/** Returns the task definition of the running tasks, which are bound to blue, and one that is bound to green. */
export function taskDefinitionsOf(cloud: SimulatedCloud, register: SimulatedWebService['register']) {
  const { deployments, taskSets } = cloud.ecs.service('orders', 'web');
  return { blue: (deployments[0] ?? taskSets[0])?.taskDefinition ?? '', green: register('green') };
}

/** Returns a function that waits until a condition holds, for at most two hours. */
export function untilIn({ clock }: SimulatedCloud) {
  return async (isTrue: () => boolean): Promise<void> => {
    for (let second = 0; !isTrue(); second += 1) {
      if (second === 7_200) throw new Error('The condition has not come true within two hours');
      await clock.sleep(1_000);
    }
  };
}

/** Registers a revision of the family web, whose containers have these variables. Returns its ARN. */
export function registerTaskDefinition(
  cloud: SimulatedCloud,
  ...containers: Readonly<Record<string, string>>[]
): string {
  return cloud.ecs.addTaskDefinition({
    family: 'web',
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: containers.map((variables, index) => ({
      name: index === 0 ? 'web' : `sidecar-${index}`,
      image: 'web',
      environment: Object.entries(variables).map(([name, value]) => ({ name, value })),
    })),
  });
}
