import { fromJson } from '../../core/from-json.js';

/** A member `TaskDefinition` with a scalar value: quoted, or plain. */
const member =
  /(?<![\w.-])["']?TaskDefinition["']?[ \t]*:[ \t]*(?:"(?<double>[^"\\\n]*)"|'(?<single>[^'\n]*)'|(?<plain>[^\s"'{}[\],|>&*!%@`#][^\s,{}\]]*))/g;

/** Every member `TaskDefinition`, with any value. */
const anyMember = /(?<![\w.-])["']?TaskDefinition["']?[ \t]*:/g;

const arnOrName = /^(arn:[^\s:]+:ecs:\S+:task-definition\/)?[\w-]+(:\d+)?$/;

/**
 * Returns the task definition in the content of an AppSpec file in JSON or YAML. Returns undefined when there is none or several, and
 * for a value that only a YAML parser could resolve, such as an alias.
 *
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
 */
export function taskDefinitionIn(content: string): string | undefined {
  const parsed = fromJson(content);
  if (typeof parsed === 'string' && isTaskDefinition(parsed)) return parsed;
  const text = parsed === undefined ? withoutComments(content) : JSON.stringify(parsed);
  const values = [...text.matchAll(member)].map(
    ({ groups = {} }) => groups['double'] ?? groups['single'] ?? groups['plain'] ?? '',
  );
  const [value = ''] = values;
  const isOne = values.length === 1 && [...text.matchAll(anyMember)].length === 1;
  return isOne && isTaskDefinition(value) ? value : undefined;
}

/** True for the ARN of a task definition, or `family:revision`. */
export function isTaskDefinition(value: string): boolean {
  return arnOrName.test(value);
}

/** Removes the comments of YAML: from a `#` at the beginning of a line or after a space. A quoted `#` has no space before it here. */
function withoutComments(yaml: string): string {
  return yaml.replace(/(^|[ \t])#.*$/gm, '$1');
}
