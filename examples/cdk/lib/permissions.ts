import { partnerOf, type StackReference } from 'aws-blue-green-toolkit/core';
import { type IamPolicyDocument, iamPolicyFor } from 'aws-blue-green-toolkit/iam';
import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { OrdersProps } from './orders.js';

/*
 * What the functions and the state machines are allowed: the toolkit knows what its methods need, and is told on what.
 * docs/iam.md of the toolkit lists both.
 */

type Orders = Pick<OrdersProps, 'application' | 'deploymentGroup'>;

/** Lets a role do what the policies allow. */
export function allow(role: Role, policies: readonly IamPolicyDocument[]): void {
  for (const statement of policies.flatMap(({ Statement }) => Statement)) {
    role.addToPolicy(PolicyStatement.fromJson(statement));
  }
}

/** To answer CodeDeploy, whatever the hook does. */
export function answerCodeDeploy(stack: Stack, { deploymentGroup }: Orders): IamPolicyDocument {
  const { application, name } = deploymentGroup;
  return iamPolicyFor(['codeDeployHook'], {
    deploymentGroup: arnIn(stack, 'codedeploy', 'deploymentgroup', `${application}/${name}`),
  });
}

/** The stacks are two functions, not two aliases of one. */
const withoutAlias = { without: ['alias'] } as const;

/** To bring a stack up: one policy for what is changed, and one for what is read of its partner as well. */
export function bringUp(stack: Stack, orders: Orders, reference: StackReference): IamPolicyDocument[] {
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
    // The database becomes as big as its partner is.
    iamPolicyFor(['AuroraTools.scaleOut'], { ...own, dbCluster: [own.dbCluster, partnerCluster] }),
  ];
}

/** To put a stack to rest. */
export function putToRest(stack: Stack, orders: Orders, reference: StackReference): IamPolicyDocument {
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

/** To shift the traffic of a rule, and to evaluate the checks: a shifter itself needs nothing. */
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

/** To own rules of one listener, and to hand a long rollout over to a state machine. */
export function ownRules(stack: Stack, listener: string, stateMachine: string): IamPolicyDocument {
  const { resourceName: name = '' } = stack.splitArn(listener, ArnFormat.SLASH_RESOURCE_NAME);
  const listenerRule = stack.formatArn({
    service: 'elasticloadbalancing',
    resource: 'listener-rule',
    resourceName: `${name}/*`,
  });
  return iamPolicyFor(['managedListenerRuleHandler'], { listener, listenerRule, stateMachine });
}

/** To call the functions, and to go on as a new execution when the history grows long. */
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
    // Nobody is asked for an approval.
    { without: ['approvalQueue', 'approvalTopic'] },
  );
}

/** The ARN that a state machine of this name has. */
export function stateMachineArn(stack: Stack, name: string): string {
  return arnIn(stack, 'states', 'stateMachine', name);
}

/** What a stack of the web shop is made of, by the toolkit's kinds of resource. */
function arnsOf(stack: Stack, { application }: Orders, reference: StackReference) {
  return {
    dbCluster: arnIn(stack, 'rds', 'cluster', `${application}-${reference}`),
    function: arnIn(stack, 'lambda', 'function', `${application}-ingest-${reference}`),
    alarm: arnIn(stack, 'cloudwatch', 'alarm', `${application}-${reference}-*`),
    // Their IDs are nobody's choice: the policy tells them by their function, and by what they scale.
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
