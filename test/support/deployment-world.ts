import type { SimulatedDeploymentGroupOptions } from '../../src/testing/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';

/** A service behind two target groups and two listeners, which CodeDeploy deploys. Blue has the traffic. */
export function makeDeploymentWorld(
  group: Partial<SimulatedDeploymentGroupOptions> = {},
  cloud = new SimulatedCloud(),
) {
  const loadBalancer = cloud.elasticLoadBalancing.addLoadBalancer({ name: 'orders' });
  const one = cloud.elasticLoadBalancing.addTargetGroup({ name: 'one', targetType: 'ip' }).arn;
  const two = cloud.elasticLoadBalancing.addTargetGroup({ name: 'two', targetType: 'ip' }).arn;
  const listen = (port: number, TargetGroupArn: string) =>
    cloud.elasticLoadBalancing.addListener({
      loadBalancerArn: loadBalancer.arn,
      port,
      protocol: 'HTTP',
      defaultActions: [{ Type: 'forward', TargetGroupArn }],
    }).arn;
  const listenerArn = listen(80, one);
  const testListenerArn = listen(8080, one);
  const service = { cluster: 'orders', service: 'web' };
  const blue = registerTaskDefinition(cloud, { STACK: 'blue' });
  const green = registerTaskDefinition(cloud, { STACK: 'green' });
  cloud.ecs.addService({
    cluster: service.cluster,
    name: service.service,
    desiredCount: 2,
    deploymentController: 'CODE_DEPLOY',
    taskDefinition: blue,
  });
  cloud.codeDeploy.addDeploymentGroup({
    application: 'orders',
    name: 'web',
    service,
    route: { targetGroups: [one, two], listenerArn, testListenerArn },
    deploymentConfig: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
    terminationWaitSeconds: 600,
    autoRollback: true,
    ...group,
  });
  return {
    cloud,
    clients: cloud.clients,
    listenerArn,
    testListenerArn,
    targetGroups: [one, two] as const,
    taskDefinitions: { blue, green },
    service,
    deploy: (taskDefinition: string) =>
      cloud.codeDeploy.startDeployment({ application: 'orders', group: 'web', taskDefinition }),
    /** Waits until a condition holds, for at most two hours. */
    async until(isTrue: () => boolean): Promise<void> {
      for (let second = 0; !isTrue(); second += 1) {
        if (second === 7_200) throw new Error('The condition has not come true within two hours');
        await cloud.clock.sleep(1_000);
      }
    },
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
