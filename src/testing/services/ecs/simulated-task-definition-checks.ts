import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { required } from '../../cloud/environment.js';
import { refused } from './simulated-ecs-errors.js';

const mib = 1024;

/** Memory in MiB that Fargate offers for each number of CPU units: from, to, and the step between. */
const fargateSizes: ReadonlyMap<number, readonly [min: number, max: number, step: number]> = new Map([
  // 512, 1024 and 2048 MiB.
  [256, [512, 2 * mib, 512]],
  [512, [mib, 4 * mib, mib]],
  [1024, [2 * mib, 8 * mib, mib]],
  [2048, [4 * mib, 16 * mib, mib]],
  [4096, [8 * mib, 30 * mib, mib]],
  [8192, [16 * mib, 60 * mib, 4 * mib]],
  [16_384, [32 * mib, 120 * mib, 8 * mib]],
]);

/**
 * Validates a request as RegisterTaskDefinition does.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
export function checkTaskDefinition(input: RegisterTaskDefinitionCommandInput): void {
  const containers = required(input.containerDefinitions, 'containerDefinitions');
  if (!/^[\w-]{1,255}$/.test(input.family ?? '')) throw refused('Family contains invalid characters.');
  if (containers.length === 0) throw refused('Container list cannot be empty.');
  for (const container of containers) checkContainer(input, container);
  const names = new Set(containers.map(({ name }) => name));
  if (names.size < containers.length) throw refused('Container names must be unique.');
  if (containers.every(({ essential }) => essential === false))
    throw refused('TaskDefinition must have at least one essential container.');
  if (input.cpu !== undefined && cpuUnits(input.cpu) === undefined)
    throw refused("Invalid 'cpu' setting for task.");
  if (input.memory !== undefined && memoryInMib(input.memory) === undefined)
    throw refused("Invalid 'memory' setting for task.");
  if (input.requiresCompatibilities?.includes('FARGATE') === true) checkFargate(input);
}

/** True when a task of this size can run on Fargate. */
export function fitsFargate({
  cpu,
  memory,
}: Pick<RegisterTaskDefinitionCommandInput, 'cpu' | 'memory'>): boolean {
  const [units, size] = [cpuUnits(cpu), memoryInMib(memory)];
  const sizes = fargateSizes.get(units ?? 0);
  if (sizes === undefined || size === undefined) return false;
  const [min, max, step] = sizes;
  // The smallest size has no 1536 MiB.
  return size >= min && size <= max && size % step === 0 && !(units === 256 && size === 1536);
}

/** Parses CPU units or vCPUs (`.5 vCPU`) into CPU units; returns undefined for another format. */
export function cpuUnits(cpu: string | undefined): number | undefined {
  const [, vcpus] = /^(\d*\.?\d+) ?vcpu$/i.exec(cpu ?? '') ?? [];
  if (vcpus !== undefined) return Number(vcpus) * 1024;
  return /^\d+$/.test(cpu ?? '') ? Number(cpu) : undefined;
}

/** Parses MiB or GB (`0.5GB`) into MiB; returns undefined for another format. */
export function memoryInMib(memory: string | undefined): number | undefined {
  const [, gigabytes] = /^(\d*\.?\d+) ?gb$/i.exec(memory ?? '') ?? [];
  if (gigabytes !== undefined) return Number(gigabytes) * mib;
  return /^\d+$/.test(memory ?? '') ? Number(memory) : undefined;
}

function checkFargate(input: RegisterTaskDefinitionCommandInput): void {
  if (input.networkMode !== 'awsvpc') throw refused("Fargate only supports network mode 'awsvpc'.");
  if (input.cpu === undefined) throw refused("Fargate requires that 'cpu' be defined at the task level.");
  if (input.memory === undefined)
    throw refused("Fargate requires that 'memory' be defined at the task level.");
  if (fitsFargate(input)) return;
  const values = `${cpuUnits(input.cpu)} CPU, ${memoryInMib(input.memory)} memory`;
  throw refused(`No Fargate configuration exists for given values: ${values}.`);
}

function checkContainer(input: RegisterTaskDefinitionCommandInput, container: ContainerDefinition): void {
  if (!container.name) throw refused('Container.name should not be null or empty.');
  if (!container.image) throw refused('Container.image should not be null or empty.');
  const memory = input.memory ?? container.memory ?? container.memoryReservation;
  if (memory === undefined)
    throw refused(
      `Invalid setting for container '${container.name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
}
