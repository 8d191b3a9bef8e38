import { iamConditions, iamResourceTypes, type Permission, type Reason } from '../src/core/permissions.js';
import { methodPermissions } from '../src/iam/method-permissions.js';

const reference = 'https://docs.aws.amazon.com/service-authorization/latest/reference';

/** Pages of the Service Authorization Reference, by the prefix of their actions. */
const referencePages: Readonly<Record<string, string>> = {
  apigateway: 'list_amazonapigatewaymanagement.html',
  'application-autoscaling': 'list_awsapplicationautoscaling.html',
  'application-signals': 'list_amazoncloudwatchapplicationsignals.html',
  appmesh: 'list_awsappmesh.html',
  aps: 'list_amazonmanagedserviceforprometheus.html',
  cloudwatch: 'list_amazoncloudwatch.html',
  codedeploy: 'list_awscodedeploy.html',
  dynamodb: 'list_amazondynamodb.html',
  ecs: 'list_amazonelasticcontainerservice.html',
  elasticloadbalancing: 'list_awselasticloadbalancingv2.html',
  events: 'list_amazoneventbridge.html',
  globalaccelerator: 'list_awsglobalaccelerator.html',
  iam: 'list_awsidentityandaccessmanagementiam.html',
  kinesis: 'list_amazonkinesisdatastreams.html',
  kms: 'list_awskeymanagementservice.html',
  lambda: 'list_awslambda.html',
  rds: 'list_amazonrds.html',
  route53: 'list_amazonroute53.html',
  secretsmanager: 'list_awssecretsmanager.html',
  sns: 'list_amazonsns.html',
  sqs: 'list_amazonsqs.html',
  states: 'list_awsstepfunctions.html',
  'vpc-lattice': 'list_amazonvpclattice.html',
};

const introduction = `# Permissions

This page lists the IAM actions of every method, with the resources that they can be limited to. Pass the names of the methods to
\`iamPolicyFor\` to create a policy:

\`\`\`ts
import { iamPolicyFor } from 'aws-blue-green-toolkit/iam';

const policy = iamPolicyFor(['codeDeployHook', 'SqsTools.purgeQueues', 'DynamoTools.deleteTable'], {
  deploymentGroup: 'arn:aws:codedeploy:eu-west-1:111122223333:deploymentgroup:orders/web',
  queue: 'arn:aws:sqs:eu-west-1:111122223333:orders-*',
  table: ['arn:aws:dynamodb:eu-west-1:111122223333:table/orders-blue'],
}, { without: ['backup'] });

console.log(JSON.stringify(policy, null, 2));
\`\`\`

- **Resources** are passed by kind: one ARN, several, or \`'*'\`. Every kind that the methods need is required, so that no action is
  allowed on all resources by mistake. A missing kind is a type error, and an \`InvalidInputError\` in JavaScript.
  \`iamPolicyFor(methods, '*')\` allows all actions on all resources. Kinds that the methods do not need are ignored.
- **Conditions**: an action that is needed only under a condition is in the policy, unless \`without\` names the condition.
- **\`*\` in the column _on_** means that AWS supports no narrower resource for the action, or returns less than requested
  ([reasons](#everywhere)).
- Pass the policy to the CDK's \`PolicyDocument.fromJson\`, or paste it into a CloudFormation template. The ARNs may contain CDK tokens.
- **\`true\` in \`aws:ViaAWSService\`** marks actions that Application Auto Scaling validates with the permissions of the caller who
  registers a scalable target. Without them it rejects the target (\`ValidationException\`). The caller itself cannot call them.
- A Lambda also needs \`AWSLambdaBasicExecutionRole\`, for its logs.

\`npm run docs:iam\` writes this page from \`src/*/permissions.ts\`, the data of \`iamPolicyFor\`. A test runs every method in
\`SimulatedCloud\` and compares its calls with this list, in both directions.
`;

/** Returns the content of docs/iam.md. */
export function iamDocs(): string {
  return `${[introduction, methods(), resources(), conditions(), everywhere(), notCalled(), references()].join('\n')}`;
}

