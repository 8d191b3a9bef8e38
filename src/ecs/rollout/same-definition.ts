import type { Tag, TaskDefinition } from '@aws-sdk/client-ecs';
import type { TaskDefinitionInput } from './types.js';

/** What AWS fills in where an input says nothing, by the names of the members. */
const defaults: Readonly<Record<string, readonly unknown[]>> = {
  cpu: [0],
  essential: [true],
  protocol: ['tcp'],
  interval: [30],
  timeout: [5],
  retries: [3],
  networkMode: ['bridge'],
  propagateTags: ['NONE'],
};

/** What AWS adds to a registered task definition, and no input has. */
const added = new Set([
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
]);

/** Lists whose order AWS does not keep; each entry has this member. */
const keysOfLists: Readonly<Record<string, string>> = { environment: 'name', secrets: 'name', tags: 'key' };

/**
 * Whether a registered task definition is what this input would give. When in doubt it is not: a revision too many does
 * no harm.
 */
export function isSameDefinition(
  input: TaskDefinitionInput,
  registered: TaskDefinition,
  tags: readonly Tag[] = [],
): boolean {
  if (registered.status !== undefined && registered.status !== 'ACTIVE') return false;
  const { tags: wantedTags = [], ...wanted } = input;
  const found = Object.fromEntries(Object.entries(registered).filter(([name]) => !added.has(name)));
  const own = tags.filter(({ key = '' }) => !/^aws:/i.test(key));
  return isSame('', wanted, found) && isSame('tags', wantedTags, own);
}

function isSame(member: string, wanted: unknown, found: unknown): boolean {
  if (isNothing(wanted)) return isNothing(found) || defaults[member]?.includes(found) === true;
  if (Array.isArray(wanted)) return Array.isArray(found) && isSameList(member, wanted, found);
  if (isRecord(wanted)) return isRecord(found) && isSameRecord(wanted, found);
  if (isNothing(found)) return defaults[member]?.includes(wanted) === true || wanted === false;
  return wanted === found;
}

function isSameList(member: string, wanted: readonly unknown[], found: readonly unknown[]): boolean {
  if (wanted.length !== found.length) return false;
  const [one, other] = [ordered(member, wanted), ordered(member, found)];
  return one.every((item, index) => isSame('', item, other[index]));
}

function isSameRecord(wanted: Record<string, unknown>, found: Record<string, unknown>): boolean {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...names].every((name) => {
    if (name === 'hostPort' && isNothing(wanted[name])) return isFilledInPort(found);
    return isSame(name, wanted[name], found[name]);
  });
}

/** A host port that was left out is the container's with a network of the task's own, and 0 on a bridge. */
function isFilledInPort({ hostPort, containerPort }: Record<string, unknown>): boolean {
  return isNothing(hostPort) || hostPort === 0 || hostPort === containerPort;
}

function ordered(member: string, list: readonly unknown[]): readonly unknown[] {
  const key = keysOfLists[member];
  if (key === undefined) return list;
  const keyOf = (item: unknown) => (isRecord(item) ? String(item[key]) : '');
  return [...list].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** AWS fills many members with empty lists; nobody can mean anything else by them. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
