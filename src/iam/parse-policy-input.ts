import { messageOf } from '../core/describe-error.js';
import { describeValue } from '../core/describe-value.js';
import { type InputProblem, InvalidInputError, invalidInput } from '../core/errors.js';
import { nearestName } from '../core/nearest-name.js';
import {
  type IamResourceType,
  iamConditions,
  iamResourceTypes,
  type Permission,
} from '../core/permissions.js';
import { methodPermissions } from './method-permissions.js';

const subject = 'iamPolicyFor';

/** ARNs by kind of resource. */
export type ResourceMap = ReadonlyMap<IamResourceType, readonly string[]>;

export interface PolicyInput {
  readonly permissions: readonly Permission[];
  readonly resources: ResourceMap;
}

/**
 * Finds the permissions of the methods and validates the ARNs.
 *
 * @throws InvalidInputError which names every invalid field.
 */
export function parsePolicyInput(methods: unknown, resources: unknown, options: unknown): PolicyInput {
  try {
    return parseReadable(methods, resources, options);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const actual = `an object that throws: ${messageOf(error)}`;
    throw invalidInput(subject, { field: '', expected: 'plain data', actual });
  }
}

function parseReadable(methods: unknown, resources: unknown, options: unknown): PolicyInput {
  const problems: InputProblem[] = [];
  const names = namesIn('methods', methods, methodPermissions, problems);
  const without = namesIn('without', withoutIn(options, problems), iamConditions, problems);
  const map = parseResources(resources, problems);
  const permissions = names
    .flatMap((method) => methodPermissions[method])
    .filter(({ when }) => when === undefined || !without.includes(when));
  for (const type of missingTypes(permissions, map)) {
    const { arn } = iamResourceTypes[type];
    problems.push({
      field: `resources.${type}`,
      expected: `an ARN such as ${arn}, or "*"`,
      actual: 'none',
    });
  }
  if (problems.length > 0) throw new InvalidInputError({ subject, problems });
  return { permissions, resources: map };
}

/** Returns the kinds of resource that a permission names. */
export function typesIn({ resources, only }: Permission): readonly IamResourceType[] {
  const types = resources === '*' ? [] : resources;
  return only?.operator === 'ArnLike' ? [...types, only.resources] : types;
}

function missingTypes(permissions: readonly Permission[], given: ResourceMap): IamResourceType[] {
  const types = new Set(permissions.flatMap(typesIn));
  return [...types].filter((type) => !given.has(type)).sort();
}

/** Reads the options by hand, so that one error reports all problems. */
function withoutIn(options: unknown, problems: InputProblem[]): unknown {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    problems.push({ field: 'options', expected: 'an object', actual: describeValue(options) });
    return [];
  }
  for (const key of Object.keys(options)) {
    if (key === 'without') continue;
    const text = 'unknown option; did you mean without?';
    problems.push({ field: `options.${key}`, expected: 'without', actual: 'an unknown option', text });
  }
  return ('without' in options ? options.without : undefined) ?? [];
}

function namesIn<Name extends string>(
  field: string,
  given: unknown,
  known: Readonly<Record<Name, unknown>>,
  problems: InputProblem[],
): Name[] {
  if (!Array.isArray(given)) {
    problems.push({ field, expected: 'a list of names', actual: describeValue(given) });
    return [];
  }
  const names = given.filter((name): name is Name => typeof name === 'string' && Object.hasOwn(known, name));
  for (const [index, name] of given.entries()) {
    if (names.includes(name)) continue;
    const near = typeof name === 'string' ? nearestName(name, Object.keys(known)) : undefined;
    problems.push({
      field: `${field}[${index}]`,
      expected: near ?? 'a name that docs/iam.md lists',
      actual: describeValue(name),
    });
  }
  return names;
}

function parseResources(given: unknown, problems: InputProblem[]): ResourceMap {
  const types = Object.keys(iamResourceTypes).filter(isResourceType);
  const everywhere: ResourceMap = new Map(types.map((type) => [type, ['*']]));
  if (given === '*') return everywhere;
  if (typeof given !== 'object' || given === null) {
    const expected = 'ARNs by kind of resource, or "*"';
    problems.push({ field: 'resources', expected, actual: describeValue(given) });
    return everywhere;
  }
  const map = new Map<IamResourceType, readonly string[]>();
  for (const [type, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (isResourceType(type)) {
      map.set(type, parseArns(type, value, problems));
      continue;
    }
    const expected = nearestName(type, types) ?? 'a kind of resource that docs/iam.md lists';
    problems.push({ field: `resources.${type}`, expected, actual: 'an unknown kind' });
  }
  return map;
}

function parseArns(type: IamResourceType, value: unknown, problems: InputProblem[]): string[] {
  const given: unknown[] = Array.isArray(value) ? value : [value];
  const arns = given.filter((arn) => isArnOf(type, arn));
  if (arns.length === given.length && arns.length > 0) return arns;
  const received = given.filter((arn) => !isArnOf(type, arn)).map(describeValue);
  problems.push({
    field: `resources.${type}`,
    expected: `ARNs such as ${iamResourceTypes[type].arn}, or "*"`,
    actual: received.join(', ') || 'none',
  });
  return arns;
}

function isResourceType(name: string): name is IamResourceType {
  return Object.hasOwn(iamResourceTypes, name);
}

/** True for an ARN of any partition, and for text with a placeholder (`${…}`) that a template or CDK fills in later. */
function isArnOf(type: IamResourceType, value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (value === '*' || value.includes('${')) return true;
  const [scheme, , service = ''] = value.split(':');
  return scheme === 'arn' && service === iamResourceTypes[type].service;
}
