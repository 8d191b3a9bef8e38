import {
  ConflictException,
  type DescribeTasksCommandInput,
  type DescribeTasksCommandOutput,
  type Failure,
  type ListTasksCommandInput,
  type ListTasksCommandOutput,
  type RunTaskCommandInput,
  type RunTaskCommandOutput,
  ServiceNotFoundException,
  type StartTaskCommandInput,
  type StartTaskCommandOutput,
  type StopTaskCommandInput,
  type StopTaskCommandOutput,
  type Task,
} from '@aws-sdk/client-ecs';
import { lastSegment } from '../../../core/last-segment.js';
import { clientFault, type OperationOutput, pageOf, required } from '../../cloud/environment.js';
import { refusal, type SimulatedContainerInstances } from './simulated-container-instances.js';
import { arnInCluster, type SimulatedEcsClusters } from './simulated-ecs-clusters.js';
import { checkLength, invalid, refused } from './simulated-ecs-errors.js';
import { checkTags } from './simulated-ecs-tags.js';
import type { StoredTask } from './simulated-ecs-task.js';
import { checkLaunch, checkNetwork, checkStandalone, checkVolumes } from './simulated-ecs-task-checks.js';
import type { SimulatedEcsTasks, TaskPlan } from './simulated-ecs-tasks.js';
import { familyOf, type SimulatedTaskDefinitions } from './simulated-task-definitions.js';
import type { SimulatedTaskFailures } from './simulated-task-failures.js';

const fargateIsFull =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone';

/** Dependencies of the operations. */
export interface TaskOperationsDependencies {
  readonly clusters: SimulatedEcsClusters;
  readonly definitions: SimulatedTaskDefinitions;
  readonly instances: SimulatedContainerInstances;
  readonly failures: SimulatedTaskFailures;
  readonly tasks: SimulatedEcsTasks;
  /** True when the cluster has a service of this name or ARN. */
  readonly hasService: (clusterArn: string, nameOrArn: string) => boolean;
}

