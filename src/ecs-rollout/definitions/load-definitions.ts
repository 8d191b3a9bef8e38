import * as v from 'valibot';
import { type InputProblem, InvalidInputError } from '../../core/errors.js';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { EcsDefinitions } from '../types.js';
import { serviceKind, taskDefinitionKind } from './definition-kinds.js';
import { type FileText, readText } from './file-text.js';
import { type ParsedDefinition, parseDefinition } from './parse-definition.js';
import type { Environment } from './replace-placeholders.js';

/** A message names as many places of a missing name, and the number of the others. */
const maxPlaces = 5;

/** Options of {@link loadDefinitions}. */
export interface LoadDefinitionsOptions {
  /**
   * The values of the placeholders, by name. A name with an empty value has a value; one that is `undefined` has none.
   * @default process.env
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Reads `service.json` and `task-definition.json`, in the form of `aws ecs create-service --generate-cli-skeleton` and
 * `aws ecs register-task-definition --generate-cli-skeleton`. Calls nothing in AWS.
 *
 * `${NAME}` in a string is replaced with the value of that name, after the file was parsed: whatever the value is, it
 * stays text. A string that is one placeholder and nothing else may stand for a number (`8080`, `-1`, `12.5`) or a
 * boolean (`true`, `false`), where the field is one. `$${` stands for a literal `${`.
 *
 * The error has every problem of both files: names without a value, fields that ECS does not know, wrong types. Its message has
 * the first ones, and no value of the environment. A file may have at most 1 MiB.
 *
 * @param folder - the folder of the two files.
 * @throws InvalidInputError with the file and the path of each problem, or the line and column of what is not JSON.
 *
 * @example
 * ```ts
 * import { EcsRollout, loadDefinitions } from 'aws-blue-green-toolkit/ecs-rollout';
 *
 * const web = new EcsRollout({ cluster: 'shop', service: 'web' });
 *
 * const definitions = await loadDefinitions('./deploy', { env: { ...process.env, IMAGE_TAG: 'v42' } });
 * await web.rollOut(definitions);
 * ```
 */
export async function loadDefinitions(
  folder: string,
  options: LoadDefinitionsOptions = {},
): Promise<EcsDefinitions> {
  parseInput('loadDefinitions', strictObject({ folder: nonEmptyString }), { folder });
  const { env = process.env } = parseInput('loadDefinitions options', optionsSchema, options);
  const [service, taskDefinition] = await Promise.all([
    readText(folder, 'service.json'),
    readText(folder, 'task-definition.json'),
  ]);
  return parseDefinitions(`definitions in ${folder}`, { service, taskDefinition }, env);
}

/** Parses the two files that {@link loadDefinitions} has read. */
export function parseDefinitions(
  subject: string,
  files: Readonly<Record<keyof EcsDefinitions, FileText>>,
  env: Environment,
): EcsDefinitions {
  const service = parseDefinition(serviceKind, files.service, env);
  const taskDefinition = parseDefinition(taskDefinitionKind, files.taskDefinition, env);
  if (service.definition && taskDefinition.definition) {
    return { service: service.definition, taskDefinition: taskDefinition.definition };
  }
  throw new InvalidInputError({
    subject,
    problems: [
      ...missingNames(service.missing, taskDefinition.missing),
      ...service.problems,
      ...taskDefinition.problems,
    ],
  });
}

const optionsSchema = strictObject({
  env: v.optional(
    v.pipe(
      v.custom<Environment>(
        (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
        'an object of strings',
      ),
      v.transform((env): Environment => ({ ...env })),
      v.check(
        (env) => Object.values(env).every((it) => it === undefined || typeof it === 'string'),
        'an object of strings',
      ),
    ),
  ),
});

/** Each missing name once, with its places in both files. */
function missingNames(...files: readonly ParsedDefinition<unknown>['missing'][]): InputProblem[] {
  const names = [...new Set(files.flatMap((missing) => [...missing.keys()]))];
  return names.map((name) => {
    const places = files.flatMap((missing) => missing.get(name) ?? []);
    const rest = places.length - maxPlaces;
    const text = places.slice(0, maxPlaces).join(', ') + (rest > 0 ? `, and ${rest} more places` : '');
    return { field: `env.${name}`, expected: `a value for ${text}`, actual: 'none' };
  });
}
