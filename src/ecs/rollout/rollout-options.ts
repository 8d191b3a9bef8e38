import * as v from 'valibot';
import { InvalidInputError } from '../../core/errors.js';
import { lastSegment } from '../../core/last-segment.js';
import { nonEmptyString, seconds } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { checksSchema, policySchema } from '../../traffic/shift/check-policy.js';
import type { ServiceName } from '../read-service.js';
import type { EcsDefinitions, RollOutInput, RollOutOptions, ServiceInput, UpOptions } from './types.js';

const function_ = v.optional(v.function());

const limitsSchema = v.object({
  canaryRunningSeconds: v.optional(seconds, 600),
  containerHealthSeconds: v.optional(seconds, 300),
  targetHealthSeconds: v.optional(seconds, 900),
  checksSeconds: v.optional(seconds, 900),
  serviceStableSeconds: v.optional(seconds, 900),
  rollbackSeconds: v.optional(seconds, 900),
  drainingSeconds: v.optional(seconds, 3900),
  canaryStoppedSeconds: v.optional(seconds, 300),
});

const rolloutId = v.pipe(v.string(), v.regex(/^[\p{L}\p{N}\s+=._:/@-]{1,256}$/u, 'what a tag may hold'));

const rollOutSchema = v.object({
  rolloutId: v.optional(rolloutId),
  containerInstance: v.optional(nonEmptyString),
  updateSettings: v.optional(v.boolean(), false),
  unusedTargets: v.optional(v.picklist(['fail', 'accept']), 'fail'),
  idleSeconds: v.optional(seconds, 15),
  checks: v.optional(checksSchema, []),
  policy: v.optional(policySchema, {}),
  observeSeconds: v.optional(seconds),
  limits: v.optional(limitsSchema, {}),
  onUnstable: v.optional(v.picklist(['rollBack', 'leave']), 'rollBack'),
  onAbort: v.optional(v.picklist(['rollBack', 'leave']), 'rollBack'),
  onEvent: function_,
});

const upSchema = v.object({
  existing: v.optional(v.picklist(['fail', 'take']), 'fail'),
  maxWaitSeconds: v.optional(seconds, 600),
  onEvent: function_,
});

const taskDefinitionSchema = v.looseObject({
  family: nonEmptyString,
  containerDefinitions: v.pipe(v.array(v.looseObject({})), v.minLength(1, 'one container or more')),
});

const serviceSchema = v.looseObject({
  serviceName: v.optional(nonEmptyString),
  cluster: v.optional(nonEmptyString),
});

const rollOutInputSchema = v.object({
  taskDefinition: v.union([nonEmptyString, taskDefinitionSchema]),
  service: v.optional(serviceSchema),
});

const definitionsSchema = v.object({ taskDefinition: taskDefinitionSchema, service: serviceSchema });

/** The options of a rollout with every default filled in. */
export function parseRollOutOptions(options: RollOutOptions) {
  const {
    checks: _checks,
    onEvent: _onEvent,
    ...parsed
  } = parseInput('rollOut options', rollOutSchema, options);
  // A check may be an object with a prototype, which a parsed copy would lose.
  const checks = options.checks ?? [];
  const observeSeconds = options.observeSeconds ?? (checks.length > 0 ? 300 : 0);
  return { ...parsed, checks, observeSeconds };
}

/** The options of a creation with every default filled in. */
export function parseUpOptions(options: UpOptions) {
  return parseInput('up options', upSchema, options);
}

/** @throws InvalidInputError when something is missing, or the service is not that of the stack. */
export function checkRollOutInput(input: RollOutInput, name: ServiceName): void {
  parseInput('rollOut input', rollOutInputSchema, input);
  if (input.service !== undefined) requireSameService(input.service, name);
}

/** @throws InvalidInputError when something is missing, or the service is not that of the stack. */
export function checkDefinitions(definitions: EcsDefinitions, name: ServiceName): void {
  parseInput('up definitions', definitionsSchema, definitions);
  requireSameService(definitions.service, name);
}

/** A file of another service is a mistake that no rollback makes good. */
function requireSameService({ serviceName, cluster }: ServiceInput, name: ServiceName): void {
  const given = [
    { field: 'service.serviceName', value: serviceName, wanted: name.service },
    { field: 'service.cluster', value: cluster, wanted: name.cluster },
  ];
  const problems = given.flatMap(({ field, value, wanted }) =>
    value === undefined || lastSegment(value) === lastSegment(wanted)
      ? []
      : [{ field, expected: `${wanted}, that of the stack`, actual: JSON.stringify(value) }],
  );
  if (problems.length > 0) throw new InvalidInputError({ subject: 'Service definition', problems });
}