/** RunTask, StartTask, StopTask, DescribeTasks and ListTasks. */
export function taskOperations(dependencies: TaskOperationsDependencies) {
  const { clusters, tasks } = dependencies;
  const tokens = new Map<string, { readonly request: string; readonly started: readonly StoredTask[] }>();
  return {
    RunTask: (input: RunTaskCommandInput): OperationOutput<RunTaskCommandOutput> => {
      const plan = planOf(input, launchOf(input), dependencies);
      const count = input.count ?? 1;
      if (count < 1 || count > 10) throw invalid('Count must be between 1 and 10.');
      const before = tokens.get(input.clientToken ?? '');
      const request = JSON.stringify(input);
      if (before !== undefined) {
        if (before.request !== request)
          throw new ConflictException({
            ...clientFault('The client token was used for a request with other parameters.'),
            resourceIds: before.started.flatMap(({ task }) => task.taskArn ?? []),
          });
        return { tasks: before.started.map(({ task }) => task), failures: [] };
      }
      const started: StoredTask[] = [];
      const failures: Failure[] = [];
      for (let index = 0; index < count; index += 1) {
        const placed = place(plan, dependencies);
        if ('failures' in placed) failures.push(...placed.failures);
        else started.push(tasks.start({ ...plan, ...placed }));
      }
      if (input.clientToken !== undefined && started.length > 0)
        tokens.set(input.clientToken, { request, started });
      return { tasks: started.map(({ task }) => task), failures };
    },

    StartTask: (input: StartTaskCommandInput): OperationOutput<StartTaskCommandOutput> => {
      const wanted = required(input.containerInstances, 'containerInstances');
      checkLength(wanted, 'Container instances', 10);
      const plan = planOf(input, { launchType: 'EC2' }, dependencies);
      const started: StoredTask[] = [];
      const failures: Failure[] = [];
      for (const idOrArn of wanted) {
        const instance = dependencies.instances.find(plan.clusterArn, idOrArn);
        const arn = arnInCluster(plan.clusterArn, 'container-instance', idOrArn);
        const reason =
          instance === undefined
            ? 'MISSING'
            : (noCapacity(plan, dependencies) ?? refusal(instance, plan.definition));
        if (reason === undefined) started.push(tasks.start({ ...plan, instance }));
        else failures.push({ arn, reason });
      }
      return { tasks: started.map(({ task }) => task), failures };
    },

    StopTask: (input: StopTaskCommandInput): OperationOutput<StopTaskCommandOutput> => {
      const stored = tasks.find(clusters.arnOf(input.cluster), required(input.task, 'task'));
      if (stored === undefined) throw invalid('The referenced task was not found.');
      const stoppedReason = input.reason ?? 'Task stopped by user';
      tasks.stop(stored, { stopCode: 'UserInitiated', stoppedReason });
      return { task: stored.task };
    },

    DescribeTasks: (input: DescribeTasksCommandInput): OperationOutput<DescribeTasksCommandOutput> => {
      const clusterArn = clusters.arnOf(input.cluster);
      const wanted = required(input.tasks, 'tasks');
      checkLength(wanted, 'Tasks', 100);
      const withTags = input.include?.includes('TAGS') === true;
      const found = wanted.map((idOrArn) => [idOrArn, tasks.find(clusterArn, idOrArn)] as const);
      return {
        tasks: found.flatMap(([, stored]) => (stored ? [shown(stored.task, withTags)] : [])),
        failures: found.flatMap(([idOrArn, stored]) =>
          stored ? [] : [{ arn: arnInCluster(clusterArn, 'task', idOrArn), reason: 'MISSING' }],
        ),
      };
    },

    ListTasks: (input: ListTasksCommandInput): OperationOutput<ListTasksCommandOutput> => {
      const clusterArn = clusters.arnOf(input.cluster);
      checkFilters(input, clusterArn, dependencies);
      const found = tasks.shown.filter(
        (stored) => stored.task.clusterArn === clusterArn && matches(stored, input),
      );
      const { items, nextToken } = pageOf(found, {
        token: input.nextToken,
        size: input.maxResults ?? 100,
        maxSize: 100,
      });
      return { taskArns: items.flatMap(({ task }) => task.taskArn ?? []), nextToken };
    },
  };
}

type Launch = Pick<TaskPlan, 'launchType' | 'capacityProviderStrategy'>;

function launchOf({ launchType, capacityProviderStrategy }: RunTaskCommandInput): Launch {
  if (!capacityProviderStrategy?.length) return { launchType: launchType ?? 'EC2' };
  const isFargate = capacityProviderStrategy.every(({ capacityProvider }) =>
    /^FARGATE/.test(capacityProvider ?? ''),
  );
  return { launchType: isFargate ? 'FARGATE' : 'EC2', capacityProviderStrategy };
}

function planOf(
  input: Omit<RunTaskCommandInput & StartTaskCommandInput, 'containerInstances'>,
  launch: Launch,
  { clusters, definitions, instances }: TaskOperationsDependencies,
): TaskPlan {
  const clusterArn = clusters.arnOf(input.cluster);
  const stored = definitions.get(required(input.taskDefinition, 'taskDefinition'));
  const { arn: definitionArn, definition } = stored;
  if (definition.status === 'INACTIVE') throw refused('TaskDefinition is inactive');
  checkStandalone(input);
  checkLaunch(input, definition);
  const isFargate = launch.launchType === 'FARGATE';
  if (isFargate && definition.compatibilities?.includes('FARGATE') === false)
    throw invalid('Task definition does not support launch_type FARGATE.');
  if (!isFargate && instances.in(clusterArn).length === 0)
    throw invalid('No Container Instances were found in your cluster.');
  checkNetwork(definition.networkMode, input);
  checkVolumes(input.volumeConfigurations, definition, { isOfService: false });
  if ((input.startedBy?.length ?? 0) > 128) throw invalid('startedBy cannot be longer than 128 characters.');
  if (!/^[\w/-]*$/.test(input.startedBy ?? ''))
    throw invalid('startedBy has letters, numbers, hyphens, forward slashes and underscores only.');
  return {
    ...launch,
    clusterArn,
    definitionArn,
    definition,
    group: input.group ?? `family:${familyOf(definitionArn)}`,
    startedBy: input.startedBy,
    platformVersion: input.platformVersion,
    networkConfiguration: input.networkConfiguration,
    overrides: input.overrides,
    enableExecuteCommand: input.enableExecuteCommand,
    tags: tagsOf(input, stored.tags),
  };
}

