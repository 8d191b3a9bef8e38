import { Stack, Validations } from 'aws-cdk-lib';
import type { Policy, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IConstruct } from 'constructs';
import type { IamPolicyDocument } from '../core/policy-document.js';
import { parseInput } from '../core/validate.js';
import { cdkObject } from './props.js';

/** A resource with a wildcard in a policy of this package. */
interface Wildcard {
  readonly resource: string;
  readonly actions: readonly string[];
}

/** Wildcards by policy. */
const wildcards = new WeakMap<IConstruct, readonly Wildcard[]>();

/** Remembers the wildcards of a policy for {@link acknowledgeWildcards}. */
export function explainWildcards(policy: Policy, documents: readonly IamPolicyDocument[]): void {
  const byResource = new Map<string, Set<string>>();
  for (const { Action, Resource } of documents.flatMap(({ Statement }) => Statement)) {
    for (const resource of Resource)
      byResource.set(resource, new Set([...(byResource.get(resource) ?? []), ...Action]));
  }
  wildcards.set(
    policy,
    [...byResource].map(([resource, actions]) => ({ resource, actions: [...actions] })),
  );
}

/** Actions that the CDK itself allows on every resource, by role: it adds them to the role's default policy. */
const ofDefaultPolicy = new WeakMap<IConstruct, readonly string[]>();

/** Remembers the wildcard of a role's default policy for {@link acknowledgeWildcards}. */
export function explainDefaultPolicy(role: Role, actions: readonly string[]): void {
  if (actions.length > 0) ofDefaultPolicy.set(role, actions);
}

/** Actions on one key of yours, by the role whose default policy has them. */
const ofKey = new WeakMap<IConstruct, readonly string[]>();

/** Allows a role of a construct to use a key, and remembers the actions for {@link acknowledgeWildcards}. */
export function grantOwnKey(role: Role, key: IKey | undefined, actions: readonly string[]): void {
  if (key === undefined) return;
  key.grant(role, ...actions);
  ofKey.set(role, actions);
}

/**
 * Acknowledges the finding `AwsSolutions-IAM5` of cdk-nag for the policies that the constructs of this package create within a scope,
 * each with its reason: the action has no resource-level permission, AWS chooses the ID of the resource, or a service uses a group of actions
 * on a key of yours. The `permissions` that you pass
 * in are left to you.
 *
 * @param scope - a construct of this package, a stack or an app.
 * @throws InvalidInputError for anything else.
 *
 * @example
 * ```ts
 * import { App } from 'aws-cdk-lib';
 * import { acknowledgeWildcards } from 'aws-blue-green-toolkit/cdk';
 *
 * const app = new App();
 * // after the stacks
 * acknowledgeWildcards(app);
 * ```
 */
export function acknowledgeWildcards(scope: IConstruct): void {
  parseInput('acknowledgeWildcards scope', cdkObject<IConstruct>('a construct', 'node'), scope);
  for (const construct of scope.node.findAll()) {
    for (const wildcard of wildcards.get(construct) ?? []) acknowledge(construct, wildcard);
    const actions = ofDefaultPolicy.get(construct);
    const policy = construct.node.tryFindChild('DefaultPolicy');
    if (policy === undefined) continue;
    if (actions !== undefined) acknowledge(policy, { resource: '*', actions });
    for (const group of (ofKey.get(construct) ?? []).filter((action) => action.endsWith('*')))
      acknowledgeFinding(policy, `Action::${group}`, 'A service uses this group of actions on one key');
  }
}

function acknowledge(policy: IConstruct, { resource, actions }: Wildcard): void {
  const name = flatten(Stack.of(policy).resolve(resource));
  if (!name.includes('*')) return;
  const why = resource === '*' ? 'AWS has no narrower resource for' : 'AWS chooses the end of the name for';
  acknowledgeFinding(policy, `Resource::${name}`, `${why} ${actions.join(', ')}`);
}

function acknowledgeFinding(policy: IConstruct, finding: string, reason: string): void {
  Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason });
}

/** Formats a resolved value as cdk-nag does in the IDs of its findings. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(flatten).join(String(join[0]));
  if (Array.isArray(attribute)) return `<${attribute.map(flatten).join('.')}>`;
  return Ref === undefined ? JSON.stringify(value) : `<${flatten(Ref)}>`;
}
