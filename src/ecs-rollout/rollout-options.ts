import * as v from 'valibot';
import { describeValue } from '../core/describe-value.js';
import { InvalidInputError, invalidInput } from '../core/errors.js';
import { lastSegment } from '../core/last-segment.js';
import { copyPlainData } from '../core/plain-data.js';
import {
  callOptionsEntries,
  functionOf,
  nonEmptyString,
  seconds,
  stackReference,
  strictObject,
  waitOptionsEntries,
  wholeNumber,
} from '../core/schemas.js';
import { toolOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { ServiceName } from '../ecs/ecs-service.js';
import { checksSchema, policySchema } from '../traffic/shift/check-policy.js';
import { safeChecks } from '../traffic/shift/safe-checks.js';
import type { RolloutEvent } from './events.js';
import type {
  EcsDefinitions,
  EcsRolloutOptions,
  RollOutInput,
  RollOutOptions,
  ServiceInput,
  UpOptions,
} from './types.js';

const onEvent = v.optional(functionOf<(event: RolloutEvent) => void>());

const rolloutSchema = strictObject({
  cluster: nonEmptyString,
  service: nonEmptyString,
  desiredCount: v.optional(wholeNumber),
  ...toolOptionsEntries,
});

const limitsSchema = strictObject({
  canaryRunningSeconds: v.optional(seconds, 600),
  containerHealthSeconds: v.optional(seconds, 300),
  targetHealthSeconds: v.optional(seconds, 900),
  checksSeconds: v.optional(seconds, 900),
  serviceStableSeconds: v.optional(seconds, 900),
  rollbackSeconds: v.optional(seconds, 900),
  drainingSeconds: v.optional(seconds, 3900),
  canaryStoppedSeconds: v.optional(seconds, 300),
});

const rolloutId = v.pipe(
  v.string(),
  v.check(
    (value) => /^[\p{L}\p{N}\s+=._:/@-]{1,256}$/u.test(value),
    'the value of a tag: 1 to 256 letters, digits, spaces and + - = . _ : / @',
  ),
);

const rollOutSchema = strictObject({
  ...callOptionsEntries,
  rolloutId: v.optional(rolloutId),
  containerInstance: v.optional(nonEmptyString),
  updateSettings: v.optional(v.boolean(), false),
  unusedTargets: v.optional(v.picklist(['fail', 'accept']), 'fail'),
  idleSeconds: v.optional(seconds, 15),
  checks: v.optional(checksSchema, []),
  stack: v.optional(stackReference, 'green'),
  policy: v.optional(policySchema, {}),
  observeSeconds: v.optional(seconds),
  limits: v.optional(limitsSchema, {}),
  onUnstable: v.optional(v.picklist(['rollBack', 'leave']), 'rollBack'),
  onAbort: v.optional(v.picklist(['rollBack', 'leave']), 'rollBack'),
  onEvent,
});

const upSchema = strictObject({
  ...waitOptionsEntries,
  existing: v.optional(v.picklist(['fail', 'take']), 'fail'),
  maxWaitSeconds: v.optional(seconds, 600),
  onEvent,
});

const objects = v.array(v.looseObject({}));

/** The members that the rollout itself reads. ECS validates the others. */
const taskDefinitionSchema = v.looseObject({
  family: nonEmptyString,
  networkMode: v.optional(v.string()),
  tags: v.optional(objects),
  containerDefinitions: v.pipe(
    v.array(v.looseObject({ portMappings: v.optional(objects) })),
    v.check((containers) => containers.length > 0, 'an array of at least one container'),
  ),
});

/** The members that the rollout itself reads. ECS validates the others. */
const serviceSchema = v.looseObject({
  serviceName: v.optional(nonEmptyString),
  cluster: v.optional(nonEmptyString),
  clientToken: v.optional(nonEmptyString),
  capacityProviderStrategy: v.optional(objects),
  loadBalancers: v.optional(objects),
  gatewayConnectors: v.optional(objects),
});

const rollOutInputSchema = strictObject({
  taskDefinition: v.union([nonEmptyString, taskDefinitionSchema]),
  service: v.optional(serviceSchema),
});

const definitionsSchema = strictObject({ taskDefinition: taskDefinitionSchema, service: serviceSchema });

export function parseRolloutOptions(options: EcsRolloutOptions) {
  return parseInput('EcsRollout options', rolloutSchema, options);
}

/** Parses the options of a rollout, with every default filled in. */
export function parseRollOutOptions(options: RollOutOptions) {
  const parsed = parseInput('rollOut options', rollOutSchema, options);
  const checks = safeChecks(parsed.checks, options.checks);
  const observeSeconds = parsed.observeSeconds ?? (checks.length > 0 ? 300 : 0);
  return { ...parsed, checks, observeSeconds };
}

/** Parses the options of a creation, with every default filled in. */
export function parseUpOptions(options: UpOptions) {
  return parseInput('up options', upSchema, options);
}

/**
 * Copies the input of a rollout.
 *
 * @throws InvalidInputError when something is missing, or the service is another one.
 */
export function parseRollOutInput(input: RollOutInput, name: ServiceName): RollOutInput {
  parseInput('rollOut input', rollOutInputSchema, input);
  const copy = copyPlainData('rollOut input', input);
  if (copy.service !== undefined) requireSameService(copy.service, name);
  return copy;
}

/**
 * Copies the definitions of a creation.
 *
 * @throws InvalidInputError when something is missing, or the service is another one.
 */
export function parseDefinitionsInput(
  definitions: EcsDefinitions,
  { cluster, service, desiredCount }: ServiceName & { readonly desiredCount: number | undefined },
): EcsDefinitions {
  parseInput('up definitions', definitionsSchema, definitions);
  const copy = copyPlainData('up definitions', definitions);
  requireSameService(copy.service, { cluster, service });
  requireDaemonRules(copy.service);
  const isCounted = copy.service.schedulingStrategy !== 'DAEMON';
  if (isCounted && copy.service.desiredCount === undefined && desiredCount === undefined) {
    const expected = 'a count, because the EcsRollout has no desiredCount either';
    const problems = [{ field: 'service.desiredCount', expected, actual: 'nothing' }];
    throw new InvalidInputError({ subject: 'up definitions', problems });
  }
  return copy;
}

/** @throws InvalidInputError for another service, because no rollback would undo its update. */
function requireSameService({ serviceName, cluster }: ServiceInput, name: ServiceName): void {
  const given = [
    { field: 'service.serviceName', value: serviceName, wanted: name.service },
    { field: 'service.cluster', value: cluster, wanted: name.cluster },
  ];
  const problems = given.flatMap(({ field, value, wanted }) =>
    value === undefined || lastSegment(value) === lastSegment(wanted)
      ? []
      : [{ field, expected: `${wanted}, as in the EcsRollout`, actual: describeValue(value) }],
  );
  if (problems.length > 0) throw new InvalidInputError({ subject: 'Service definition', problems });
}

/**
 * Refuses a count of a daemon before anything is created, as ECS would after the registration of the task definition. ECS keeps one
 * task on each container instance.
 *
 * @throws InvalidInputError
 */
function requireDaemonRules({ schedulingStrategy, desiredCount }: ServiceInput): void {
  if (schedulingStrategy !== 'DAEMON' || desiredCount === undefined) return;
  throw invalidInput('up definitions', {
    field: 'service.desiredCount',
    expected: 'nothing, because a daemon does not support a desired count',
    actual: describeValue(desiredCount),
  });
}
