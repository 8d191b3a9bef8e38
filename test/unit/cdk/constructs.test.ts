import { App, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { MathExpression, Metric, SearchExpression } from 'aws-cdk-lib/aws-cloudwatch';
import {
  CfnService,
  Cluster,
  ContainerImage,
  DeploymentStrategy,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
} from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  acknowledgeWildcards,
  CodeDeploySwapHooks,
  EcsSwapHook,
  ManagedListenerRule,
  ManagedListenerRuleProvider,
  type ShiftApproval,
  StackSwapRecord,
  TrafficShiftStateMachine,
} from '../../../src/cdk/index.js';
import { ecsLifecycleStages } from '../../../src/core/ecs-lifecycle-stages.js';
import { InvalidInputError } from '../../../src/core/index.js';
import { parseProperties } from '../../../src/custom-resource/rule/properties.js';
import { stepFunctionsDefinition } from '../../../src/step-functions/index.js';
import {
  actionsOf,
  addCodeDeployHooks,
  addEcsHook,
  addNag,
  addRule,
  addShift,
  code,
  deploymentGroupIn,
  findingsIn,
  listenerArn,
  makeStack,
  ruleProps,
  statementsOf,
  targetGroupArns,
} from '../../support/cdk-stack.js';

// The CDK's own validation of each template takes a quarter of a second: one test has it on.
beforeEach(() => void vi.stubEnv('CDK_VALIDATION', 'false'));
afterEach(() => void vi.unstubAllEnvs());

const constructs = { addCodeDeployHooks, addEcsHook, addShift, addRule };
const each = Object.entries(constructs).map(([name, add]) => ({
  name,
  add: add as (stack: Stack) => unknown,
}));

const hookNames = [
  'before-install',
  'after-install',
  'after-allow-test-traffic',
  'before-allow-traffic',
  'after-allow-traffic',
];

/** Returns the fields of an InvalidInputError. */
function fieldsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems.map(({ field }) => field);
    throw error;
  }
  return [];
}

describe('StackSwapRecord', () => {
  test('creates the table of DynamoSwapRecord: its key, no TTL, backups, and protection against deletion', () => {
    const { stack } = makeStack();
    new StackSwapRecord(stack, 'SwapRecord', { tableName: 'stack-swaps' });

    const template = Template.fromStack(stack);

    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: 'stack-swaps',
        AttributeDefinitions: [{ AttributeName: 'application', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'application', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: Match.absent(),
        SSESpecification: Match.absent(),
      },
    });
  });

  test('takes a key of your own, and lets the functions use it', () => {
    const { stack } = makeStack();
    const encryptionKey = new Key(stack, 'Key');
    const record = new StackSwapRecord(stack, 'SwapRecord', {
      encryptionKey,
      deletionProtection: false,
      pointInTimeRecovery: false,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new EcsSwapHook(stack, 'Hook', { record, cluster: 'orders', service: 'web', code: code() });

    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::DynamoDB::Table', {
      DeletionProtectionEnabled: false,
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
    expect(actionsOf(stack, 'HookRole')).toEqual(
      expect.arrayContaining([
        'kms:Decrypt',
        'kms:DescribeKey',
        'kms:Encrypt',
        'kms:GenerateDataKey*',
        'kms:ReEncrypt*',
      ]),
    );
  });

  test('throws InvalidInputError for a snapshot, which DynamoDB does not have', () => {
    const { stack } = makeStack();

    expect(
      fieldsOf(() => new StackSwapRecord(stack, 'SwapRecord', { removalPolicy: RemovalPolicy.SNAPSHOT })),
    ).toEqual(['removalPolicy']);
  });

  test('grants the two actions of a record, and nothing else', () => {
    const { stack } = makeStack();
    const pipeline = new Role(stack, 'Pipeline', {
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com'),
    });
    const record = new StackSwapRecord(stack, 'SwapRecord');

    record.grantUse(pipeline);

    expect(statementsOf(stack, 'Pipeline')).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        Resource: stack.resolve(record.tableArn),
      },
    ]);
  });
});

