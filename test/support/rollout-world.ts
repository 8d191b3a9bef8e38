import type { RegisterTaskDefinitionCommandInput, Task } from '@aws-sdk/client-ecs';
import { expect } from 'vitest';
import {
  EcsRollout,
  type EcsRolloutOptions,
  RolloutError,
  type RolloutLeftovers,
} from '../../src/ecs-rollout/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';

/** A service and the task definition to roll out. */
export interface RolloutWorld {
  readonly cloud: SimulatedCloud;
  readonly rollout: EcsRollout;
  /** The task definition of the service. */
  readonly before: string;
  /** The next task definition, which is not registered yet. */
  readonly next: RegisterTaskDefinitionCommandInput;
  readonly targetGroupArns: readonly string[];
}

type Options = Pick<EcsRolloutOptions, 'logger'> & {
  readonly circuitBreaker?: { readonly rollback: boolean };
  readonly healthCheck?: boolean;
  /** Health checks and draining take the minimum time. */
  readonly isQuick?: boolean;
  /** All traffic goes to another stack: the listeners name the target groups with the weight 0. */
  readonly isIdle?: boolean;
  /** No listener names the target groups. */
  readonly isDetached?: boolean;
  readonly drainingSeconds?: number;
  /** By default 1 when `isQuick`, otherwise 2. */
  readonly desiredCount?: number;
};

const desiredCountOf = ({ desiredCount, isQuick }: Options) => desiredCount ?? (isQuick ? 1 : 2);
const healthCheckOf = ({ healthCheck }: Options) =>
  healthCheck ? { healthCheck: { command: ['CMD', 'true'], interval: 10 } } : {};

const subnets = ['subnet-1', 'subnet-2'];

/** A Fargate service behind two target groups. */
export function fargateWorld(cloud: SimulatedCloud, options: Options = {}): RolloutWorld {
  const groups = [
    attachedGroup(cloud, { name: 'public', targetType: 'ip', port: 8080 }, options),
    attachedGroup(cloud, { name: 'admin', targetType: 'ip', port: 9090 }, options),
  ];
  const definition = (version: string): RegisterTaskDefinitionCommandInput => ({
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      {
        name: 'app',
        image: `web:${version}`,
        portMappings: [{ containerPort: 8080 }, { containerPort: 9090 }],
        ...healthCheckOf(options),
      },
    ],
  });
  const before = cloud.ecs.addTaskDefinition(definition('1'));
  cloud.ecs.addService({
    cluster: 'shop',
    name: 'web',
    desiredCount: desiredCountOf(options),
    taskDefinition: before,
    ...(options.circuitBreaker && { circuitBreaker: options.circuitBreaker }),
    tags: [
      { key: 'team', value: 'shop' },
      { key: 'aws:cloudformation:stack-name', value: 'shop' },
    ],
    settings: {
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: ['sg-1'] } },
      loadBalancers: [
        { targetGroupArn: groups[0] ?? '', containerName: 'app', containerPort: 8080 },
        { targetGroupArn: groups[1] ?? '', containerName: 'app', containerPort: 9090 },
      ],
    },
  });
  return worldOf(cloud, { before, next: definition('2'), targetGroupArns: groups }, options);
}

/** A service on two EC2 instances, with dynamic host ports, behind a target group of instances. */
export function instanceWorld(cloud: SimulatedCloud, options: Options = {}): RolloutWorld {
  cloud.ecs.addContainerInstance({ cluster: 'shop', ec2InstanceId: 'i-0000000000000000a' });
  cloud.ecs.addContainerInstance({ cluster: 'shop', ec2InstanceId: 'i-0000000000000000b' });
  const group = attachedGroup(cloud, { name: 'public', targetType: 'instance', port: 80 }, options);
  const definition = (version: string): RegisterTaskDefinitionCommandInput => ({
    family: 'web',
    networkMode: 'bridge',
    containerDefinitions: [
      {
        name: 'app',
        image: `web:${version}`,
        memory: 128,
        portMappings: [{ containerPort: 8080, hostPort: 0 }],
        ...healthCheckOf(options),
      },
    ],
  });
  const before = cloud.ecs.addTaskDefinition(definition('1'));
  cloud.ecs.addService({
    cluster: 'shop',
    name: 'web',
    desiredCount: desiredCountOf(options),
    taskDefinition: before,
    ...(options.circuitBreaker && { circuitBreaker: options.circuitBreaker }),
    settings: {
      launchType: 'EC2',
      placementStrategy: [{ type: 'spread', field: 'instanceId' }],
      loadBalancers: [{ targetGroupArn: group, containerName: 'app', containerPort: 8080 }],
    },
  });
  return worldOf(cloud, { before, next: definition('2'), targetGroupArns: [group] }, options);
}

/** A service of one task, with the network of its EC2 instance, behind a target group of instances. */
export function hostNetworkWorld(cloud: SimulatedCloud): RolloutWorld {
  // One for the service's task, one for its successor, and one for the canary: the port is free once on each.
  for (let count = 0; count < 3; count += 1) cloud.ecs.addContainerInstance({ cluster: 'shop' });
  const options = { isQuick: true };
  const group = attachedGroup(cloud, { name: 'public', targetType: 'instance', port: 80 }, options);
  const definition = (version: string): RegisterTaskDefinitionCommandInput => ({
    family: 'web',
    networkMode: 'host',
    containerDefinitions: [
      { name: 'app', image: `web:${version}`, memory: 128, portMappings: [{ containerPort: 8080 }] },
    ],
  });
  const before = cloud.ecs.addTaskDefinition(definition('1'));
  cloud.ecs.addService({
    cluster: 'shop',
    name: 'web',
    desiredCount: 1,
    taskDefinition: before,
    settings: {
      launchType: 'EC2',
      loadBalancers: [{ targetGroupArn: group, containerName: 'app', containerPort: 8080 }],
    },
  });
  return worldOf(cloud, { before, next: definition('2'), targetGroupArns: [group] }, options);
}

