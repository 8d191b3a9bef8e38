import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { parse, type ScalarTag, type Tags } from 'yaml';
import type { IamPolicyStatement } from '../../src/core/policy-document.js';
import { root } from './guide-programs.js';

/** Properties of a resource in a template. */
// biome-ignore lint/suspicious/noExplicitAny: a template has no type, and each test reads other properties
export type Properties = Readonly<Record<string, any>>;

/** Tags of CloudFormation. Each becomes the text that `Fn::Sub` has for it. */
const tags: Tags = [
  { tag: '!Ref', resolve: (name: string) => `\${${name}}` },
  { tag: '!GetAtt', resolve: (name: string) => `\${${name}}` },
  { tag: '!Sub', resolve: (text: string) => text },
] satisfies ScalarTag[];

/** Reads a CloudFormation template in YAML. */
export function readTemplate(file: string): {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Properties }>>;
} {
  return parse(readFileSync(join(root, file), 'utf8'), { customTags: tags });
}

/** Parses a Terraform module. */
export async function readTerraform(file: string): Promise<Properties> {
  return parseHcl(file, readFileSync(join(root, file), 'utf8'));
}

interface AnyStatement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Returns statements in the form of `iamPolicyFor`: lists, without names. */
export function likeIamPolicy(statements: readonly AnyStatement[]): IamPolicyStatement[] {
  return statements.map(({ Action, Resource, Condition }) => ({
    Effect: 'Allow',
    Action: [Action].flat(),
    Resource: [Resource].flat(),
    ...(Condition !== undefined && {
      Condition: Object.fromEntries(
        Object.entries(Condition).map(([operator, keys]) => [
          operator,
          Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, [values].flat()])),
        ]),
      ),
    }),
  }));
}

/** Returns the statements of an `aws_iam_policy_document` in the form of `iamPolicyFor`. */
export function terraformStatements(module: Properties, name: string): IamPolicyStatement[] {
  const [document] = module['data'].aws_iam_policy_document[name];
  return likeIamPolicy(
    document.statement.map(({ actions, resources, condition }: Properties) => ({
      Action: actions,
      Resource: resources,
      ...(condition !== undefined && {
        Condition: Object.fromEntries(
          condition.map(({ test, variable, values }: Properties) => [test, { [variable]: values }]),
        ),
      }),
    })),
  );
}
