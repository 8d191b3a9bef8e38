import type { StackReference } from 'aws-blue-green-toolkit/core';
import { ArnFormat, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { OrdersProps } from './orders.js';
import { ownRules, stateMachineArn } from './permissions.js';
import { ShiftStateMachine } from './shift-state-machine.js';
import { ToolkitFunction } from './toolkit-function.js';

/** A listener rule that CloudFormation owns. When its weights change in the template, its traffic is shifted step by step. */
export class ManagedRule extends Construct {
  readonly provider: ToolkitFunction;
  /** State machine for rollouts that outlast the function. */
  readonly machine: ShiftStateMachine;
  readonly rule: CustomResource;

  constructor(scope: Construct, id: string, { listenerArn, loadBalancerArn, reports }: OrdersProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const name = `${stack.stackName}-rollouts`;
    // The ARN from its name, because the state machine refers to the function.
    const machineArn = stateMachineArn(stack, name);
    this.provider = new ToolkitFunction(this, 'Provider', {
      file: 'managed-rule.ts',
      description: 'Creates listener rules for CloudFormation, and shifts their traffic',
      timeout: ToolkitFunction.maxTimeout,
      environment: { STATE_MACHINE_ARN: machineArn },
      permissions: [ownRules(stack, listenerArn, machineArn)],
    });
    this.machine = new ShiftStateMachine(this, 'Machine', {
      name,
      steps: this.provider,
      stepTimeout: ToolkitFunction.maxTimeout,
      // The same function responds to CloudFormation at the end.
      report: this.provider,
    });

    const { priority, host, targetGroupArns, weights } = reports;
    const incoming: StackReference = weights.green > weights.blue ? 'green' : 'blue';
    this.rule = new CustomResource(this, 'Rule', {
      serviceToken: this.provider.functionArn,
      resourceType: 'Custom::ManagedListenerRule',
      serviceTimeout: Duration.hours(1),
      properties: {
        ListenerArn: listenerArn,
        Priority: priority,
        Hosts: [host],
        Destinations: [
          { TargetGroupArn: targetGroupArns.blue, Weight: weights.blue },
          { TargetGroupArn: targetGroupArns.green, Weight: weights.green },
        ],
        StepWeight: 10,
        StepInterval: '2m',
        CloudWatchMetric: {
          Max: '1.0',
          Interval: '60s',
          Query: stack.toJsonString(errorRate(stack, targetGroupArns[incoming], loadBalancerArn)),
        },
      },
    });
    // The rollout needs the state machine and the function's policy, also when the stack is deleted.
    this.rule.node.addDependency(this.machine, this.provider);
  }
}

/** Queries for the percentage of 5xx responses. CloudWatch has no data point for a minute without errors. */
function errorRate(stack: Stack, targetGroupArn: string, loadBalancerArn: string) {
  const nameIn = (arn: string) => stack.splitArn(arn, ArnFormat.SLASH_RESOURCE_NAME).resourceName;
  const sumOf = (MetricName: string) => ({
    Metric: {
      Namespace: 'AWS/ApplicationELB',
      MetricName,
      Dimensions: [
        { Name: 'TargetGroup', Value: `targetgroup/${nameIn(targetGroupArn)}` },
        { Name: 'LoadBalancer', Value: nameIn(loadBalancerArn) },
      ],
    },
    Period: 60,
    Stat: 'Sum',
  });
  return [
    { Id: 'rate', Expression: 'FILL(errors, 0) / requests * 100', Label: 'ErrorRate' },
    { Id: 'errors', ReturnData: false, MetricStat: sumOf('HTTPCode_Target_5XX_Count') },
    { Id: 'requests', ReturnData: false, MetricStat: sumOf('RequestCount') },
  ];
}
