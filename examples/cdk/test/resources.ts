import type { Template } from 'aws-cdk-lib/assertions';

/** A statement of a policy, with plain strings in lists. */
export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: unknown;
}

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: as the CDK's assertions type a template; each test looks into other properties
  readonly Properties: Readonly<Record<string, any>>;
  readonly DependsOn?: readonly string[];
}

/** The resources of a type by their logical IDs. */
export function resourcesOf(template: Template, type: string): ReadonlyMap<string, Resource> {
  return new Map(Object.entries(template.findResources(type)) as [string, Resource][]);
}

/** The resource of a type whose logical ID begins so. */
export function resourceOf(template: Template, type: string, beginning: string): Resource {
  const found = [...resourcesOf(template, type)].filter(([id]) => id.startsWith(beginning));
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) throw new Error(`${found.length} resources are ${beginning}…`);
  return only[1];
}

/** What the policies of a role allow, besides writing the function's log. */
export function statementsOf(template: Template, role: string): Statement[] {
  return allStatementsOf(template, role).filter(
    ({ actions }) => !actions.every((it) => it.startsWith('logs:')),
  );
}

/** What the policies of the roles allow whose logical IDs begin so. */
export function allStatementsOf(template: Template, role = ''): Statement[] {
  return [...resourcesOf(template, 'AWS::IAM::Policy')]
    .filter(([id]) => id.startsWith(role))
    .flatMap(([, { Properties }]) => Properties['PolicyDocument'].Statement)
    .map(({ Effect, Action, Resource, Condition, ...others }) => {
      if (Effect !== 'Allow' || Object.keys(others).length > 0) throw new Error('An unusual statement');
      return {
        actions: [Action].flat(),
        resources: [Resource].flat().map(text),
        ...(Condition !== undefined && { conditions: plain(Condition) }),
      };
    });
}

/** Whether a statement only lets services of AWS try out, in the name of a role, whether it may do something. */
export function isTriedOut({ conditions }: Statement): boolean {
  return JSON.stringify(conditions)?.includes('aws:ViaAWSService') === true;
}

/** The actions that a role may carry out by itself, in order. */
export function actionsOf(template: Template, role: string): string[] {
  const statements = statementsOf(template, role).filter((statement) => !isTriedOut(statement));
  return [...new Set(statements.flatMap(({ actions }) => actions))].sort();
}

/** A string of the template, with what CloudFormation puts into it; resources are functions called like their logical ID. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Readonly<Record<string, unknown>>;
  if (Ref === 'AWS::Partition') return 'aws';
  if (Array.isArray(join)) return join[1].map(text).join(join[0]);
  if (Array.isArray(attribute)) return `arn:aws:lambda:eu-west-1:111122223333:function:${attribute[0]}`;
  throw new Error(`Nothing is known of ${JSON.stringify(value)}`);
}

/** The same all the way down. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if ('Fn::Join' in value || 'Ref' in value || 'Fn::GetAtt' in value) return text(value);
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, plain(it)]));
}
