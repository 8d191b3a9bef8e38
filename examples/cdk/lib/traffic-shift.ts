import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { OrdersProps } from './orders.js';
import { shiftRule } from './permissions.js';
import { ShiftStateMachine } from './shift-state-machine.js';
import { ToolkitFunction } from './toolkit-function.js';

const stepTimeout = Duration.minutes(2);

/** The state machine that shifts the traffic of one listener rule, and its function. */
export class TrafficShift extends Construct {
  readonly step: ToolkitFunction;
  readonly machine: ShiftStateMachine;

  constructor(scope: Construct, id: string, props: OrdersProps) {
    super(scope, id);
    const { application, ruleArn, loadBalancerArn, targetGroupArns } = props;
    this.step = new ToolkitFunction(this, 'Step', {
      file: 'shift-traffic.ts',
      description: `Runs one step of a traffic shift of ${application}`,
      timeout: stepTimeout,
      environment: {
        APPLICATION: application,
        RULE_ARN: ruleArn,
        LOAD_BALANCER_ARN: loadBalancerArn,
        BLUE_TARGET_GROUP_ARN: targetGroupArns.blue,
        GREEN_TARGET_GROUP_ARN: targetGroupArns.green,
      },
      permissions: [shiftRule(ruleArn)],
    });
    this.machine = new ShiftStateMachine(this, 'Machine', {
      name: `${Stack.of(this).stackName}-traffic-shift`,
      steps: this.step,
      stepTimeout,
    });
  }
}
