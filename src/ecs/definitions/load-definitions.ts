import * as v from 'valibot';
import { type InputProblem, InvalidInputError } from '../../core/errors.js';
import { nonEmptyString } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { EcsDefinitions } from '../rollout/types.js';
import { type FileText, readText } from './file-text.js';
import { type ParsedDefinition, parseDefinition } from './parse-definition.js';
import type { Environment } from './replace-placeholders.js';
import { serviceSchema } from './schemas/service-schema.js';
import { taskDefinitionSchema } from './schemas/task-definition-schema.js';

/** Where {@link loadDefinitions} finds the values of placeholders. */
export interface LoadDefinitionsOptions {
  /**
   * The values by their names. A name with an empty value has a value; one that is `undefined` has none.
   * @default process.env
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Reads `service.json` and `task-definition.json`, in the form that `aws ecs create-service --generate-cli-skeleton` and
 * `aws ecs register-task-definition --generate-cli-skeleton` give. Nothing is sent to AWS.
 *
 * `${NAME}` in a string is replaced with the value of that name, after the file was parsed: whatever the value holds, it
 * stays text. A string that is one placeholder and nothing else may stand for a number (`8080`, `-1`, `12.5`) or a
 * boolean (`true`, `false`), where the field is one. `$${` stands for a literal `${`.
 *
 * Every problem of both files is told at once: names without a value, fields that ECS does not know, wrong types. No
 * value of the environment is in a message.
 *
 * @param folder - the folder of the two files.
 * @throws InvalidInputError which names the file and the path of each problem, or the line and column of what is not JSON
 *
 * @example
 * ```ts
 * import { EcsTools, loadDefinitions } from 'aws-blue-green-toolkit/ecs';
 *
 * const web = new EcsTools({
 *   blue: { cluster: 'shop', service: 'web-blue', desiredCount: 4 },
 *   green: { cluster: 'shop', service: 'web-green', desiredCount: 4 },
 * });
 *
 * const definitions = await loadDefinitions('./deploy', { env: { ...process.env, IMAGE_TAG: 'v42' } });
 * await web.rollOut('blue', definitions);
 * ```
 */
export async function loadDefinitions(
  folder: string,
  options: LoadDefinitionsOptions = {},
): Promise<EcsDefinitions> {
  const { env = process.env } = parseInput('loadDefinitions options', optionsSchema, { ...options, folder });
  const [service, taskDefinition] = await Promise.all([
    readText(folder, 'service.json'),
    readText(folder, 'task-definition.json'),
  ]);
  return parseDefinitions(`The folder ${folder}`, { service, taskDefinition }, env);
}

/** What {@link loadDefinitions} does once the files are read. */
export function parseDefinitions(
  subject: string,
  files: Readonly<Record<keyof EcsDefinitions, FileText>>,
  env: Environment,
): EcsDefinitions {
  const service = parseDefinition(serviceSchema, files.service, env);
  const taskDefinition = parseDefinition(taskDefinitionSchema, files.taskDefinition, env);
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

const optionsSchema = v.object({
  folder: nonEmptyString,
  env: v.optional(
    v.pipe(
      v.custom<Environment>(() => true),
      v.check<Environment, string>(isEnvironment, 'an object of strings'),
    ),
  ),
});

/** Each name once, with every place of both files that wants it. */
function missingNames(...files: readonly ParsedDefinition<unknown>['missing'][]): InputProblem[] {
  const names = [...new Set(files.flatMap((missing) => [...missing.keys()]))];
  return names.map((name) => ({
    field: `env.${name}`,
    expected: `a value for ${files.flatMap((missing) => missing.get(name) ?? []).join(', ')}`,
    actual: 'none',
  }));
}

function isEnvironment(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((it) => it === undefined || typeof it === 'string');
}
