import { partnerOf, type StackReference } from 'aws-blue-green-toolkit/core';
import { ArnFormat, type Stack } from 'aws-cdk-lib';
import { EcsApplication, EcsDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { OrdersProps } from './orders.js';

/*
 * What the toolkit's methods need, as their documentation says it under IAM, on the narrowest resources that AWS has for each
 * action: https://docs.aws.amazon.com/service-authorization/latest/reference/.
 */

type Orders = Pick<OrdersProps, 'application' | 'deploymentGroup'>;

/** For what AWS knows no resources, or returns too little for any narrower ones. */
const everything = ['*'];

/** `codeDeployHook`. The hooks that the CDK itself adds to deployment groups answer with this. */
export function answerCodeDeploy(stack: Stack, { deploymentGroup }: Orders): PolicyStatement[] {
  const { application, name } = deploymentGroup;
  const { deploymentGroupArn } = EcsDeploymentGroup.fromEcsDeploymentGroupAttributes(
    stack,
    'DeploymentGroup',
    {
      application: EcsApplication.fromEcsApplicationName(stack, 'Application', application),
      deploymentGroupName: name,
    },
  );
  return [
    new PolicyStatement({
      actions: ['codedeploy:PutLifecycleEventHookExecutionStatus'],
      resources: [deploymentGroupArn],
    }),
  ];
}

/** `AuroraTools`: `startDatabase` and `waitForClusterState`, or `stopDatabase`; `scaleOut` and `scaleIn`. */
export function switchDatabase(
  stack: Stack,
  { application }: Orders,
  reference: StackReference,
  action: 'rds:StartDBCluster' | 'rds:StopDBCluster',
): PolicyStatement[] {
  const clusterOf = (of: StackReference) => arnIn(stack, 'rds', 'cluster', `${application}-${of}`);
  const cluster = clusterOf(reference);
  return [
    new PolicyStatement({ actions: [action], resources: [cluster] }),
    ...(action === 'rds:StopDBCluster'
      ? [new PolicyStatement({ actions: ['rds:DescribeDBClusters'], resources: [cluster] })]
      : [
          new PolicyStatement({
            actions: ['rds:DescribeDBClusters'],
            // It becomes as big as its partner is.
            resources: [cluster, clusterOf(partnerOf(reference))],
          }),
          // They are found by their cluster; in IAM a list is of all instances.
          new PolicyStatement({
            actions: ['rds:DescribeDBInstances'],
            resources: [arnIn(stack, 'rds', 'db', '*')],
          }),
        ]),
    new PolicyStatement({
      actions: ['application-autoscaling:DescribeScalableTargets'],
      resources: everything,
    }),
    // The ARN of a scalable target has an ID that nobody knows beforehand.
    new PolicyStatement({
      actions: ['application-autoscaling:RegisterScalableTarget'],
      resources: [
        stack.formatArn({
          service: 'application-autoscaling',
          resource: 'scalable-target',
          resourceName: '*',
        }),
      ],
      conditions: {
        StringEquals: {
          'application-autoscaling:service-namespace': 'rds',
          'application-autoscaling:scalable-dimension': 'rds:cluster:ReadReplicaCount',
        },
      },
    }),
  ];
}

/** `SnsTools`: `enableSubscription`, `disableSubscription`. */
export function switchSubscription(): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'],
      resources: everything,
    }),
  ];
}

/** `LambdaTools`: `enableEventMapping`, `disableEventMapping`. */
export function switchEventMapping(
  stack: Stack,
  { application }: Orders,
  reference: StackReference,
): PolicyStatement[] {
  const functionArn = arnIn(stack, 'lambda', 'function', `${application}-ingest-${reference}`);
  return [
    new PolicyStatement({ actions: ['lambda:ListEventSourceMappings'], resources: everything }),
    // The ID of a mapping is nobody's choice, so its function says which one is meant.
    new PolicyStatement({
      actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      resources: [arnIn(stack, 'lambda', 'event-source-mapping', '*')],
      conditions: { ArnEquals: { 'lambda:FunctionArn': functionArn } },
    }),
  ];
}

/** `CloudWatchTools`: `enableAlarmsActions`, `disableAlarmsActions`. */
export function switchAlarms(
  stack: Stack,
  { application }: Orders,
  reference: StackReference,
  action: 'cloudwatch:EnableAlarmActions' | 'cloudwatch:DisableAlarmActions',
): PolicyStatement[] {
  return [
    readAlarms(),
    new PolicyStatement({
      actions: [action],
      resources: [arnIn(stack, 'cloudwatch', 'alarm', `${application}-${reference}-*`)],
    }),
  ];
}

/** `TrafficShifter` with an `AlbListenerRuleTarget`. */
export function shiftRules(ruleArns: readonly string[]): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'],
      resources: everything,
    }),
    new PolicyStatement({
      actions: ['elasticloadbalancing:ModifyRule'],
      resources: [...ruleArns],
    }),
  ];
}

/** Checks with metrics of CloudWatch. */
export function readMetrics(): PolicyStatement {
  return new PolicyStatement({ actions: ['cloudwatch:GetMetricData'], resources: everything });
}

/** The check `cloudWatchAlarms`, and `CloudWatchTools`. CloudWatch leaves composite alarms out for anything narrower. */
export function readAlarms(): PolicyStatement {
  return new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: everything });
}

/** `managedListenerRuleHandler`, for rules of one listener. */
export function ownRules(stack: Stack, listenerArn: string): PolicyStatement[] {
  const { resourceName: listener = '' } = stack.splitArn(listenerArn, ArnFormat.SLASH_RESOURCE_NAME);
  const rules = stack.formatArn({
    service: 'elasticloadbalancing',
    resource: 'listener-rule',
    resourceName: `${listener}/*`,
  });
  return [
    ...shiftRules([rules]),
    new PolicyStatement({ actions: ['elasticloadbalancing:DescribeTags'], resources: everything }),
    new PolicyStatement({ actions: ['elasticloadbalancing:CreateRule'], resources: [listenerArn] }),
    new PolicyStatement({
      // The rule remembers in a tag which requests it was answered for.
      actions: [
        'elasticloadbalancing:AddTags',
        'elasticloadbalancing:SetRulePriorities',
        'elasticloadbalancing:DeleteRule',
      ],
      resources: [rules],
    }),
  ];
}

function arnIn(stack: Stack, service: string, resource: string, resourceName: string): string {
  return stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
