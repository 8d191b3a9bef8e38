import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { resourceOf, resourcesOf, text } from './resources.js';
import { synthesize } from './synthesize.js';

const { template } = synthesize();

describe('the functions', () => {
  test('all run on the same runtime, with a log of their own that does not grow for ever', () => {
    template.resourceCountIs('AWS::Lambda::Function', 5);
    template.resourceCountIs('AWS::Logs::LogGroup', 5);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  test.each(['before-install', 'after-allow-traffic'])('CodeDeploy may run %s by its name', (name) => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `CodeDeployHook_orders-${name}`,
      Timeout: 900,
      Environment: { Variables: Match.objectLike({ REPLACEMENT_STACK: 'green' }) },
    });
  });

  test('the next deployment brings the other stack up', () => {
    const { template: next } = synthesize({ context: { replacement: 'blue' } });

    next.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Brings orders-blue up',
      Environment: { Variables: Match.objectLike({ REPLACEMENT_STACK: 'blue' }) },
    });
    next.hasResourceProperties('AWS::Lambda::Function', { Description: 'Puts orders-green to rest' });
  });

  test('a stack that there is not is no replacement', () => {
    expect(() => synthesize({ context: { replacement: 'purple' } })).toThrow(/purple/);
  });

  test('ECS has a role to run its hook with', () => {
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
  ])('$name is what the toolkit makes', ({ name, steps, functionTimeoutSeconds, isReport = false }) => {
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
  });

  test('their functions have ended when they are given up', () => {
    const step = resourceOf(template, 'AWS::Lambda::Function', 'TrafficStep');
    const { Properties } = resourceOf(template, 'AWS::StepFunctions::StateMachine', 'TrafficMachine');
    const { States } = JSON.parse(text(Properties['DefinitionString']));

    expect(States.Advance.TimeoutSeconds).toBeGreaterThan(step.Properties['Timeout']);
  });
});

describe('the managed rule', () => {
  test('has the properties that the toolkit takes', () => {
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
  ])('with $reportsGreen % for green, $watched is watched', ({ reportsGreen, watched }) => {
    const { template: released } = synthesize({ context: { reportsGreen } });

    released.hasResourceProperties('Custom::ManagedListenerRule', {
      Destinations: [
        Match.objectLike({ Weight: 100 - Number(reportsGreen) }),
        Match.objectLike({ Weight: Number(reportsGreen) }),
      ],
      CloudWatchMetric: { Query: Match.stringLikeRegexp(`targetgroup/${watched}/`) },
    });
  });

  test('comes after all that its rollout needs, and goes before', () => {
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

  test('finds its state machine by its name', () => {
    const machine = resourceOf(template, 'AWS::StepFunctions::StateMachine', 'ReportsMachine');
    const { Properties } = resourceOf(template, 'AWS::Lambda::Function', 'ReportsProvider');

    const arn = text(Properties['Environment'].Variables.STATE_MACHINE_ARN);

    expect(arn).toBe(
      `arn:aws:states:eu-west-1:111122223333:stateMachine:${machine.Properties['StateMachineName']}`,
    );
  });
});

describe('the alarms', () => {
  test('tell a hook that could not answer, and a shift that did not come to its end', () => {
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

  test('go to the topic, if there is one', () => {
    const alarmTopicArn = 'arn:aws:sns:eu-west-1:111122223333:on-call';

    const { template: loud } = synthesize({ props: { alarmTopicArn } });

    loud.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alarmTopicArn] });
  });
});
