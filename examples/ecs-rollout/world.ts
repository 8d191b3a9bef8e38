import { fileURLToPath } from 'node:url';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';

/** Folder of `service.json` and `task-definition.json`. */
export const definitionFolder = fileURLToPath(new URL('deploy', import.meta.url));

/** An empty cluster behind two simulated load balancers. */
export interface World {
  readonly cloud: SimulatedCloud;
  readonly targetGroupArns: readonly string[];
  /** Returns the values of the placeholders, with an image of this version. */
  environment(version: string): Record<string, string>;
}

/** Creates the simulated resources. */
export function makeWorld(): World {
  const cloud = new SimulatedCloud({ latencyMilliseconds: 50 });
  cloud.ecs.addCluster('shop');
  const publicArn = addTargetGroup(cloud, 'shop-public', 8080);
  const adminArn = addTargetGroup(cloud, 'shop-admin', 9090);
  return {
    cloud,
    targetGroupArns: [publicArn, adminArn],
    environment: (version) => ({
      CLUSTER: 'shop',
      DESIRED_COUNT: '2',
      PUBLIC_TARGET_GROUP_ARN: publicArn,
      ADMIN_TARGET_GROUP_ARN: adminArn,
      SUBNET_A: 'subnet-0a',
      SUBNET_B: 'subnet-0b',
      SECURITY_GROUP: 'sg-0a',
      EXECUTION_ROLE_ARN: 'arn:aws:iam::123456789012:role/web-execution',
      AWS_REGION: 'eu-west-1',
      LOG_LEVEL: 'info',
      IMAGE: imageOf(version),
    }),
  };
}

/** The image of a version of the shop. */
export function imageOf(version: string): string {
  return `123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:${version}`;
}

function addTargetGroup({ elasticLoadBalancing }: SimulatedCloud, name: string, port: number): string {
  const loadBalancer = elasticLoadBalancing.addLoadBalancer({ name });
  const group = elasticLoadBalancing.addTargetGroup({
    name,
    port,
    targetType: 'ip',
    deregistrationDelaySeconds: 60,
  });
  elasticLoadBalancing.addListener({
    loadBalancerArn: loadBalancer.arn,
    defaultActions: [{ Type: 'forward', TargetGroupArn: group.arn }],
  });
  return group.arn;
}