describe('CodeDeploySwapHooks', () => {
  test('creates six functions with names that CodeDeploy may run', () => {
    const { stack } = makeStack();
    const hooks = addCodeDeployHooks(stack, { functionNamePrefix: 'orders' });

    const template = Template.fromStack(stack);

    for (const name of [...hookNames, 'deployment-ended'])
      template.hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: `CodeDeployHook_orders-${name}`,
      });
    template.resourceCountIs('AWS::Lambda::Function', 6);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 512,
      Timeout: 900,
      Environment: { Variables: { SWAP_TABLE_NAME: { Ref: Match.stringLikeRegexp('^SwapRecord') } } },
      TracingConfig: Match.absent(),
      ReservedConcurrentExecutions: Match.absent(),
    });
    // Lambda's two retries stay on: a hook that runs out of time relies on them.
    template.resourceCountIs('AWS::Lambda::EventInvokeConfig', 0);
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
    expect(hooks.appSpecHooks).toEqual([
      { BeforeInstall: 'CodeDeployHook_orders-before-install' },
      { AfterInstall: 'CodeDeployHook_orders-after-install' },
      { AfterAllowTestTraffic: 'CodeDeployHook_orders-after-allow-test-traffic' },
      { BeforeAllowTraffic: 'CodeDeployHook_orders-before-allow-traffic' },
      { AfterAllowTraffic: 'CodeDeployHook_orders-after-allow-traffic' },
    ]);
    const [output] = Object.values(template.findOutputs('*'));
    expect(JSON.parse(output?.['Value'])).toEqual(hooks.appSpecHooks);
  });

  test('has names of at most 64 characters, also at the end of a long path', () => {
    const app = new App();
    const stack = new Stack(app, 'a-very-long-name-of-a-stack-that-deploys-the-orders-of-a-shop');
    addCodeDeployHooks(stack);

    const names = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => String(Properties.FunctionName),
    );

    expect(new Set(names).size).toBe(6);
    for (const name of names) expect(name).toMatch(/^CodeDeployHook_[\w-]{1,49}$/);
  });

  test('triggers deploymentEnded by the events of its deployment group, and every 5 minutes', () => {
    const { stack } = makeStack();
    addCodeDeployHooks(stack);

    const template = Template.fromStack(stack);

    const targets = [
      { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HooksDeploymentEnded'), 'Arn'] }, Id: 'Target0' },
    ];
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.codedeploy'],
        'detail-type': ['CodeDeploy Deployment State-change Notification'],
        detail: { application: ['orders'], deploymentGroup: ['web'] },
      },
      Targets: targets,
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(5 minutes)',
      Targets: targets,
    });
    template.resourceCountIs('AWS::Lambda::Permission', 2);
  });

  test('lets a service role of your own run the hooks', () => {
    const { stack } = makeStack();
    const role = new Role(stack, 'CodeDeploy', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
    });

    addCodeDeployHooks(stack).grantInvoke(role);

    expect(statementsOf(stack, 'CodeDeploy')).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: Array(5).fill(expect.any(Object)) },
    ]);
  });

  test('takes settings of the functions', () => {
    const { stack } = makeStack();
    addCodeDeployHooks(stack, {
      handlerFile: 'dist/hooks',
      timeout: Duration.minutes(5),
      memorySize: 1024,
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.X86_64,
      tracing: Tracing.ACTIVE,
      environment: { LISTENER_ARN: listenerArn },
    });

    const template = Template.fromStack(stack);

    template.allResourcesProperties('AWS::Lambda::Function', {
      Handler: Match.stringLikeRegexp('^dist/hooks\\.(before|after|deployment)'),
      Timeout: 300,
      MemorySize: 1024,
      Runtime: 'nodejs22.x',
      Architectures: ['x86_64'],
      TracingConfig: { Mode: 'Active' },
      Environment: { Variables: Match.objectLike({ LISTENER_ARN: listenerArn }) },
    });
  });

  test('takes a file of handlers for each function', () => {
    const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
    const stack = new Stack(app, 'orders');
    new CodeDeploySwapHooks(stack, 'Hooks', {
      record: new StackSwapRecord(stack, 'SwapRecord'),
      deploymentGroup: deploymentGroupIn(stack),
      cluster: 'orders',
      service: 'web',
      entry: 'examples/whole-stack-swap/hooks.ts',
    });

    const handlers = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => String(Properties.Handler),
    );

    expect(handlers.sort()).toEqual([
      'index.afterAllowTestTraffic',
      'index.afterAllowTraffic',
      'index.afterInstall',
      'index.beforeAllowTraffic',
      'index.beforeInstall',
      'index.deploymentEnded',
    ]);
  });
});

