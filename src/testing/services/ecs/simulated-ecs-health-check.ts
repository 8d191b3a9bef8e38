import type {
  SimulatedTarget,
  SimulatedTargetGroup,
} from '../elastic-load-balancing/simulated-load-balancer-types.js';
import type { SimulatedContainerInstances } from './simulated-container-instances.js';
import { isUp, type StoredTask } from './simulated-ecs-task.js';
import { candidateOf } from './simulated-ecs-task-life.js';
import type { SimulatedEcsTasks } from './simulated-ecs-tasks.js';
import type { SimulatedTaskFailures } from './simulated-task-failures.js';

/** Returns true when the task behind a target passes the load balancer's health check; undefined for a host unknown to ECS. */
export function passesHealthCheck(
  target: SimulatedTarget,
  group: SimulatedTargetGroup,
  {
    tasks,
    instances,
    failures,
  }: {
    tasks: SimulatedEcsTasks;
    instances: SimulatedContainerInstances;
    failures: SimulatedTaskFailures;
  },
): boolean | undefined {
  const isKnown = tasks.knowsAddress(target.id) || instances.has(target.id);
  if (!isKnown) return undefined;
  return tasks.shown.some(
    (stored) => isBehind(stored, target) && isUp(stored) && !isMadeToFail(stored, group, failures),
  );
}

function isBehind(
  { address, instance, reservation, definition }: StoredTask,
  { id, port }: SimulatedTarget,
): boolean {
  if (address === id) {
    const mappings = definition.containerDefinitions?.flatMap(({ portMappings = [] }) => portMappings) ?? [];
    return mappings.length === 0 || mappings.some(({ containerPort }) => containerPort === port);
  }
  if (instance?.ec2InstanceId !== id || reservation === undefined) return false;
  return [...reservation.bindings.values()].flat().some(({ hostPort }) => hostPort === port);
}

function isMadeToFail(
  stored: StoredTask,
  { arn, name }: SimulatedTargetGroup,
  failures: SimulatedTaskFailures,
): boolean {
  return failures
    .findAll('targetUnhealthy', candidateOf(stored))
    .some(({ targetGroup }) => targetGroup === undefined || targetGroup === arn || targetGroup === name);
}
