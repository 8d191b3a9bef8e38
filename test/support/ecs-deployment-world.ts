import type { SimulatedEcsDeploymentOptions } from '../../src/testing/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { registerTaskDefinition } from './deployment-world.js';

/**
 * A service with two target groups, which ECS deploys itself. Blue has the traffic. The test rule is in the production listener,
 * for requests with a header.
 */
export function makeEcsDeploymentWorld(cloud = new SimulatedCloud()) {
  const { elasticLoadBalancing: balancer } = cloud;
  const loadBalancer = balancer.addLoadBalancer({ name: 'orders' });
  const one = balancer.addTargetGroup({ name: 'one', targetType: 'ip' }).arn;
  const two = balancer.addTargetGroup({ name: 'two', targetType: 'ip' }).arn;
  const { arn: listenerArn } = balancer.addListener({
    loadBalancerArn: loadBalancer.arn,
    defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const addRule = (priority: number, path: string) =>
    balancer.addRule({
      listenerArn,
      priority,
      conditions: [{ Field: 'path-pattern', Values: [path] }],
      actions: [{ Type: 'forward', TargetGroupArn: one }],
    }).arn;
  const testRule = addRule(1, '/test/*');
  const productionRule = addRule(2, '/*');
  const service = { cluster: 'orders', service: 'web' };
  const blue = registerTaskDefinition(cloud, { STACK: 'blue' });
  const green = registerTaskDefinition(cloud, { STACK: 'green' });
  cloud.ecs.addService({
    cluster: service.cluster,
    name: service.service,
    desiredCount: 2,
    taskDefinition: blue,
    settings: {
      loadBalancers: [
        {
          targetGroupArn: one,
          containerName: 'web',
          containerPort: 80,
          advancedConfiguration: {
            alternateTargetGroupArn: two,
            productionListenerRule: productionRule,
            testListenerRule: testRule,
            roleArn: 'arn:aws:iam::123456789012:role/ecs',
          },
        },
      ],
    },
  });
  return {
    cloud,
    clients: cloud.clients,
    service,
    listenerArn,
    rules: { production: productionRule, test: testRule },
    targetGroups: [one, two] as const,
    taskDefinitions: { blue, green },
    deploy: (taskDefinition: string, options: SimulatedEcsDeploymentOptions = {}) =>
      cloud.ecsDeployments.start({
        service,
        taskDefinition,
        strategy: { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
        bakeTimeInMinutes: 10,
        ...options,
      }),
    /** Waits until a condition holds, for at most two hours. */
    async until(isTrue: () => boolean): Promise<void> {
      for (let second = 0; !isTrue(); second += 1) {
        if (second === 7_200) throw new Error('The condition has not come true within two hours');
        await cloud.clock.sleep(1_000);
      }
    },
  };
}
