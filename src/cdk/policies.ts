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

/** Construct ID of the policy of this package's own code. */
const ownId = 'ToolkitPolicy';

/** Allows the actions of this package's own code, and explains the wildcards to cdk-nag. */
export function allowOwn(role: Role, documents: readonly IamPolicyDocument[]): void {
  const policy = allow(role, ownId, documents.flatMap(statementsOf));
  if (policy !== undefined) explainWildcards(policy, documents);
}

/**
 * A policy of this package's own code that gets further resources. Another policy for each would repeat every statement, and the inline
 * policies of a role have at most 10,240 characters together.
 */
export class GrowingPolicy {
  readonly #role: Role;
  readonly #documents: IamPolicyDocument[] = [];
  #statements: readonly PolicyStatement[] = [];
  #policy: Policy | undefined;

  constructor(role: Role) {
    this.#role = role;
  }

  /** Adds the resources of a document, whose statements differ from those of the others in nothing else. */
  add(document: IamPolicyDocument): void {
    this.#documents.push(document);
    for (const [index, statement] of this.#statements.entries())
      statement.addResources(...(document.Statement[index]?.Resource ?? []));
    if (this.#policy === undefined) {
      this.#statements = statementsOf(document);
      this.#policy = allow(this.#role, ownId, this.#statements);
    }
    if (this.#policy !== undefined) explainWildcards(this.#policy, this.#documents);
  }
}

/** Allows the actions of the user's own steps, targets and checks. */
export function allowUser(role: Role, documents: readonly IamPolicyDocument[]): void {
  allow(role, 'StepsPolicy', documents.flatMap(statementsOf));
}

function statementsOf({ Statement }: IamPolicyDocument): readonly PolicyStatement[] {
  return Statement.map((statement) => PolicyStatement.fromJson(statement));
}

function allow(role: Role, id: string, statements: readonly PolicyStatement[]): Policy | undefined {
  if (statements.length === 0) return undefined;
  // Within the scope of the role, so that everything that depends on the role waits for its policies.
  const policy = new Policy(role, id, { statements: [...statements] });
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
