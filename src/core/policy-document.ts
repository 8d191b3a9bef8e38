import type { IamResourceType, Permission, PermissionLimit } from './permissions.js';

/** IAM policy for CDK's `PolicyDocument.fromJson`, CloudFormation and `PutRolePolicy`. */
export interface IamPolicyDocument {
  /** Version of the policy language. */
  readonly Version: '2012-10-17';
  /** Statements, sorted. */
  readonly Statement: readonly IamPolicyStatement[];
}

/** One statement of a policy. Statements only allow. */
export interface IamPolicyStatement {
  /** Effect of the statement. */
  readonly Effect: 'Allow';
  /** Actions, sorted. */
  readonly Action: readonly string[];
  /** Resources of the actions, sorted. */
  readonly Resource: readonly string[];
  /** Condition keys that narrow the statement: operator, key, values. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Returns the ARNs of a kind of resource. */
export type ArnsOf = (type: IamResourceType) => readonly string[];

type Condition = IamPolicyStatement['Condition'];

/** An action and its resources, under one condition. */
interface Grant {
  readonly action: string;
  readonly condition: Condition;
  readonly resources: Set<string>;
}

/** Creates the policy of permissions. The same input returns the same policy, byte for byte. */
export function policyOf(permissions: readonly Permission[], arnsOf: ArnsOf): IamPolicyDocument {
  return { Version: '2012-10-17', Statement: statementsOf(grantsOf(permissions, arnsOf)) };
}

/** Merges permissions to one grant per action and condition. */
function grantsOf(permissions: readonly Permission[], arnsOf: ArnsOf): Grant[] {
  const grants = new Map<string, Grant>();
  for (const { action, resources, only } of permissions) {
    const condition = conditionOf(only, arnsOf);
    const key = JSON.stringify([action, condition]);
    const grant = grants.get(key) ?? { action, condition, resources: new Set() };
    for (const arn of resources === '*' ? ['*'] : resources.flatMap((type) => arnsOf(type)))
      grant.resources.add(arn);
    grants.set(key, grant);
  }
  return [...grants.values()];
}

/** Returns undefined when the condition would always be true. */
function conditionOf(only: PermissionLimit | undefined, arnsOf: ArnsOf): Condition {
  if (only === undefined) return undefined;
  const values = only.operator === 'ArnLike' ? arnsOf(only.resources) : only.values;
  if (values.includes('*')) return undefined;
  return { [only.operator]: { [only.key]: sorted(values) } };
}

/** Merges actions with the same resources and condition to one statement. */
function statementsOf(grants: readonly Grant[]): IamPolicyStatement[] {
  const statements = new Map<string, IamPolicyStatement>();
  for (const { action, condition, resources } of grants) {
    const Resource = resources.has('*') ? ['*'] : sorted([...resources]);
    const key = JSON.stringify([Resource, condition]);
    const Action = sorted([...(statements.get(key)?.Action ?? []), action]);
    statements.set(key, {
      Effect: 'Allow',
      Action,
      Resource,
      ...(condition !== undefined && { Condition: condition }),
    });
  }
  return [...statements.values()].sort((one, other) => compare(JSON.stringify(one), JSON.stringify(other)));
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort(compare);
}

/** Compares by code units, so that the order is the same in every locale. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
