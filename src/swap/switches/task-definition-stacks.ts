import type { ContainerDefinition, ECSClient, TaskDefinition } from '@aws-sdk/client-ecs';
import { type CallOptions, callAws, isAwsError, requireField } from '../../core/aws-call.js';
import { describeValue } from '../../core/describe-value.js';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import { lastSegment } from '../../core/last-segment.js';
import type { Loaded } from '../../core/lazy-client.js';
import type { StackReference } from '../../core/stack-reference.js';

type Ecs = Loaded<typeof import('@aws-sdk/client-ecs'), ECSClient>;

/** Options of {@link readStacks}. */
export interface BindingOptions extends CallOptions {
  /** Environment variable that names the stack. */
  readonly boundBy: string;
}

/**
 * Reads the stacks that the containers of a task definition name in an environment variable: none, one or both.
 *
 * @throws ResourceNotFoundError when the task definition does not exist; ResourceStateError for another value than a stack, and
 * for a value that comes from a secret.
 */
export async function readStacks(
  { sdk, client }: Ecs,
  taskDefinition: string,
  { boundBy, signal }: BindingOptions,
): Promise<readonly StackReference[]> {
  const resource = `task definition ${lastSegment(taskDefinition)}`;
  const call = { action: 'ecs:DescribeTaskDefinition', resource, signal };
  const command = new sdk.DescribeTaskDefinitionCommand({ taskDefinition });
  try {
    const { taskDefinition: found } = await callAws(call, (http) => client.send(command, http));
    return stacksIn(requireField(found, 'taskDefinition', call), { boundBy, resource });
  } catch (error) {
    // ECS has no error of its own for a missing task definition.
    if (isAwsError(error, 'ClientException') && /describe task definition/i.test(error.message))
      throw new ResourceNotFoundError(`Task definition ${lastSegment(taskDefinition)} not found`, {
        resource,
        remedy: 'Keep the task definitions of both stacks registered until the swap has ended',
        cause: error,
      });
    throw error;
  }
}

/**
 * Stacks of task definitions that were read before. A revision never changes, and its number is never used again, so they are valid
 * for ever.
 */
export class KnownStacks {
  readonly #stacks = new Map<string, readonly StackReference[]>();

  /** Returns the stacks of a revision. Reads it at the first call. */
  async read(ecs: Ecs, taskDefinition: string, options: BindingOptions): Promise<readonly StackReference[]> {
    const key = `${options.boundBy} ${taskDefinition}`;
    const stacks = this.#stacks.get(key) ?? (await readStacks(ecs, taskDefinition, options));
    this.#stacks.set(key, stacks);
    return stacks;
  }
}

/** Returns the stacks that the containers name, each once. */
export function stacksIn(
  { containerDefinitions = [] }: TaskDefinition,
  { boundBy, resource }: { readonly boundBy: string; readonly resource: string },
): readonly StackReference[] {
  const values = containerDefinitions.flatMap((container) => valuesIn(container, { boundBy, resource }));
  return [...new Set(values)].sort();
}

function valuesIn(
  { name = 'without a name', environment = [], secrets = [] }: ContainerDefinition,
  { boundBy, resource }: { readonly boundBy: string; readonly resource: string },
): StackReference[] {
  if (secrets.some((secret) => secret.name === boundBy))
    throw unreadable(resource, { container: name, boundBy, actual: 'a secret' });
  return environment
    .filter((variable) => variable.name === boundBy)
    .map(({ value }) => {
      if (value === 'blue' || value === 'green') return value;
      throw unreadable(resource, { container: name, boundBy, actual: describeValue(value) });
    });
}

function unreadable(
  resource: string,
  { container, boundBy, actual }: { container: string; boundBy: string; actual: string },
): ResourceStateError {
  return new ResourceStateError(`Container ${container} of ${resource} does not name its stack`, {
    resource,
    expected: `the environment variable ${boundBy} with the value blue or green`,
    actual,
    remedy: `Register the task definition with ${boundBy} set to the stack that it is for`,
  });
}