function tagsOf(
  { tags = [], propagateTags }: Pick<RunTaskCommandInput, 'tags' | 'propagateTags'>,
  ofDefinition: TaskPlan['tags'] | readonly NonNullable<TaskPlan['tags']>[number][] = [],
) {
  checkTags(tags);
  const own = new Set(tags.map(({ key }) => key));
  const inherited =
    propagateTags === 'TASK_DEFINITION' ? ofDefinition.filter(({ key }) => !own.has(key)) : [];
  return [...tags, ...inherited];
}

/** Returns the place of a task, or the reasons why it cannot be placed. */
export function place(
  plan: TaskPlan,
  dependencies: Pick<TaskOperationsDependencies, 'failures' | 'instances'>,
): Pick<TaskPlan, 'instance'> | { readonly failures: Failure[] } {
  const lack = noCapacity(plan, dependencies);
  const { clusterArn, definition, launchType } = plan;
  if (launchType !== 'EC2') return lack === undefined ? {} : { failures: [{ reason: lack }] };
  const [first] = dependencies.instances.in(clusterArn);
  if (lack !== undefined) return { failures: [{ arn: first?.containerInstanceArn, reason: lack }] };
  const { instance, failures } = dependencies.instances.place(clusterArn, definition);
  return instance === undefined ? { failures } : { instance };
}

function noCapacity(
  { definitionArn, definition, launchType, isOfService = false }: TaskPlan,
  { failures }: Pick<TaskOperationsDependencies, 'failures'>,
): string | undefined {
  const candidate = { taskDefinition: { arn: definitionArn, definition }, isOfService };
  const failure = failures.find('noCapacity', candidate);
  if (failure === undefined) return undefined;
  return failure.reason ?? (launchType === 'EC2' ? 'RESOURCE:MEMORY' : fargateIsFull);
}

function checkFilters(
  input: ListTasksCommandInput,
  clusterArn: string,
  { hasService }: TaskOperationsDependencies,
): void {
  const others = [input.family, input.serviceName, input.containerInstance].filter(Boolean);
  if (input.startedBy !== undefined && others.length > 0)
    throw invalid('startedBy cannot be combined with other filters.');
  if (input.serviceName !== undefined && !hasService(clusterArn, input.serviceName))
    throw new ServiceNotFoundException(clientFault('Service not found.'));
}

function matches({ task, definitionArn }: StoredTask, input: ListTasksCommandInput): boolean {
  const { desiredStatus = 'RUNNING', family, serviceName, startedBy, containerInstance, launchType } = input;
  const service = serviceName && lastSegment(serviceName);
  const instance = containerInstance && lastSegment(containerInstance);
  return (
    task.desiredStatus === desiredStatus &&
    (family === undefined || familyOf(definitionArn) === family) &&
    (service === undefined || task.group === `service:${service}`) &&
    (startedBy === undefined || task.startedBy === startedBy) &&
    (launchType === undefined || task.launchType === launchType) &&
    (instance === undefined || task.containerInstanceArn?.endsWith(`/${instance}`) === true)
  );
}

function shown(task: Task, withTags: boolean): Task {
  return withTags ? task : { ...task, tags: [] };
}
