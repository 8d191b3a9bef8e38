import { partnerOf, type StackReference } from 'aws-blue-green-toolkit/core';
import { type IamPolicyDocument, iamPolicyFor } from 'aws-blue-green-toolkit/iam';
import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { OrdersProps } from './orders.js';

/*
 * Permissions of the functions and the state machines, from the toolkit's methods and the ARNs of the resources. docs/iam.md of the
 * toolkit lists both.
 */

type Orders = Pick<OrdersProps, 'application' | 'deploymentGroup'>;

/** Adds the statements of the policies to a role. */
export function allow(role: Role, policies: readonly IamPolicyDocument[]): void {
  for (const statement of policies.flatMap(({ Statement }) => Statement)) {
    role.addToPolicy(PolicyStatement.fromJson(statement));
  }
}

/** Allows a hook to report to CodeDeploy. */
export function reportToCodeDeploy(stack: Stack, { deploymentGroup }: Orders): IamPolicyDocument {
  const { application, name } = deploymentGroup;
  return iamPolicyFor(['codeDeployHook'], {
    deploymentGroup: arnIn(stack, 'codedeploy', 'deploymentgroup', `${application}/${name}`),
  });
}

/** The stacks are two functions, not two aliases of one. */
const withoutAlias = { without: ['alias'] } as const;

/** Allows starting a stack: one policy for its changes, and one that also reads its partner. */
export function start(stack: Stack, orders: Orders, reference: StackReference): IamPolicyDocument[] {
  const own = arnsOf(stack, orders, reference);
  const { dbCluster: partnerCluster } = arnsOf(stack, orders, partnerOf(reference));
  return [
    iamPolicyFor(
      [
        'AuroraTools.startDatabase',
        'AuroraTools.waitForClusterState',
        'SnsTools.enableSubscription',
        'LambdaTools.enableEventMapping',
        'LambdaTools.waitForEventMappingState',
        'CloudWatchTools.enableAlarmsActions',
      ],
      own,
      withoutAlias,
    ),
    // Scaling out reads the partner's size.
    iamPolicyFor(['AuroraTools.scaleOut'], { ...own, dbCluster: [own.dbCluster, partnerCluster] }),
  ];
}

/** Allows retiring a stack. */
export function retire(stack: Stack, orders: Orders, reference: StackReference): IamPolicyDocument {
  return iamPolicyFor(
    [
      'CloudWatchTools.disableAlarmsActions',
      'SnsTools.disableSubscription',
      'LambdaTools.disableEventMapping',
      'LambdaTools.waitForEventMappingState',
      'AuroraTools.scaleIn',
      'AuroraTools.stopDatabase',
    ],
    arnsOf(stack, orders, reference),
    withoutAlias,
  );
}

/** Allows shifting the traffic of a rule and evaluating the checks. The shifter itself needs no permission. */
export function shiftRule(listenerRule: string): IamPolicyDocument {
  return iamPolicyFor(
    [
      'AlbListenerRuleTarget.readWeights',
      'AlbListenerRuleTarget.writeWeights',
      'AlbListenerRuleTarget.readHealth',
      'albTargetGroup5xxRate',
      'cloudWatchAlarms',
    ],
    { listenerRule },
  );
}

/** Allows managing rules of one listener, and delegating a long rollout to a state machine. */
export function ownRules(stack: Stack, listener: string, stateMachine: string): IamPolicyDocument {
  const { resourceName: name = '' } = stack.splitArn(listener, ArnFormat.SLASH_RESOURCE_NAME);
  const listenerRule = stack.formatArn({
    service: 'elasticloadbalancing',
    resource: 'listener-rule',
    resourceName: `${name}/*`,
  });
  return iamPolicyFor(['managedListenerRuleHandler'], { listener, listenerRule, stateMachine });
}

/** Allows calling the functions, and continuing in a new execution when the history grows long. */
export function runShifts(stack: Stack, name: string, functionArns: readonly string[]): IamPolicyDocument {
  return iamPolicyFor(
    ['stepFunctionsDefinition'],
    {
      function: functionArns,
      stateMachine: stateMachineArn(stack, name),
      execution: arnIn(stack, 'states', 'execution', `${name}:*`),
      stepFunctionsRule: stack.formatArn({
        service: 'events',
        resource: 'rule',
        resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
      }),
    },
    // The machine requests no approvals.
    { without: ['approvalQueue', 'approvalTopic'] },
  );
}

/** Returns the ARN of the state machine of this name. */
export function stateMachineArn(stack: Stack, name: string): string {
  return arnIn(stack, 'states', 'stateMachine', name);
}

/** Returns the ARNs of a stack's resources, by the toolkit's kinds of resource. */
function arnsOf(stack: Stack, { application }: Orders, reference: StackReference) {
  return {
    dbCluster: arnIn(stack, 'rds', 'cluster', `${application}-${reference}`),
    function: arnIn(stack, 'lambda', 'function', `${application}-ingest-${reference}`),
    alarm: arnIn(stack, 'cloudwatch', 'alarm', `${application}-${reference}-*`),
    // AWS chooses their IDs, so the policy's conditions name their function and their scalable resource.
    eventSourceMapping: arnIn(stack, 'lambda', 'event-source-mapping', '*'),
    scalableTarget: stack.formatArn({
      service: 'application-autoscaling',
      resource: 'scalable-target',
      resourceName: '*',
    }),
  };
}

function arnIn(stack: Stack, service: string, resource: string, resourceName: string): string {
  return stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
