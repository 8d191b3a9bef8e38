import {
  CreateClusterCommand,
  CreateServiceCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type Service,
} from '@aws-sdk/client-ecs';
import { CreateTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Backend } from '../../support/backend.js';
import { callEc2, findNetwork } from './elastic-load-balancing.js';

/** The names and ARNs of a Fargate service behind a target group of type ip. */
export interface SeededRollout {
  readonly targetGroupArn: string;
  readonly subnets: string[];
  readonly securityGroups: string[];
}

/** A definition of the service's task. */
export function taskDefinition(version: string): RegisterTaskDefinitionCommandInput {
  return {
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      {
        name: 'app',
        image: `web:${version}`,
        // Moto requires it.
        memory: 512,
        portMappings: [{ containerPort: 8080 }],
        environment: [
          { name: 'ZONE', value: 'a' },
          { name: 'COLOUR', value: 'blue' },
        ],
      },
    ],
    tags: [{ key: 'team', value: 'shop' }],
  };
}

/** The network and the load balancer of a service of the cluster `shop`. */
export async function seedRollout(backend: Backend): Promise<SeededRollout> {
  const { cloud, clients } = backend;
  if (cloud !== undefined) {
    cloud.ecs.addCluster('shop');
    const elb = cloud.elasticLoadBalancing;
    const { arn: targetGroupArn } = elb.addTargetGroup({ name: 'web', targetType: 'ip', port: 8080 });
    const { arn: loadBalancerArn } = elb.addLoadBalancer({ name: 'web' });
    elb.addListener({
      loadBalancerArn,
      defaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    });
    return { targetGroupArn, subnets: ['subnet-1'], securityGroups: ['sg-1'] };
  }
  await pinTasks(clients.ecs);
  completeDeployments(clients.ecs);
  await clients.ecs.send(new CreateClusterCommand({ clusterName: 'shop' }));
  const { subnetIds, vpcId } = await findNetwork(clients);
  const groups = await callEc2(clients, 'DescribeSecurityGroups');
  const { TargetGroups: [group] = [] } = await clients.elasticLoadBalancing.send(
    new CreateTargetGroupCommand({
      Name: 'web',
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: vpcId,
      TargetType: 'ip',
    }),
  );
  return {
    targetGroupArn: group?.TargetGroupArn ?? '',
    subnets: subnetIds,
    securityGroups: groups('groupId').slice(0, 1),
  };
}

/** Creates the service with the first version. */
export async function seedRolledService(
  { cloud, clients }: Backend,
  { targetGroupArn, subnets, securityGroups }: SeededRollout,
): Promise<void> {
  const settings = {
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups } },
    loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
  } as const;
  const first = taskDefinition('1');
  if (cloud !== undefined) {
    cloud.ecs.addService({
      cluster: 'shop',
      name: 'web',
      desiredCount: 2,
      taskDefinition: cloud.ecs.addTaskDefinition(first),
      settings: structuredClone({ ...settings, loadBalancers: [...settings.loadBalancers] }),
    });
    return;
  }
  await clients.ecs.send(new RegisterTaskDefinitionCommand(first));
  await clients.ecs.send(
    new CreateServiceCommand({
      cluster: 'shop',
      serviceName: 'web',
      taskDefinition: 'web:1',
      desiredCount: 2,
      ...settings,
      loadBalancers: [...settings.loadBalancers],
    }),
  );
}

/** Configures moto to keep its tasks running: by default every read of a task advances it towards its end. */
async function pinTasks(client: ECSClient): Promise<void> {
  const endpoint = await client.config.endpoint?.();
  await fetch(
    `${endpoint?.protocol}//${endpoint?.hostname}:${endpoint?.port}/moto-api/state-manager/set-transition`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model_name: 'ecs::task',
        transition: { progression: 'manual', times: 1_000_000 },
      }),
    },
  );
}

/**
 * Moto has no scheduler: a service's deployment keeps the first task definition and has no running task. From now on the client
 * returns the requested deployment as completed.
 */
function completeDeployments(client: ECSClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { services } = result.output as { services?: Service[] };
      for (const service of services ?? []) complete(service);
      return result;
    },
    { step: 'initialize', priority: 'low', name: 'completesDeployments', override: true },
  );
}

function complete(service: Service): void {
  const { desiredCount = 0, taskDefinition: wanted = '' } = service;
  service.runningCount = desiredCount;
  service.pendingCount = 0;
  service.deployments = (service.deployments ?? []).map((deployment) => ({
    ...deployment,
    taskDefinition: wanted,
    desiredCount,
    runningCount: desiredCount,
    pendingCount: 0,
    rolloutState: 'COMPLETED',
  }));
}
