import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EcsApplication, EcsDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  CodeDeploySwapHooks,
  type CodeDeploySwapHooksProps,
  EcsSwapHook,
  ManagedListenerRule,
  type ManagedListenerRuleProps,
  StackSwapRecord,
  TrafficShiftStateMachine,
} from '../../src/cdk/index.js';
import { iamPolicyFor } from '../../src/iam/index.js';

const region = 'eu-west-1:111122223333';

/** ARNs of an existing load balancer. */
export const listenerArn = `arn:aws:elasticloadbalancing:${region}:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2`;
export const listenerRule = `${listenerArn.replace(':listener/', ':listener-rule/')}/9683b2d02a6cabee`;
export const targetGroupArns = {
  blue: `arn:aws:elasticloadbalancing:${region}:targetgroup/web-blue/6d0ecf831eec9f09`,
  green: `arn:aws:elasticloadbalancing:${region}:targetgroup/web-green/73e2d6bc24d8a067`,
};

/** Code that no test runs. */
export const code = () => Code.fromInline('exports.handler = () => {};');

/** Permissions of a plain traffic shift. */
export const shiftPolicy = iamPolicyFor(
  [
    'AlbListenerRuleTarget.readWeights',
    'AlbListenerRuleTarget.writeWeights',
    'AlbListenerRuleTarget.readHealth',
    'albTargetGroup5xxRate',
  ],
  { listenerRule },
);

/** An app with one stack, without an account and a Region. */
export function makeStack() {
  const app = new App();
  return { app, stack: new Stack(app, 'orders') };
}

/** Imports the deployment group `web` of the application `orders`. */
export function deploymentGroupIn(stack: Stack) {
  return EcsDeploymentGroup.fromEcsDeploymentGroupAttributes(stack, 'Group', {
    application: EcsApplication.fromEcsApplicationName(stack, 'Application', 'orders'),
    deploymentGroupName: 'web',
  });
}

/** Creates the table and the hooks of CodeDeploy. */
export function addCodeDeployHooks(stack: Stack, props: Partial<CodeDeploySwapHooksProps> = {}) {
  return new CodeDeploySwapHooks(stack, 'Hooks', {
    record: new StackSwapRecord(stack, 'SwapRecord'),
    deploymentGroup: deploymentGroupIn(stack),
    cluster: 'orders',
    service: 'web',
    code: code(),
    ...props,
  });
}

/** Creates the table and the hook of ECS. */
export function addEcsHook(stack: Stack) {
  const record = new StackSwapRecord(stack, 'SwapRecord');
  return new EcsSwapHook(stack, 'Hook', { record, cluster: 'orders', service: 'web', code: code() });
}

/** Creates the state machine of a shift. */
export function addShift(stack: Stack) {
  return new TrafficShiftStateMachine(stack, 'Shift', { code: code(), permissions: [shiftPolicy] });
}

/** Props of a rule without its handler. */
export const ruleProps = {
  listenerArn,
  priority: 11,
  hosts: ['example.com'],
  destinations: [
    { targetGroupArn: targetGroupArns.blue, weight: 100 },
    { targetGroupArn: targetGroupArns.green, weight: 0 },
  ],
} as const satisfies Partial<ManagedListenerRuleProps>;

/** Creates a rule with its provider. */
export function addRule(stack: Stack, props: Partial<ManagedListenerRuleProps> = {}) {
  return new ManagedListenerRule(stack, 'Rule', { ...ruleProps, code: code(), ...props });
}

/** Returns the findings of cdk-nag in an app: rule, and path of the resource. */
export function findingsIn(app: App): string[] {
  const checks = new AwsSolutionsChecks(app);
  // As a plug-in it would end the synthesis of `Template.fromStack` with its report.
  return checks
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
    )
    .sort();
}

/** Adds cdk-nag to an app as its users do. */
export function addNag(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

type Json = Readonly<Record<string, unknown>>;

/** Returns the statements of each role, by the prefix of its logical ID. */
export function statementsOf(stack: Stack, rolePrefix: string): Json[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .map((policy) => policy['Properties'])
    .filter(({ Roles }) => Roles.some(({ Ref }: { readonly Ref: string }) => Ref.startsWith(rolePrefix)))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** Returns the actions that a role may call, except for writing its log. */
export function actionsOf(stack: Stack, rolePrefix: string): string[] {
  const actions = statementsOf(stack, rolePrefix).flatMap(({ Action }) => [Action].flat().map(String));
  return [...new Set(actions)].filter((action) => !action.startsWith('logs:')).sort();
}
