import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { resourceOf, resourcesOf, text } from './resources.js';
import { synthesize } from './synthesize.js';

const { template } = synthesize();

describe('the functions', () => {
  test('use one runtime, and log groups with a retention', () => {
    template.resourceCountIs('AWS::Lambda::Function', 5);
    template.resourceCountIs('AWS::Logs::LogGroup', 5);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  test.each(['before-install', 'after-allow-traffic'])(
    '%s has a name that CodeDeploy is allowed to run',
    (name) => {
      template.hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: `CodeDeployHook_orders-${name}`,
        Timeout: 900,
        Environment: { Variables: Match.objectLike({ REPLACEMENT_STACK: 'green' }) },
      });
    },
  );

  test('start the other stack in the next deployment', () => {
    const { template: next } = synthesize({ context: { replacement: 'blue' } });

    next.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Starts orders-blue',
      Environment: { Variables: Match.objectLike({ REPLACEMENT_STACK: 'blue' }) },
    });
    next.hasResourceProperties('AWS::Lambda::Function', { Description: 'Retires orders-green' });
  });

  test('throw for an unknown replacement stack', () => {
    expect(() => synthesize({ context: { replacement: 'purple' } })).toThrow(/purple/);
  });

  test('include a role with which ECS runs its hook', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' } },
        ],
        Version: '2012-10-17',
      },
    });
  });
});

describe('the state machines', () => {
  test.each([
    { name: 'Traffic', steps: 'TrafficStep', functionTimeoutSeconds: 120 },
    { name: 'Reports', steps: 'ReportsProvider', functionTimeoutSeconds: 900, isReport: true },
  ])(
    '$name has the definition of stepFunctionsDefinition',
    ({ name, steps, functionTimeoutSeconds, isReport = false }) => {
      const machine = resourceOf(template, 'AWS::StepFunctions::StateMachine', `${name}Machine`);
      const [functionId = ''] = [...resourcesOf(template, 'AWS::Lambda::Function').keys()].filter((id) =>
        id.startsWith(steps),
      );
      const functionArn = text({ 'Fn::GetAtt': [functionId, 'Arn'] });

      const definition: unknown = JSON.parse(text(machine.Properties['DefinitionString']));

      const made = stepFunctionsDefinition({
        functionArn,
        functionTimeoutSeconds,
        ...(isReport && { report: functionArn }),
      });
      expect(definition).toEqual(JSON.parse(JSON.stringify(made)));
    },
  );

  test('wait longer for a step than the function runs', () => {
    const step = resourceOf(template, 'AWS::Lambda::Function', 'TrafficStep');
    const { Properties } = resourceOf(template, 'AWS::StepFunctions::StateMachine', 'TrafficMachine');
    const { States } = JSON.parse(text(Properties['DefinitionString']));

    expect(States.Advance.TimeoutSeconds).toBeGreaterThan(step.Properties['Timeout']);
  });
});

describe('the managed rule', () => {
  test('has the properties of the custom resource', () => {
    template.hasResourceProperties('Custom::ManagedListenerRule', {
      ServiceToken: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ReportsProvider'), 'Arn'] },
      ServiceTimeout: '3600',
      Priority: 20,
      Hosts: ['reports.example.com'],
      Destinations: [Match.objectLike({ Weight: 100 }), Match.objectLike({ Weight: 0 })],
    });
  });

  test.each([
    { reportsGreen: '0', watched: 'reports-blue' },
    { reportsGreen: '100', watched: 'reports-green' },
  ])('checks $watched with $reportsGreen % for green', ({ reportsGreen, watched }) => {
    const { template: released } = synthesize({ context: { reportsGreen } });

    released.hasResourceProperties('Custom::ManagedListenerRule', {
      Destinations: [
        Match.objectLike({ Weight: 100 - Number(reportsGreen) }),
        Match.objectLike({ Weight: Number(reportsGreen) }),
      ],
      CloudWatchMetric: { Query: Match.stringLikeRegexp(`targetgroup/${watched}/`) },
    });
  });

  test('depends on everything that its rollout needs', () => {
    const { DependsOn = [] } = resourceOf(template, 'Custom::ManagedListenerRule', 'ReportsRule');
    const provider = resourceOf(template, 'AWS::Lambda::Function', 'ReportsProvider');

    const depends = [...DependsOn, ...(provider.DependsOn ?? [])];
    for (const needed of [
      'ReportsMachineStateMachine',
      'ReportsMachineRoleDefaultPolicy',
      'ReportsProviderRoleDefaultPolicy',
    ]) {
      expect(depends).toContainEqual(expect.stringMatching(`^${needed}`));
    }
  });

  test('has the ARN of its state machine', () => {
    const machine = resourceOf(template, 'AWS::StepFunctions::StateMachine', 'ReportsMachine');
    const { Properties } = resourceOf(template, 'AWS::Lambda::Function', 'ReportsProvider');

    const arn = text(Properties['Environment'].Variables.STATE_MACHINE_ARN);

    expect(arn).toBe(
      `arn:aws:states:eu-west-1:111122223333:stateMachine:${machine.Properties['StateMachineName']}`,
    );
  });
});

describe('the alarms', () => {
  test('cover a hook that could not report, and a shift that did not succeed', () => {
    const alarms = [...resourcesOf(template, 'AWS::CloudWatch::Alarm').values()].map(
      ({ Properties }) => Properties['MetricName'],
    );

    expect(alarms.sort()).toEqual([
      ...Array(4).fill('Errors'),
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