describe('EcsSwapHook', () => {
  const configured = {
    DeploymentConfiguration: Match.objectLike({
      LifecycleHooks: [
        {
          HookTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HookFunction'), 'Arn'] },
          RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HookHookRole'), 'Arn'] },
          LifecycleStages: ecsLifecycleStages.slice(1),
        },
      ],
    }),
  };

  test('is the lifecycle hook of a service of the same stack', () => {
    const { stack } = makeStack();
    const taskDefinition = new FargateTaskDefinition(stack, 'Tasks');
    taskDefinition.addContainer('web', { image: ContainerImage.fromRegistry('web') });
    const service = new FargateService(stack, 'Web', {
      // The types of the CDK are not written for exactOptionalPropertyTypes.
      cluster: new Cluster(stack, 'Cluster', { clusterName: 'orders' }) as ICluster,
      serviceName: 'web',
      taskDefinition,
      deploymentStrategy: DeploymentStrategy.BLUE_GREEN,
    });

    service.addLifecycleHook(addEcsHook(stack).target);

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ECS::Service', configured);
    // CloudFormation refuses a circle: nothing of the hook refers to the service.
    const { Resources } = template.toJSON();
    const [serviceId = ''] = Object.keys(template.findResources('AWS::ECS::Service'));
    const referring = Object.entries(Resources).filter(([, resource]) =>
      JSON.stringify(resource).includes(`"${serviceId}"`),
    );
    expect(referring).toEqual([]);
  });

  test('is the lifecycle hook of a CfnService', () => {
    const { stack } = makeStack();

    new CfnService(stack, 'Web', {
      deploymentConfiguration: { strategy: 'BLUE_GREEN', lifecycleHooks: [addEcsHook(stack).lifecycleHook] },
    });

    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', configured);
  });

  test('takes the longest name of a service', () => {
    const { stack } = makeStack();
    const record = new StackSwapRecord(stack, 'SwapRecord');

    const service = 's'.repeat(255);

    expect(
      () => new EcsSwapHook(stack, 'Hook', { record, cluster: 'orders', service, code: code() }),
    ).not.toThrow();
  });

  test('has a role with which ECS runs this function only', () => {
    const { stack } = makeStack();
    addEcsHook(stack);

    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' } },
        ],
        Version: '2012-10-17',
      },
    });
    expect(statementsOf(stack, 'HookHookRole')).toEqual([
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^HookFunction/), 'Arn'] },
      },
    ]);
  });

  test('is triggered by the deployments of its service, and every 5 minutes', () => {
    const { stack } = makeStack();
    addEcsHook(stack);

    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change'],
        resources: [
          stack.resolve(stack.formatArn({ service: 'ecs', resource: 'service', resourceName: 'orders/web' })),
        ],
      },
    });
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(5 minutes)' });
  });
});

