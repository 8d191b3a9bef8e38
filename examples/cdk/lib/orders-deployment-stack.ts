import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { DeploymentHooks } from './deployment-hooks.js';
import { ManagedRule } from './managed-rule.js';
import type { OrdersProps } from './orders.js';
import { TrafficShift } from './traffic-shift.js';

/** Everything that deploys the web shop's orders. The shop itself exists already. */
export class OrdersDeploymentStack extends Stack {
  constructor(scope: Construct, id: string, props: OrdersProps) {
    super(scope, id, props);
    const hooks = new DeploymentHooks(this, 'Hooks', props);
    const traffic = new TrafficShift(this, 'Traffic', props);
    const reports = new ManagedRule(this, 'Reports', props);

    const { beforeInstall, afterAllowTraffic, ecsLifecycle } = hooks;
    const alarms = [
      // A failed hook reports to CodeDeploy or ECS. A Lambda error means that it could not report.
      ...Object.entries({ beforeInstall, afterAllowTraffic, ecsLifecycle, provider: reports.provider }).map(
        ([name, it]) => this.#alarmAtFirst(`${name}Errors`, it.metricErrors(each)),
      ),
      // Rolled back, halted, or not begun: the execution has the reason.
      ...Object.entries({ traffic, reports }).map(([name, { machine }]) =>
        this.#alarmAtFirst(`${name}NotShifted`, machine.stateMachine.metricFailed(each)),
      ),
      // An aborted or timed-out execution leaves the weights unchanged.
      ...Object.entries({ traffic, reports }).map(([name, { machine }]) =>
        this.#alarmAtFirst(`${name}Aborted`, machine.stateMachine.metricAborted(each)),
      ),
    ];
    if (props.alarmTopicArn !== undefined) {
      const topic = new SnsAction(Topic.fromTopicArn(this, 'AlarmTopic', props.alarmTopicArn));
      for (const alarm of alarms) alarm.addAlarmAction(topic);
    }

    new CfnOutput(this, 'BeforeInstallHook', { value: beforeInstall.functionArn });
    new CfnOutput(this, 'AfterAllowTrafficHook', { value: afterAllowTraffic.functionArn });
    new CfnOutput(this, 'EcsHook', { value: ecsLifecycle.functionArn });
    new CfnOutput(this, 'EcsHookRole', { value: hooks.ecsHookRole.roleArn });
    new CfnOutput(this, 'TrafficShift', { value: traffic.machine.stateMachine.stateMachineArn });
    new CfnOutput(this, 'ReportsRule', { value: reports.rule.getAttString('RuleArn') });
  }

  #alarmAtFirst(id: string, metric: Metric): Alarm {
    return metric.createAlarm(this, id.charAt(0).toUpperCase() + id.slice(1), {
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

const each = { period: Duration.minutes(1), statistic: 'Sum' } as const;
