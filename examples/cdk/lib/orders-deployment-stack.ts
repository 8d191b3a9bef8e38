import { fileURLToPath } from 'node:url';
import {
  acknowledgeWildcards,
  CodeDeploySwapHooks,
  EcsSwapHook,
  ManagedListenerRule,
  StackSwapRecord,
  TrafficShiftStateMachine,
} from 'aws-blue-green-toolkit/cdk';
import { CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EcsApplication, EcsDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { type Function as LambdaFunction, Tracing } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { errorRate } from './error-rate.js';
import type { OrdersProps } from './orders.js';
import { shiftRule, swapSteps } from './permissions.js';

const inThisPackage = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Folders of this app, so that it can be synthesized from anywhere. */
const nodejs = { projectRoot: inThisPackage('.'), depsLockFilePath: inThisPackage('package-lock.json') };
const handlers = (file: string) => ({
  entry: inThisPackage(`lambda/${file}`),
  nodejs,
  tracing: Tracing.ACTIVE,
});

/** Everything that deploys the web shop's orders. The shop itself exists already. */
export class OrdersDeploymentStack extends Stack {
  constructor(scope: Construct, id: string, props: OrdersProps) {
    super(scope, id, props);
    const record = new StackSwapRecord(this, 'SwapRecord');
    const swapFunction = this.#addSwap(record, props);
    const traffic = new TrafficShiftStateMachine(this, 'Traffic', {
      ...handlers('shift-traffic.ts'),
      environment: {
        APPLICATION: props.application,
        RULE_ARN: props.ruleArn,
        LOAD_BALANCER_ARN: props.loadBalancerArn,
        BLUE_TARGET_GROUP_ARN: props.targetGroupArns.blue,
        GREEN_TARGET_GROUP_ARN: props.targetGroupArns.green,
      },
      permissions: [shiftRule(props.ruleArn)],
    });
    const reports = this.#addReports(props);

    const machines = { traffic, reports: reports.provider };
    const alarms = [
      // A failed hook fails its deployment. A failure after the deployment is reported by nothing else.
      this.#alarmAtFirst('SwapErrors', swapFunction.metricErrors(each)),
      this.#alarmAtFirst('ReportsErrors', reports.provider.function.metricErrors(each)),
      ...Object.entries(machines).flatMap(([name, { stateMachine }]) => [
        // Rolled back, halted, or not begun: the execution has the reason.
        this.#alarmAtFirst(`${name}NotShifted`, stateMachine.metricFailed(each)),
        // An aborted execution leaves the weights unchanged.
        this.#alarmAtFirst(`${name}Aborted`, stateMachine.metricAborted(each)),
      ]),
    ];
    if (props.alarmTopicArn !== undefined) {
      const topic = new SnsAction(Topic.fromTopicArn(this, 'AlarmTopic', props.alarmTopicArn));
      for (const alarm of alarms) alarm.addAlarmAction(topic);
    }
    new CfnOutput(this, 'SwapTable', { value: record.tableName });
    new CfnOutput(this, 'TrafficShift', { value: traffic.stateMachine.stateMachineArn });
    new CfnOutput(this, 'ReportsRule', { value: reports.ruleArn });
    this.#explainToNag(props.application);
  }

  /** Adds the hooks, and returns the function that ends a swap. */
  #addSwap(record: StackSwapRecord, props: OrdersProps): LambdaFunction {
    const { application, deployedBy, service, deploymentGroup, subscriptionArns, listenerArn } = props;
    const common = {
      record,
      cluster: service.cluster,
      service: service.name,
      environment: {
        APPLICATION: application,
        CLUSTER: service.cluster,
        SERVICE: service.name,
        LISTENER_ARN: listenerArn,
        BLUE_SUBSCRIPTION_ARN: subscriptionArns.blue,
        GREEN_SUBSCRIPTION_ARN: subscriptionArns.green,
      },
      permissions: [swapSteps(this, application)],
    };
    if (deployedBy === 'ecs') {
      const hook = new EcsSwapHook(this, 'Swap', { ...handlers('ecs-hook.ts'), ...common });
      new CfnOutput(this, 'LifecycleHook', { value: this.toJsonString(hook.lifecycleHook) });
      return hook.function;
    }
    const group = EcsDeploymentGroup.fromEcsDeploymentGroupAttributes(this, 'DeploymentGroup', {
      application: EcsApplication.fromEcsApplicationName(this, 'Application', deploymentGroup.application),
      deploymentGroupName: deploymentGroup.name,
    });
    return new CodeDeploySwapHooks(this, 'Swap', {
      ...handlers('hooks.ts'),
      ...common,
      deploymentGroup: group,
    }).deploymentEnded;
  }

  /** Adds the rule of the reports, with a check of the target group that gets the traffic. */
  #addReports({ listenerArn, loadBalancerArn, reports }: OrdersProps): ManagedListenerRule {
    const { priority, host, targetGroupArns, weights } = reports;
    const incoming = weights.green > weights.blue ? 'green' : 'blue';
    return new ManagedListenerRule(this, 'Reports', {
      ...handlers('managed-rule.ts'),
      listenerArn,
      priority,
      hosts: [host],
      destinations: [
        { targetGroupArn: targetGroupArns.blue, weight: weights.blue },
        { targetGroupArn: targetGroupArns.green, weight: weights.green },
      ],
      stepWeight: 10,
      stepInterval: Duration.minutes(2),
      cloudWatchMetric: { metric: errorRate(targetGroupArns[incoming], loadBalancerArn), max: 1 },
    });
  }

  /** Explains to cdk-nag the wildcards of the constructs, and of the policies in permissions.ts. */
  #explainToNag(application: string): void {
    acknowledgeWildcards(this);
    const inAccount = (service: string, name: string) =>
      `arn:<AWS::Partition>:${service}:${this.region}:${this.account}:${name}`;
    const reasons = {
      '*': 'AWS has no narrower resource for these actions: docs/iam.md of the toolkit',
      [inAccount('rds', `cluster:${application}-*`)]: 'the clusters of both stacks',
      [inAccount('cloudwatch', `alarm:${application}-*`)]: 'the alarms of both stacks',
      [inAccount('lambda', 'event-source-mapping:*')]: 'a condition names the function',
    };
    for (const [resource, reason] of Object.entries(reasons))
      Validations.of(this).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
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