describe('TrafficShiftStateMachine', () => {
  function machineIn(stack: Stack) {
    const [machine] = Object.values(
      Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'),
    );
    return machine?.['Properties'].DefinitionString;
  }

  /** Returns the definition in the template, with names in place of references. */
  function definitionIn(stack: Stack): unknown {
    const [, parts] = machineIn(stack)['Fn::Join'] ?? [];
    const named = (part: unknown) => {
      if (typeof part === 'string') return part;
      const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: string[] };
      return Ref === 'AWS::Partition'
        ? 'aws'
        : `arn:aws:lambda:eu-west-1:111122223333:function:${attribute?.[0]}`;
    };
    return JSON.parse(parts.map(named).join(''));
  }

  test('has the definition of stepFunctionsDefinition around its function', () => {
    const { stack } = makeStack();
    addShift(stack);

    const definition = definitionIn(stack);

    const [id] = Object.keys(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
    const expected = stepFunctionsDefinition({
      functionArn: `arn:aws:lambda:eu-west-1:111122223333:function:${id}`,
      functionTimeoutSeconds: 120,
    });
    expect(definition).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  test('logs each state without its data, and never ends an execution by a time-out', () => {
    const { stack } = makeStack();
    addShift(stack);

    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL', Destinations: Match.anyValue() },
      TracingConfiguration: { Enabled: false },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/states/'),
      RetentionInDays: 90,
    });
    expect(definitionIn(stack)).not.toHaveProperty('TimeoutSeconds');
  });

  test('goes around a function of your own, with its time-out', () => {
    const { stack } = makeStack();
    const steps = new LambdaFunction(stack, 'Steps', {
      code: code(),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      timeout: Duration.minutes(5),
    });
    new TrafficShiftStateMachine(stack, 'Shift', { function: steps, stateMachineName: 'shift' });

    expect(definitionIn(stack)).toMatchObject({ States: { Advance: { TimeoutSeconds: 330 } } });
    expect(statementsOf(stack, 'ShiftMachineRole')).toContainEqual({
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: stack.resolve(steps.functionArn),
    });
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 1);
  });

  // The types of the CDK are not written for exactOptionalPropertyTypes.
  test.each([
    ['a version', (steps: LambdaFunction) => steps.currentVersion as IFunction],
    ['an alias', (steps: LambdaFunction) => steps.addAlias('live') as IFunction],
  ])('waits for the time-out of the function of %s', (_, qualified) => {
    const { stack } = makeStack();
    const steps = new LambdaFunction(stack, 'Steps', {
      code: code(),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      timeout: Duration.minutes(5),
    });
    new TrafficShiftStateMachine(stack, 'Shift', { function: qualified(steps) });

    expect(JSON.stringify(machineIn(stack))).toContain('TimeoutSeconds\\":330');
  });

  test('throws InvalidInputError for a function whose time-out is a token', () => {
    const { stack } = makeStack();
    const steps = new LambdaFunction(stack, 'Steps', {
      code: code(),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      timeout: Duration.seconds(Token.asNumber({ Ref: 'Timeout' })),
    });

    expect(fieldsOf(() => new TrafficShiftStateMachine(stack, 'Shift', { function: steps }))).toEqual([
      'timeout',
    ]);
  });

  test('throws InvalidInputError for an imported function without its time-out', () => {
    const { stack } = makeStack();
    const steps = LambdaFunction.fromFunctionArn(
      stack,
      'Steps',
      'arn:aws:lambda:eu-west-1:111122223333:function:steps',
    );

    expect(fieldsOf(() => new TrafficShiftStateMachine(stack, 'One', { function: steps }))).toEqual([
      'timeout',
    ]);
    const timeout = Duration.minutes(1);
    expect(new TrafficShiftStateMachine(stack, 'Two', { function: steps, timeout }).function).toBe(steps);
  });

  test.each([
    [
      'topic',
      (stack: Stack, key: IKey) => ({ topic: new Topic(stack, 'Topic', { masterKey: key }) }),
      'sns:Publish',
    ],
    [
      'queue',
      (stack: Stack, key: IKey) => ({ queue: new Queue(stack, 'Queue', { encryptionMasterKey: key }) }),
      'sqs:SendMessage',
    ],
  ])('may send to a %s with a key of your own', (_, receiver, action) => {
    const { stack } = makeStack();
    const approval = { ...receiver(stack, new Key(stack, 'Key')), timeout: Duration.hours(1) };
    new TrafficShiftStateMachine(stack, 'Shift', { code: code(), approval });

    expect(actionsOf(stack, 'ShiftMachineRole')).toEqual(
      expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey*', action]),
    );
  });

  test('throws InvalidInputError for a FIFO topic or queue, which refuses a message without a group', () => {
    const { stack } = makeStack();
    const timeout = Duration.hours(1);
    const [topic, queue] = [
      new Topic(stack, 'Topic', { fifo: true }),
      new Queue(stack, 'Queue', { fifo: true }),
    ];
    const shift = (id: string, approval: ShiftApproval) =>
      new TrafficShiftStateMachine(stack, id, { code: code(), approval });

    expect(fieldsOf(() => shift('One', { topic, timeout }))).toEqual(['approval.topic']);
    expect(fieldsOf(() => shift('Two', { queue, timeout }))).toEqual(['approval.queue']);
  });

  test('may call the functions of your tasks and approvals, and uses a state as it is', () => {
    const { stack } = makeStack();
    const add = (id: string) =>
      new LambdaFunction(stack, id, { code: code(), handler: 'index.handler', runtime: Runtime.NODEJS_24_X });
    const [finish, approve] = [add('Finish'), add('Approve')];
    new TrafficShiftStateMachine(stack, 'Shift', {
      code: code(),
      preCheck: { Type: 'Task', Resource: 'arn:aws:states:::codebuild:startBuild.sync', Parameters: {} },
      finish,
      approval: { function: approve, timeout: Duration.hours(1) },
    });

    expect(definitionIn(stack)).toMatchObject({
      States: {
        PreCheck: { Resource: 'arn:aws:states:::codebuild:startBuild.sync' },
        Finish: { Parameters: { FunctionName: expect.stringContaining('Finish') } },
      },
    });
    const invoked = statementsOf(stack, 'ShiftMachineRole').filter(
      ({ Action }) => Action === 'lambda:InvokeFunction',
    );
    expect(invoked.flatMap(({ Resource }) => Resource)).toEqual(
      expect.arrayContaining([finish, approve].map(({ functionArn }) => stack.resolve(functionArn))),
    );
  });

  test('may ask for approvals through a topic, or through an encrypted queue', () => {
    const { stack } = makeStack();
    const timeout = Duration.hours(1);
    const topic = new Topic(stack, 'Topic');
    const queue = new Queue(stack, 'Queue', { encryptionMasterKey: new Key(stack, 'Key') });
    new TrafficShiftStateMachine(stack, 'One', { code: code(), approval: { topic, timeout } });
    new TrafficShiftStateMachine(stack, 'Two', { code: code(), approval: { queue, timeout } });

    expect(statementsOf(stack, 'OneMachineRole')).toContainEqual({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Resource: stack.resolve(topic.topicArn),
    });
    expect(statementsOf(stack, 'TwoMachineRole')).toContainEqual({
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: stack.resolve(queue.queueArn),
    });
    expect(actionsOf(stack, 'TwoMachineRole')).toContain('kms:GenerateDataKey*');
    expect(actionsOf(stack, 'OneMachineRole')).not.toContain('sqs:SendMessage');
  });
});

