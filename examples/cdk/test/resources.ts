import type { Template } from 'aws-cdk-lib/assertions';

/** A statement of a policy, with plain strings in lists. */
export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: unknown;
}

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: `Template.findResources` of the CDK returns `any`, and each test reads other properties
  readonly Properties: Readonly<Record<string, any>>;
  readonly DependsOn?: readonly string[];
}

/** The resources of a type by their logical IDs. */
export function resourcesOf(template: Template, type: string): ReadonlyMap<string, Resource> {
  return new Map(Object.entries(template.findResources(type)) as [string, Resource][]);
}

/** Returns the only resource of a type whose logical ID has this prefix. */
export function resourceOf(template: Template, type: string, prefix: string): Resource {
  const found = [...resourcesOf(template, type)].filter(([id]) => id.startsWith(prefix));
  const [only, ...others] = found;
  if (only === undefined || others.length > 0)
    throw new Error(`Expected one resource ${prefix}…, got ${found.length}`);
  return only[1];
}

/** Returns the statements of a role's policies, except those for logs and tracing, which the CDK adds. */
export function statementsOf(template: Template, role: string): Statement[] {
  return allStatementsOf(template, role).filter(
    ({ actions }) => !actions.every((it) => it.startsWith('logs:') || it.startsWith('xray:')),
  );
}

/** Returns the statements of the policies whose logical IDs begin with `role`. */
export function allStatementsOf(template: Template, role = ''): Statement[] {
  return [...resourcesOf(template, 'AWS::IAM::Policy')]
    .filter(([id]) => id.startsWith(role))
    .flatMap(([, { Properties }]) => Properties['PolicyDocument'].Statement)
    .map(({ Effect, Action, Resource, Condition, ...others }) => {
      if (Effect !== 'Allow' || Object.keys(others).length > 0)
        throw new Error('Unsupported statement: expected Allow, Action, Resource and Condition');
      return {
        actions: [Action].flat(),
        resources: [Resource].flat().map(text),
        ...(Condition !== undefined && { conditions: resolved(Condition) }),
      };
    });
}

/** Returns the actions that a role itself may call, sorted. */
export function actionsOf(template: Template, role: string): string[] {
  return [...new Set(statementsOf(template, role).flatMap(({ actions }) => actions))].sort();
}

/** Resolves a string of the template. A resource resolves to the ARN of a function with its logical ID. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Readonly<Record<string, unknown>>;
  if (Ref === 'AWS::Partition') return 'aws';
  if (typeof Ref === 'string') return Ref;
  if (Array.isArray(join)) return join[1].map(text).join(join[0]);
  if (Array.isArray(attribute)) return `arn:aws:lambda:eu-west-1:111122223333:function:${attribute[0]}`;
  throw new Error(`Cannot resolve ${JSON.stringify(value)}`);
}

/** Resolves the strings of a nested value. */
function resolved(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(resolved);
  if ('Fn::Join' in value || 'Ref' in value || 'Fn::GetAtt' in value) return text(value);
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, resolved(it)]));
}