function methods(): string {
  const entries = Object.entries(methodPermissions).sort(([one], [other]) => compare(one, other));
  const groups = new Map<string, string[]>();
  for (const [name, permissions] of entries) {
    const [group, method] = name.includes('.') ? name.split('.') : ['Functions', name];
    const rows = permissions.map((it, index) => rowOf(index === 0 ? (method ?? name) : '', it));
    if (rows.length === 0) rows.push(`| \`${method}\` | none | | |`);
    groups.set(group ?? '', [...(groups.get(group ?? '') ?? []), ...rows]);
  }
  const sections = [...groups]
    .sort(
      ([one], [other]) => Number(one === 'Functions') - Number(other === 'Functions') || compare(one, other),
    )
    .map(([group, rows]) => `### ${group}\n\n${table(['method', 'action', 'on', 'needed'], rows)}`);
  return `## Methods\n
A shifter, a hook, and its steps need no permissions except those listed here: add those of their target, checks and
tools.\n\n${sections.join('\n')}`;
}

function rowOf(method: string, { action, resources, when, only }: Permission): string {
  const where = resources === '*' ? '`*`' : resources.map((type) => `\`${type}\``).join(', ');
  const limit =
    only?.operator === 'ArnLike'
      ? ` of the \`${only.resources}\` in \`${only.key}\``
      : only && ` with ${only.values.map((it) => `\`${it}\``).join(' or ')} in \`${only.key}\``;
  return `| ${method && `\`${method}\``} | \`${action}\` | ${where}${limit ?? ''} | ${when === undefined ? 'always' : `${iamConditions[when]} (\`${when}\`)`} |`;
}

function resources(): string {
  const rows = Object.entries(iamResourceTypes).map(
    ([name, { service, type, arn }]) => `| \`${name}\` | \`${service}\`: ${type} | \`${arn}\` |`,
  );
  return `## Kinds of resource\n
An ARN can contain \`*\` and \`?\`. A function that is called by a version or an alias needs that in its ARN, too:
\`function:NAME\` and \`function:NAME:live\`, or \`function:NAME*\`. Kinesis checks the ARN of a consumer with its creation time
(\`NAME:1700000000\`), and without it where the consumer is found by name: \`NAME*\` covers both. The ARN of a rule on
another bus than the default one ends in \`rule/BUS/NAME\`. The \`deploymentGroup\` of a hook is from [CodeDeploy's
own permissions reference](https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html),
as in the policies of SAM's documentation and of the CDK. AWS's general reference does not list it.\n\n${table(['kind', "in AWS's reference", 'ARN'], rows)}`;
}

function conditions(): string {
  const rows = Object.entries(iamConditions).map(([name, text]) => `| \`${name}\` | ${text} |`);
  return `## Conditions\n\n${table(['name', 'needed'], rows)}`;
}

function everywhere(): string {
  const all = Object.values(methodPermissions).flat();
  const because = reasonsOf(all, ({ because }) => because);
  const plain = all.filter(({ resources, because: why }) => resources === '*' && why === undefined);
  const actions = [...new Set(plain.map(({ action }) => action))].sort(compare);
  return `## Everywhere\n
AWS supports no narrower resource for ${actions.map((it) => `\`${it}\``).join(', ')}. It supports one for these, but:\n
${table(['action', 'why', 'source'], because)}`;
}

function notCalled(): string {
  const rows = reasonsOf(Object.values(methodPermissions).flat(), (it) => it.notCalled);
  return `## Permissions without a call\n
No method calls these directly, so the simulator cannot record them.\n\n${table(['action', 'why it is needed', 'source'], rows)}`;
}

function reasonsOf(
  all: readonly Permission[],
  reasonOf: (permission: Permission) => Reason | undefined,
): string[] {
  const rows = all.flatMap((it) => {
    const reason = reasonOf(it);
    return reason === undefined ? [] : [`| \`${it.action}\` | ${reason.why} | [source](${reason.source}) |`];
  });
  return [...new Set(rows)].sort(compare);
}

function references(): string {
  const actions = Object.values(methodPermissions)
    .flat()
    .map(({ action }) => action.split(':')[0] ?? '');
  const list = [...new Set(actions)].sort(compare).map((prefix) => {
    const page = referencePages[prefix];
    if (page === undefined)
      throw new Error(
        `referencePages: expected a page of the Service Authorization Reference for ${prefix}, got none`,
      );
    return `[${prefix}](${reference}/${page})`;
  });
  return `## AWS's own lists\n\nThe Service Authorization Reference: ${list.join(', ')}.\n`;
}

function table(titles: readonly string[], rows: readonly string[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows, ''].join('\n');
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