describe('ManagedListenerRule', () => {
  const errors = (name: string) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName: name,
      statistic: 'Sum',
      dimensionsMap: { TargetGroup: 'web' },
    });
  const errorRate = new MathExpression({
    expression: 'FILL(errors, 0) / requests * 100',
    usingMetrics: { errors: errors('HTTPCode_Target_5XX_Count'), requests: errors('RequestCount') },
    period: Duration.minutes(1),
  });

  /** Returns the properties of the custom resource, as CloudFormation sends them. */
  function propertiesIn(stack: Stack): Record<string, unknown> {
    const [rule] = Object.values(Template.fromStack(stack).findResources('Custom::ManagedListenerRule'));
    return { ...rule?.['Properties'], ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:rule' };
  }

  test('has properties that the handler reads as they were meant', () => {
    const { stack } = makeStack();
    addRule(stack, {
      pathPatterns: ['/orders/*'],
      methods: ['GET'],
      sourceIps: ['10.0.0.0/8'],
      headers: { 'X-Tenant': ['a'] },
      queryStrings: { version: '2' },
      stepWeight: 10,
      stepInterval: Duration.minutes(2),
      cloudWatchMetric: { metric: errorRate, max: 0.5, interval: Duration.seconds(60) },
      datadogMetric: { query: 'avg:errors{*}', min: -1 },
      retainOnDelete: true,
      adoptExisting: true,
      serviceTimeout: Duration.minutes(30),
    });

    expect(parseProperties(propertiesIn(stack))).toEqual({
      listenerArn,
      priority: 11,
      conditions: {
        hosts: ['example.com'],
        pathPatterns: ['/orders/*'],
        methods: ['GET'],
        sourceIps: ['10.0.0.0/8'],
        headers: { 'X-Tenant': ['a'] },
        queryStrings: { version: '2' },
      },
      destinations: ruleProps.destinations,
      stepWeight: 10,
      stepIntervalSeconds: 120,
      cloudWatchMetric: {
        queries: [
          { Id: 'judged', Expression: 'FILL(errors, 0) / requests * 100', Period: 60, ReturnData: true },
          ...[
            ['errors', 'HTTPCode_Target_5XX_Count'],
            ['requests', 'RequestCount'],
          ].map(([Id, MetricName]) => ({
            Id,
            MetricStat: {
              Metric: {
                Namespace: 'AWS/ApplicationELB',
                MetricName,
                Dimensions: [{ Name: 'TargetGroup', Value: 'web' }],
              },
              Period: 60,
              Stat: 'Sum',
            },
            ReturnData: false,
          })),
        ],
        min: undefined,
        max: 0.5,
        intervalSeconds: 60,
      },
      datadogMetric: {
        query: 'avg:errors{*}',
        min: -1,
        max: undefined,
        intervalSeconds: 60,
        address: undefined,
      },
      retainOnDelete: true,
      adoptExisting: true,
      serviceTimeoutSeconds: 1800,
    });
  });

  test('leaves the defaults of the handler', () => {
    const { stack } = makeStack();
    addRule(stack);

    expect(propertiesIn(stack)).toEqual({
      ServiceToken: expect.any(String),
      ServiceTimeout: '3600',
      ListenerArn: listenerArn,
      Priority: 11,
      Hosts: ['example.com'],
      Destinations: [
        { TargetGroupArn: targetGroupArns.blue, Weight: 100 },
        { TargetGroupArn: targetGroupArns.green, Weight: 0 },
      ],
    });
  });

  test('depends on everything that its rollout needs, also while the stack is deleted', () => {
    const { stack } = makeStack();
    addRule(stack);

    const [rule] = Object.values(Template.fromStack(stack).findResources('Custom::ManagedListenerRule'));

    for (const needed of ['StateMachine', 'MachineRoleToolkitPolicy', 'RoleToolkitPolicy', 'Function'])
      expect(rule?.['DependsOn']).toContainEqual(expect.stringMatching(`^RuleProvider${needed}`));
  });

  test('shares a provider, which may change the rules of each listener', () => {
    const { stack } = makeStack();
    const provider = new ManagedListenerRuleProvider(stack, 'Provider', { code: code() });
    const other = listenerArn.replace('web', 'shop');
    new ManagedListenerRule(stack, 'One', { ...ruleProps, provider });
    new ManagedListenerRule(stack, 'Two', { ...ruleProps, provider, priority: 12 });
    new ManagedListenerRule(stack, 'Three', { ...ruleProps, provider, listenerArn: other });

    const created = statementsOf(stack, 'ProviderRole').filter(
      ({ Action }) => Action === 'elasticloadbalancing:CreateRule',
    );

    expect(created.flatMap(({ Resource }) => Resource).sort()).toEqual([other, listenerArn].sort());
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('has policies within the limit of a role, 10,240 characters, for 25 listeners', () => {
    const { stack } = makeStack();
    const provider = new ManagedListenerRuleProvider(stack, 'Provider', { code: code() });
    for (let number = 0; number < 25; number += 1)
      provider.allowListener(listenerArn.replace('web', `web-${number}`));

    const statements = JSON.stringify(statementsOf(stack, 'ProviderRole'));

    expect(statements.match(/:listener-rule\/app\/web-\d+\//g) ?? statements).toHaveLength(25);
    expect(statements.length).toBeLessThan(10_240);
  });

  test('takes the ARN of a listener of the same stack', () => {
    const { stack } = makeStack();
    const token = Token.asString({ Ref: 'Listener' });
    addRule(stack, { listenerArn: token });

    const statements = statementsOf(stack, 'RuleProviderRole');

    expect(JSON.stringify(statements)).toContain(
      JSON.stringify({ 'Fn::Select': [1, { 'Fn::Split': [':listener/', { Ref: 'Listener' }] }] }),
    );
  });

  test.each([
    ['a search', new SearchExpression({ expression: "SEARCH('errors', 'Sum', 60)" })],
    [
      'a metric of another account',
      new Metric({ namespace: 'a', metricName: 'b', account: '1', region: 'x' }),
    ],
  ])('throws InvalidInputError for %s', (_, metric) => {
    const { stack } = makeStack();

    expect(fieldsOf(() => addRule(stack, { cloudWatchMetric: { metric, max: 1 } }))).toEqual([
      'cloudWatchMetric.metric',
    ]);
  });
});

describe('each construct', () => {
  test.each(each)('$name has policies without a needless wildcard', ({ add }) => {
    const { stack } = makeStack();
    add(stack);

    const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy');

    expect(
      Object.fromEntries(
        Object.entries(policies).map(([id, { Properties }]) => [id, Properties.PolicyDocument.Statement]),
      ),
    ).toMatchSnapshot();
    for (const { Properties } of Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')))
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  test.each(each)('$name names no partition, account or Region of its own', ({ add }) => {
    const { stack } = makeStack();
    add(stack);

    const text = JSON.stringify(Template.fromStack(stack).toJSON());

    const ofTests = [listenerArn, ...Object.values(targetGroupArns)];
    const arns = (text.match(/arn:aws[^"]*/g) ?? []).filter(
      (arn) => !ofTests.some((it) => arn.startsWith(it.slice(0, 60))),
    );
    expect(arns).toEqual([]);
  });

  test.each(each)('$name has the same policies whatever else is in the app', ({ add }) => {
    const policiesWith = (others: number) => {
      const { stack } = makeStack();
      // Each token has a number.
      for (let count = 0; count < others; count += 1) Token.asString({ Ref: `Other${count}` });
      add(stack);
      return Template.fromStack(stack).findResources('AWS::IAM::Policy');
    };

    const expected = JSON.stringify(policiesWith(0));

    for (const others of [7, 93]) expect(JSON.stringify(policiesWith(others))).toBe(expected);
  });

  test.each(each)(
    '$name leaves cdk-nag only what tracing would settle, and your own policies',
    ({ name, add }) => {
      const { app, stack } = makeStack();
      add(stack);
      expect(findingsIn(app)).not.toEqual([]);

      acknowledgeWildcards(stack);

      const left = findingsIn(app).map((finding) => finding.replace(/ .*(?=Policy|StateMachine)/, ' '));
      const ofMachine = ['AwsSolutions-SF2 StateMachine/Resource'];
      expect(left).toEqual(
        {
          addShift: ['AwsSolutions-IAM5[Resource::*] Policy/Resource', ...ofMachine],
          addRule: ofMachine,
        }[name] ?? [],
      );
    },
  );

  test('passes cdk-nag as a plug-in, and the rules of the CDK', () => {
    vi.stubEnv('CDK_VALIDATION', 'true');
    const context = { '@aws-cdk/core:validateAgainstDefaultRules': true };
    const tracing = Tracing.ACTIVE;
    const app = new App({ context });
    addCodeDeployHooks(new Stack(app, 'code-deploy'), { tracing });
    addEcsHook(new Stack(app, 'ecs'));
    addRule(new Stack(app, 'rule'), { tracing });
    acknowledgeWildcards(app);
    addNag(app);

    expect(() => app.synth()).not.toThrow();
    expect(findingsIn(app)).toEqual([]);
  });

  test('explains the groups of actions on a key of yours', () => {
    const { app, stack } = makeStack();
    const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
    const record = new StackSwapRecord(stack, 'SwapRecord', { encryptionKey });
    const ofService = { record, cluster: 'orders', service: 'web', code: code() };
    new CodeDeploySwapHooks(stack, 'Hooks', { ...ofService, deploymentGroup: deploymentGroupIn(stack) });
    new EcsSwapHook(stack, 'Hook', ofService);
    const queue = new Queue(stack, 'Queue', { encryptionMasterKey: encryptionKey });
    const approval = { queue, timeout: Duration.hours(1) };
    new TrafficShiftStateMachine(stack, 'Shift', { code: code(), approval, tracing: Tracing.ACTIVE });
    expect(findingsIn(app).filter((it) => it.includes('Action::kms'))).toHaveLength(5);

    acknowledgeWildcards(app);

    expect(findingsIn(app).filter((it) => it.includes('IAM5'))).toEqual([]);
  });

  test.each([undefined, null, {}, 'orders'])('throws InvalidInputError for the scope %j', (scope) => {
    expect(() => acknowledgeWildcards(scope as never)).toThrow(
      expect.objectContaining({ name: 'InvalidInputError' }),
    );
  });

  test('explains the wildcards of every listener of a shared provider', () => {
    const { app, stack } = makeStack();
    const provider = new ManagedListenerRuleProvider(stack, 'Provider', {
      code: code(),
      tracing: Tracing.ACTIVE,
    });
    for (const name of ['web', 'shop', 'api']) provider.allowListener(listenerArn.replace('web', name));
    expect(findingsIn(app).filter((it) => it.includes('listener-rule'))).toHaveLength(3);

    acknowledgeWildcards(app);

    expect(findingsIn(app)).toEqual([]);
  });

  test('fails cdk-nag as a plug-in without the acknowledgement', () => {
    const { app, stack } = makeStack();
    vi.spyOn(console, 'error').mockImplementation(() => {});
    addEcsHook(stack);
    addNag(app);

    expect(() => app.synth()).toThrow(/AwsSolutions-IAM5/);
  });
});

describe('props', () => {
  const { stack } = makeStack();
  const record = new StackSwapRecord(stack, 'Valid');
  const deploymentGroup = deploymentGroupIn(stack);
  let count = 0;
  /** Creates a construct from any props, as JavaScript could. */
  const make = <Props>(Construct: new (scope: Stack, id: string, props: Props) => unknown) => {
    count += 1;
    return (props: unknown) => new Construct(stack, `Invalid${count}`, props as Props);
  };
  const hooks = (more: object) => () =>
    make(CodeDeploySwapHooks)({ record, deploymentGroup, cluster: 'a', service: 'b', code: code(), ...more });
  const rule = (more: object) => () => make(ManagedListenerRule)({ ...ruleProps, code: code(), ...more });
  const shift = (more: object) => () => make(TrafficShiftStateMachine)({ code: code(), ...more });
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no value');
      },
      ownKeys: () => {
        throw new Error('no keys');
      },
    },
  );

  test.each([
    ['null', () => make(StackSwapRecord)(null), ['']],
    ['a list', () => make(StackSwapRecord)([]), ['']],
    ['a proxy that throws', () => make(StackSwapRecord)(throwing), ['']],
    ['an unknown prop', () => make(StackSwapRecord)({ tablename: 'x' }), ['tablename']],
    ['a short name', () => make(StackSwapRecord)({ tableName: 'x' }), ['tableName']],
    ['a text', () => make(StackSwapRecord)({ deletionProtection: 'yes' }), ['deletionProtection']],
    ['no props', () => make(CodeDeploySwapHooks)({}), ['record', 'deploymentGroup', 'cluster', 'service']],
    ['neither entry nor code', hooks({ code: undefined }), ['entry']],
    ['entry and code', hooks({ entry: 'hooks.ts' }), ['code']],
    ['a missing file', hooks({ code: undefined, entry: 'missing.ts' }), ['entry']],
    ['a folder as entry', hooks({ code: undefined, entry: 'src' }), ['entry']],
    [
      'a file of handlers beside entry',
      hooks({ code: undefined, entry: 'a.ts', handlerFile: 'a' }),
      ['handlerFile'],
    ],
    ['settings of the bundling beside code', hooks({ nodejs: {} }), ['nodejs']],
    ['an ARN for a name', hooks({ cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/a' }), ['cluster']],
    ['a long prefix', hooks({ functionNamePrefix: 'x'.repeat(25) }), ['functionNamePrefix']],
    ['a number of seconds', hooks({ timeout: 900 }), ['timeout']],
    ['half a second', hooks({ timeout: Duration.millis(3500) }), ['timeout']],
    [
      'a time-out that is a token',
      hooks({ timeout: Duration.seconds(Token.asNumber('later')) }),
      ['timeout'],
    ],
    [
      'a variable that the construct sets',
      hooks({ environment: { SWAP_TABLE_NAME: 'other' } }),
      ['environment.SWAP_TABLE_NAME'],
    ],
    [
      'a variable of the provider',
      rule({ environment: { STATE_MACHINE_ARN: 'x' } }),
      ['environment.STATE_MACHINE_ARN'],
    ],
    ['an unknown setting of the bundling', hooks({ nodejs: { bundle: {} } }), ['nodejs.bundle']],
    ['a long time-out', hooks({ timeout: Duration.minutes(16) }), ['timeout']],
    ['little memory', hooks({ memorySize: 127 }), ['memorySize']],
    ['no policy', hooks({ permissions: [{}] }), ['permissions[0]']],
    ['a statement that is null', hooks({ permissions: [{ Statement: [null] }] }), ['permissions[0]']],
    ['an empty statement', shift({ permissions: [{ Statement: [{}] }] }), ['permissions[0]']],
    ['a table without an ARN', hooks({ record: { tableArn: 5, tableName: 'swaps' } }), ['record']],
    ['no construct', shift({ code: undefined, function: { functionArn: 'x' } }), ['function']],
    ['the name of a runtime', hooks({ runtime: 'nodejs24.x' }), ['runtime']],
    ['an unknown prop of hooks', hooks({ timeOut: Duration.minutes(1) }), ['timeOut']],
    ['no name of a service', () => make(EcsSwapHook)({ record, cluster: 'a', code: code() }), ['service']],
    ['a long name of a machine', shift({ stateMachineName: 'x'.repeat(81) }), ['stateMachineName']],
    ['no task', shift({ finish: 'arn:aws:lambda:eu-west-1:111122223333:function:a' }), ['finish']],
    ['an approval through nothing', shift({ approval: { timeout: Duration.hours(1) } }), ['approval']],
    ['code beside a function', shift({ function: { functionArn: 'x', node: {} } }), ['code']],
    ['no condition', rule({ hosts: [] }), ['hosts']],
    ['an unknown prop of a rule', rule({ host: 'example.com' }), ['host']],
    ['one target group', rule({ destinations: [ruleProps.destinations[0]] }), ['destinations[1]']],
    [
      'the same target group twice',
      rule({ destinations: [ruleProps.destinations[0], ruleProps.destinations[0]] }),
      ['destinations[1].targetGroupArn'],
    ],
    [
      'no weight',
      rule({ destinations: ruleProps.destinations.map((it) => ({ ...it, weight: 0 })) }),
      ['destinations'],
    ],
    [
      'a weight of 1000',
      rule({ destinations: ruleProps.destinations.map((it) => ({ ...it, weight: 1000 })) }),
      ['destinations[0].weight', 'destinations[1].weight'],
    ],
    ['an ARN of a rule', rule({ listenerArn: targetGroupArns.blue }), ['listenerArn']],
    [
      'a metric without bounds',
      rule({ cloudWatchMetric: { metric: new Metric({ namespace: 'a', metricName: 'b' }) } }),
      ['cloudWatchMetric.max'],
    ],
    ['bounds out of order', rule({ datadogMetric: { query: 'a', min: 2, max: 1 } }), ['datadogMetric.max']],
    [
      'an infinite bound',
      rule({ datadogMetric: { query: 'a', max: Number.POSITIVE_INFINITY } }),
      ['datadogMetric.max'],
    ],
    [
      'code beside a provider',
      rule({ provider: new ManagedListenerRuleProvider(stack, 'P', { code: code() }) }),
      ['code'],
    ],
  ] as const)('throw InvalidInputError, naming the field, for %s', (_, act, fields) => {
    expect(fieldsOf(act)).toEqual(fields);
  });
});
