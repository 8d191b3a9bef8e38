import type { PortMapping, Tag, TaskDefinition } from '@aws-sdk/client-ecs';
import { isRecord } from '../../core/is-record.js';
import { taskDefinitionOutput } from '../definitions/output-members.js';
import type { TaskDefinitionInput } from '../types.js';

/** Values that AWS fills in for missing members, by their names. For every other flag it is `false`. */
const defaults: Readonly<Record<string, readonly unknown[]>> = {
  cpu: [0],
  essential: [true],
  protocol: ['tcp'],
  interval: [30],
  timeout: [5],
  retries: [3],
  networkMode: ['bridge'],
  startPeriod: [0],
  rootDirectory: ['/'],
  transitEncryption: ['DISABLED'],
  versionConsistency: ['enabled'],
};

/** Objects whose members are named by the user. */
const freeRecords = new Set(['options', 'dockerLabels', 'driverOpts', 'labels']);

/** Lists whose order AWS does not keep, and the member that identifies an entry, unless the entries are strings. */
const keysOfLists: Readonly<Record<string, string>> = {
  environment: 'name',
  secrets: 'name',
  tags: 'key',
  requiresCompatibilities: '',
};

/** True when registering this input would repeat a registered task definition. False in doubt: an extra revision is harmless. */
export function isSameDefinition(
  input: TaskDefinitionInput,
  registered: TaskDefinition,
  tags: readonly Tag[] = [],
): boolean {
  if (registered.status !== undefined && registered.status !== 'ACTIVE') return false;
  const { tags: wantedTags = [], ...wanted } = input;
  const found = Object.fromEntries(
    Object.entries(registered).filter(([name]) => !taskDefinitionOutput.includes(name)),
  );
  const own = tags.filter(({ key = '' }) => !/^aws:/i.test(key));
  return (
    isSame(
      '',
      { ...wanted, ...withHostPorts(input), ...sizesOf(input) },
      { ...found, ...withHostPorts(registered) },
    ) && isSame('tags', wantedTags, own)
  );
}

/** ECS converts sizes like `.5 vCPU` and `1 GB` into CPU units and MiB. */
function sizesOf({ cpu, memory }: TaskDefinitionInput) {
  return { cpu: inUnits(cpu, /^(\d*\.?\d+) ?vcpu$/i), memory: inUnits(memory, /^(\d*\.?\d+) ?gb$/i) };
}

function inUnits(size: string | undefined, pattern: RegExp): string | undefined {
  const [, amount] = pattern.exec(size ?? '') ?? [];
  return amount === undefined ? size : String(Number(amount) * 1024);
}

/** A missing host port is the container's own with the network of the task or of the host, and any free one on a bridge. */
function withHostPorts({
  networkMode,
  containerDefinitions = [],
}: Pick<TaskDefinition, 'networkMode' | 'containerDefinitions'>) {
  const isAny = networkMode !== 'awsvpc' && networkMode !== 'host';
  const filledIn = (mapping: PortMapping): PortMapping =>
    mapping.containerPort === undefined
      ? mapping
      : { ...mapping, hostPort: mapping.hostPort ?? (isAny ? 0 : mapping.containerPort) };
  return {
    containerDefinitions: containerDefinitions.map(({ portMappings = [], ...container }) => ({
      ...container,
      portMappings: portMappings.map(filledIn),
    })),
  };
}

function isSame(member: string, wanted: unknown, found: unknown): boolean {
  if (isNothing(wanted)) return isNothing(found) || isDefault(member, found);
  if (isNothing(found)) return isDefault(member, wanted);
  if (Array.isArray(wanted)) return Array.isArray(found) && isSameList(member, wanted, found);
  if (isRecord(wanted)) return isRecord(found) && isSameRecord(member, wanted, found);
  return wanted === found;
}

function isDefault(member: string, value: unknown): boolean {
  return defaults[member]?.includes(value) ?? value === false;
}

function isSameList(member: string, wanted: readonly unknown[], found: readonly unknown[]): boolean {
  if (wanted.length !== found.length) return false;
  const [one, other] = [ordered(member, wanted), ordered(member, found)];
  return one.every((item, index) => isSame('', item, other[index]));
}

function isSameRecord(
  member: string,
  wanted: Record<string, unknown>,
  found: Record<string, unknown>,
): boolean {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...names].every((name) =>
    freeRecords.has(member) ? wanted[name] === found[name] : isSame(name, wanted[name], found[name]),
  );
}

function ordered(member: string, list: readonly unknown[]): readonly unknown[] {
  const key = keysOfLists[member];
  if (key === undefined) return list;
  const keyOf = (item: unknown) => (isRecord(item) ? String(item[key]) : String(item));
  return [...list].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** AWS fills many members with empty lists and objects, which mean the same as none. */
function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
  );
}
