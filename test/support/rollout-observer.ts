import type { StopTaskCommandInput, Task, UpdateServiceCommandInput } from '@aws-sdk/client-ecs';
import type { DeregisterTargetsCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RolloutWorld } from './rollout-world.js';

/** Watches a service while it is rolled: its capacity, and each call of the rollout. */
export class RolloutObserver {
  /** Violations so far, each once. */
  readonly violations = new Set<string>();
  readonly #world: RolloutWorld;
  readonly #failingImage: string | undefined;
  /** External changes only add tasks. */
  readonly #leastCount: number;

  constructor(world: RolloutWorld, { failingImage }: { readonly failingImage: string | undefined }) {
    this.#world = world;
    this.#failingImage = failingImage;
    this.#leastCount = world.cloud.ecs.service('shop', 'web').desiredCount;
    const { ecs, elasticLoadBalancing } = world.cloud.clients;
    ecs.middlewareStack.add(
      (next, context) => (args) => {
        this.#onCall('commandName' in context ? context.commandName : undefined, args.input);
        return next(args);
      },
      { step: 'initialize' },
    );
    elasticLoadBalancing.middlewareStack.add(
      (next, context) => async (args) => {
        const isDeregistration =
          'commandName' in context && context.commandName === 'DeregisterTargetsCommand';
        const hits = isDeregistration
          ? this.#serviceTargetsAmong(args.input as DeregisterTargetsCommandInput)
          : [];
        const response = await next(args);
        for (const target of hits) this.violations.add(`deregisters ${target} of the service`);
        return response;
      },
      { step: 'initialize' },
    );
  }

  /** Compares the tasks that serve with the desired count: the minimum healthy percent is 100. */
  observeCapacity(): void {
    const serving = this.#servingTasks().length;
    if (serving < this.#leastCount) this.violations.add(`${serving} of ${this.#leastCount} tasks serve`);
  }

  #servingTasks(): Task[] {
    return runningTasks(this.#world).filter(
      ({ taskDefinitionArn }) => imageOf(this.#world, taskDefinitionArn) !== this.#failingImage,
    );
  }

  #onCall(command: string | undefined, input: object): void {
    if (command === 'StopTaskCommand') this.#onStop(input as StopTaskCommandInput);
    if (command === 'UpdateServiceCommand') this.#onUpdate(input as UpdateServiceCommandInput);
  }

  #onStop({ task: arn }: StopTaskCommandInput): void {
    const task = this.#world.cloud.ecs.tasks('shop').find(({ taskArn }) => taskArn === arn);
    if (task?.group === 'service:web') this.violations.add(`stops the task ${arn} of the service`);
  }

  #serviceTargetsAmong({ Targets: targets = [] }: DeregisterTargetsCommandInput): string[] {
    const addresses = new Set(runningTasks(this.#world).flatMap((task) => addressesOf(this.#world, task)));
    return targets
      .map(({ Id: id, Port: port }) => ({ id: `${id}`, name: `${id}:${port}` }))
      .filter(({ id, name }) => addresses.has(id) || addresses.has(name))
      .map(({ name }) => name);
  }

  #onUpdate({ desiredCount, forceNewDeployment }: UpdateServiceCommandInput): void {
    if (desiredCount !== undefined) this.violations.add('sets the desired count');
    if (forceNewDeployment) this.violations.add('forces a deployment');
  }
}

/** The registered targets of canaries, running or stopped, as `address:port`. */
export function canaryTargets(world: RolloutWorld): string[] {
  const tasks = world.cloud.ecs.tasks('shop');
  const isOwn = ({ group }: Task) => group === 'service:web';
  const addresses = (some: readonly Task[]) => new Set(some.flatMap((task) => addressesOf(world, task)));
  const ofCanaries = addresses(tasks.filter((task) => !isOwn(task)));
  // A port of an instance is free again once its task has stopped.
  const ofService = addresses(tasks.filter((task) => isOwn(task) && task.lastStatus !== 'STOPPED'));
  const isAmong = (all: ReadonlySet<string>, id: string, name: string) => all.has(id) || all.has(name);
  return world.targetGroupArns.flatMap((arn) =>
    world.cloud.elasticLoadBalancing.targetGroups
      .group(arn)
      .targets.filter(({ drainingUntil }) => drainingUntil === undefined)
      .map(({ id, port }) => ({ id, name: `${id}:${port}` }))
      .filter(({ id, name }) => isAmong(ofCanaries, id, name) && !isAmong(ofService, id, name))
      .map(({ name }) => name),
  );
}

/** The image of a task definition. */
export function imageOf({ cloud }: RolloutWorld, arn: string | undefined): string | undefined {
  const definition = cloud.ecs.taskDefinitions().find(({ taskDefinitionArn }) => taskDefinitionArn === arn);
  return definition?.containerDefinitions?.[0]?.image;
}

function runningTasks({ cloud }: RolloutWorld): Task[] {
  return cloud.ecs
    .tasks('shop')
    .filter(
      ({ group, lastStatus, desiredStatus }) =>
        group === 'service:web' && lastStatus === 'RUNNING' && desiredStatus === 'RUNNING',
    );
}

/** Returns the addresses of a task in target groups: its IP addresses, or the ports on its instance. */
function addressesOf({ cloud }: RolloutWorld, task: Task): string[] {
  const { attachments = [], containers = [], containerInstanceArn } = task;
  const ips = attachments.flatMap(({ details = [] }) =>
    details.flatMap(({ name, value }) => (name === 'privateIPv4Address' && value ? [value] : [])),
  );
  if (containerInstanceArn === undefined) return ips;
  const { containerInstances = [] } = cloud.ecs.operations.DescribeContainerInstances({
    cluster: 'shop',
    containerInstances: [containerInstanceArn],
  });
  const [id] = containerInstances.map(({ ec2InstanceId }) => ec2InstanceId);
  const ports = containers.flatMap(({ networkBindings = [] }) =>
    networkBindings.map(({ hostPort }) => `${id}:${hostPort}`),
  );
  return [...ips, ...ports];
}
