import { fromJson } from '../../core/from-json.js';
import { isRecord } from '../../core/is-record.js';

/** A member `TaskDefinition` with a scalar value: quoted, or plain. */
const member =
  /(?<![\w.-])["']?TaskDefinition["']?[ \t]*:[ \t]*(?:"(?<double>[^"\\\n]*)"|'(?<single>[^'\n]*)'|(?<plain>[^\s"'{}[\],|>&*!%@`#][^\s,{}\]]*))/g;

/** Every member `TaskDefinition`, with any value. */
const anyMember = /(?<![\w.-])["']?TaskDefinition["']?[ \t]*:/g;

/** Plain scalars that are no text in YAML. */
const otherScalar = /^(null|true|false|yes|no|on|off|~)$/i;

/** A family alone would name another revision as soon as one is registered. */
const arnOrName = /^(arn:[^\s:]+:ecs:\S+:task-definition\/)?[\w-]+:\d+$/;

/**
 * Returns the task definition in the content of an AppSpec file in JSON or YAML. Returns undefined when there is none or several, and
 * for a value that only a YAML parser could resolve, such as an alias.
 *
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
 */
export function taskDefinitionIn(content: string): string | undefined {
  const parsed = fromJson(content);
  const values = parsed === undefined ? valuesInYaml(withoutComments(content)) : valuesInJson(parsed);
  const [value] = values;
  return values.length === 1 && typeof value === 'string' && isTaskDefinition(value) ? value : undefined;
}

function valuesInJson(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(valuesInJson);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, it]) => (key === 'TaskDefinition' ? [it] : valuesInJson(it)));
}

/** Returns one value for each member `TaskDefinition`: undefined where only a YAML parser could resolve it. */
function valuesInYaml(yaml: string): (string | undefined)[] {
  const readable = [...yaml.matchAll(member)].map(({ groups = {} }) => {
    const { double, single, plain = '' } = groups;
    return double ?? single ?? (otherScalar.test(plain) ? undefined : plain);
  });
  const count = [...yaml.matchAll(anyMember)].length;
  return count === readable.length ? readable : [...readable, undefined];
}

/** True for the ARN of a task definition, or `family:revision`. */
export function isTaskDefinition(value: string): boolean {
  return arnOrName.test(value);
}

/** Removes the comments of YAML: from a `#` at the beginning of a line or after a space. A quoted `#` has no space before it here. */
function withoutComments(yaml: string): string {
  return yaml.replace(/(^|[ \t])#.*$/gm, '$1');
}