/** A worker without a load balancer, on capacity providers. */
export function workerWorld(cloud: SimulatedCloud, options: Options = {}): RolloutWorld {
  const definition = (version: string): RegisterTaskDefinitionCommandInput => ({
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'app', image: `web:${version}`, ...healthCheckOf(options) }],
  });
  const before = cloud.ecs.addTaskDefinition(definition('1'));
  cloud.ecs.addService({
    cluster: 'shop',
    name: 'web',
    desiredCount: desiredCountOf(options),
    taskDefinition: before,
    ...(options.circuitBreaker && { circuitBreaker: options.circuitBreaker }),
    settings: {
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
      networkConfiguration: { awsvpcConfiguration: { subnets } },
    },
  });
  return worldOf(cloud, { before, next: definition('2'), targetGroupArns: [] }, options);
}

/** The rollout of a service of the simulated cloud; by default of `shop/web`. */
export function rolloutOf(
  { clients, clock }: SimulatedCloud,
  { service = 'web', logger }: { readonly service?: string } & Pick<EcsRolloutOptions, 'logger'> = {},
): EcsRollout {
  return new EcsRollout({ cluster: 'shop', service, desiredCount: 2, clients, clock, logger });
}

/** The leftovers of a rollout that has removed everything. */
export const noLeftovers: RolloutLeftovers = { tasks: [], targets: [], problems: [] };

/** The tasks that are not the service's own and have not stopped. ECS ends those that could not start by itself. */
export function canariesOf({ cloud }: Pick<RolloutWorld, 'cloud'>) {
  const isLeft = ({ group, lastStatus, stopCode }: Task) =>
    group !== 'service:web' && lastStatus !== 'STOPPED' && stopCode !== 'TaskFailedToStart';
  return cloud.ecs.tasks('shop').filter(isLeft);
}

/** Returns every target without a running task of the service, which is a leftover. */
export function strayTargets({ cloud, targetGroupArns }: RolloutWorld): string[] {
  const tasks = cloud.ecs
    .tasks('shop')
    .filter(({ group, desiredStatus }) => group === 'service:web' && desiredStatus === 'RUNNING');
  const addresses = new Set(
    tasks.flatMap(({ attachments = [] }) =>
      attachments.flatMap(({ details = [] }) =>
        details.flatMap(({ name, value }) => (name === 'privateIPv4Address' ? [value] : [])),
      ),
    ),
  );
  const hostPorts = new Set(
    tasks.flatMap(({ containers = [] }) =>
      containers.flatMap(({ networkBindings = [] }) => networkBindings.map(({ hostPort }) => hostPort)),
    ),
  );
  return targetGroupArns.flatMap((arn) =>
    cloud.elasticLoadBalancing.targetGroups
      .group(arn)
      .targets.filter(({ id, port, drainingUntil }) =>
        drainingUntil !== undefined ? false : id.startsWith('i-') ? !hostPorts.has(port) : !addresses.has(id),
      )
      .map(({ id, port }) => `${id}:${port}`),
  );
}

/** Expects no leftover canary or target. */
export function expectNothingLeft(world: RolloutWorld): void {
  expect(canariesOf(world)).toEqual([]);
  expect(strayTargets(world)).toEqual([]);
}

/** Returns the error of a rollout or of the creation of a service. */
export async function failureOf(rollout: Promise<unknown>): Promise<RolloutError> {
  const failure = await rollout.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
  if (failure instanceof RolloutError) return failure;
  throw failure;
}

/** The task definition that the service runs, when it is stable with it. */
export function stableDefinition({ cloud }: Pick<RolloutWorld, 'cloud'>): string | undefined {
  const { deployments, desiredCount } = cloud.ecs.service('shop', 'web');
  const [only] = deployments;
  const isStable = deployments.length === 1 && only?.runningCount === desiredCount;
  return isStable ? only.taskDefinition : undefined;
}

/** The ARN of the revision that the rollout registers. */
export function nextOf({ before }: Pick<RolloutWorld, 'before'>): string {
  return before.replace(/:1$/, ':2');
}

function attachedGroup(
  cloud: SimulatedCloud,
  options: { name: string; targetType: 'ip' | 'instance'; port: number },
  { isQuick = false, isIdle = false, isDetached = false, drainingSeconds = 60 }: Options,
): string {
  const elb = cloud.elasticLoadBalancing;
  const { arn: loadBalancerArn } = elb.addLoadBalancer({ name: `${options.name}-lb` });
  const { arn } = elb.addTargetGroup({
    ...options,
    deregistrationDelaySeconds: isQuick ? 5 : drainingSeconds,
    healthCheckIntervalSeconds: isQuick ? 5 : 30,
  });
  const { arn: partner } = elb.addTargetGroup({ ...options, name: `${options.name}-green` });
  const weights = [
    ...(isDetached ? [] : [{ TargetGroupArn: arn, Weight: isIdle ? 0 : 1 }]),
    { TargetGroupArn: partner, Weight: isIdle || isDetached ? 1 : 0 },
  ];
  elb.addListener({
    loadBalancerArn,
    defaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups: weights } }],
  });
  return arn;
}

function worldOf(
  cloud: SimulatedCloud,
  world: Pick<RolloutWorld, 'before' | 'next' | 'targetGroupArns'>,
  { logger }: Options,
): RolloutWorld {
  return { cloud, rollout: rolloutOf(cloud, { logger }), ...world };
}
