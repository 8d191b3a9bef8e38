import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IamPolicyDocument } from '../core/policy-document.js';
import { explainWildcards } from './wildcards.js';

/** One or several ARNs by kind of resource. */
type Arns = Readonly<Record<string, string | readonly string[]>>;

/**
 * Creates a policy from placeholders, and puts the ARNs in afterwards. The text of a token has a number that changes with every other
 * construct of the app: sorted by it, the statements of a deployed policy would change places.
 */
export function stablePolicy<const Resources extends Arns>(
  arns: Resources,
  policyFor: (placeholders: Readonly<Record<keyof Resources, readonly string[]>>) => IamPolicyDocument,
): IamPolicyDocument {
  const byPlaceholder = new Map<string, string>();
  const placeholders = Object.fromEntries(
    Object.entries(arns).map(([kind, values]) => [
      kind,
      [values].flat().map((arn, index) => {
        const placeholder = `\${${kind}.${index}}`;
        byPlaceholder.set(placeholder, arn);
        return placeholder;
      }),
    ]),
  ) as unknown as Record<keyof Resources, readonly string[]>;
  const { Version, Statement } = policyFor(placeholders);
  const withArns = Statement.map(({ Resource, ...statement }) => ({
    ...statement,
    Resource: Resource.map((text) => byPlaceholder.get(text) ?? text),
  }));
  return { Version, Statement: withArns };
}

/** Allows the actions of this package's own code, and explains the wildcards to cdk-nag. */
export function allowOwn(role: Role, documents: readonly IamPolicyDocument[], id = 'ToolkitPolicy'): void {
  const policy = allow(role, id, documents);
  if (policy !== undefined) explainWildcards(policy, documents);
}

/** Allows the actions of the user's own steps, targets and checks. */
export function allowUser(role: Role, documents: readonly IamPolicyDocument[]): void {
  allow(role, 'StepsPolicy', documents);
}

function allow(role: Role, id: string, documents: readonly IamPolicyDocument[]): Policy | undefined {
  const statements = documents.flatMap(({ Statement }) => Statement);
  if (statements.length === 0) return undefined;
  // Within the scope of the role, so that everything that depends on the role waits for its policies.
  const policy = new Policy(role, id, {
    statements: statements.map((statement) => PolicyStatement.fromJson(statement)),
  });
  policy.attachToRole(role);
  return policy;
}

/** Creates the ARN of a resource in the account, Region and partition of the stack, such as `…:stateMachine:NAME`. */
export function colonArn(stack: Stack, service: string, resource: string, resourceName: string): string {
  return stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}

/** The same with a slash, such as `…:service/CLUSTER/SERVICE`. */
export function slashArn(stack: Stack, service: string, resource: string, resourceName: string): string {
  return stack.formatArn({ service, resource, resourceName });
}
