import { Match } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { resourcesOf } from './resources.js';
import { synthesize } from './synthesize.js';

const { app, template } = synthesize();
const ecs = synthesize({ context: { deployedBy: 'ecs' } });

describe('the functions', () => {
  test('use one runtime, and logs with a retention', () => {
    template.resourceCountIs('AWS::Lambda::Function', 8);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  test('have the variables that the plan reads, in every way of deployment', () => {
    for (const { template: each } of [{ template }, ecs]) {
      each.hasResourceProperties('AWS::Lambda::Function', {
        Timeout: 900,
        Environment: {
          Variables: Match.objectLike({
            APPLICATION: 'orders',
            CLUSTER: 'orders',
            SERVICE: 'web',
            SWAP_TABLE_NAME: { Ref: Match.stringLikeRegexp('^SwapRecordTable') },
          }),
        },
      });
    }
  });

  test('are one hook with its role when ECS deploys the service', () => {
    ecs.template.resourceCountIs('AWS::Lambda::Function', 3);
    ecs.template.hasOutput('LifecycleHook', {});
    ecs.template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({ 'detail-type': ['ECS Deployment State Change'] }),
    });
  });
});

describe('the managed rule', () => {
  test.each([
    { reportsGreen: '0', watched: 'reports-blue' },
    { reportsGreen: '100', watched: 'reports-green' },
  ])('checks $watched with $reportsGreen % for green', ({ reportsGreen, watched }) => {
    const { template: released } = synthesize({ context: { reportsGreen } });

    released.hasResourceProperties('Custom::ManagedListenerRule', {
      Priority: 20,
      Hosts: ['reports.example.com'],
      Destinations: [
        Match.objectLike({ Weight: 100 - Number(reportsGreen) }),
        Match.objectLike({ Weight: Number(reportsGreen) }),
      ],
      CloudWatchMetric: { Max: '1', Query: Match.stringLikeRegexp(`targetgroup/${watched}/`) },
    });
  });
});

describe('the alarms', () => {
  test('cover a swap that could not end, and a shift that did not succeed', () => {
    const alarms = [...resourcesOf(template, 'AWS::CloudWatch::Alarm').values()].map(
      ({ Properties }) => Properties['MetricName'],
    );

    expect(alarms.sort()).toEqual([
      ...Array(2).fill('Errors'),
      ...Array(2).fill('ExecutionsAborted'),
      ...Array(2).fill('ExecutionsFailed'),
    ]);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test('notify the topic, if one is set', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-west-1:111122223333:on-call';

    const { template: loud } = synthesize({ props: { alarmTopicArn } });

    loud.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alarmTopicArn] });
  });
});

test.each([
  { name: 'CodeDeploy', each: app },
  { name: 'ECS', each: ecs.app },
])('passes cdk-nag: $name', ({ each }) => {
  expect(new AwsSolutionsChecks(each).validateScope(each).violations).toEqual([]);
});
