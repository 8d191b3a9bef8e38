import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';

type Add = (cloud: SimulatedCloud, options: never) => unknown;

/** Methods that create a simulated resource, each with the first option that it requires. */
const methods: readonly (readonly [method: string, required: string | undefined, add: Add])[] = [
  ['SimulatedApiGateway.addStage', 'restApiId', (cloud, options) => cloud.apiGateway.addStage(options)],
  ['SimulatedAppMesh.addRoute', 'meshName', (cloud, options) => cloud.appMesh.addRoute(options)],
  [
    'SimulatedApplicationAutoScaling.addTarget',
    'namespace',
    (cloud, options) => cloud.applicationAutoScaling.addTarget(options),
  ],
  [
    'SimulatedApplicationSignals.addObjective',
    'name',
    (cloud, options) => cloud.applicationSignals.addObjective(options),
  ],
  ['SimulatedCloudWatch.addAlarm', 'name', (cloud, options) => cloud.cloudWatch.addAlarm(options)],
  [
    'SimulatedCloudWatch.addDataPoint',
    'namespace',
    (cloud, options) => cloud.cloudWatch.addDataPoint(options),
  ],
  [
    'SimulatedCodeDeploy.addDeploymentGroup',
    'application',
    (cloud, options) => cloud.codeDeploy.addDeploymentGroup(options),
  ],
  [
    'SimulatedCodeDeploy.startDeployment',
    'application',
    (cloud, options) => cloud.codeDeploy.startDeployment(options),
  ],
  ['SimulatedDynamoDb.addTable', 'name', (cloud, options) => cloud.dynamoDb.addTable(options)],
  [
    'SimulatedEcs.addContainerInstance',
    'cluster',
    (cloud, options) => cloud.ecs.addContainerInstance(options),
  ],
  ['SimulatedEcs.addService', 'cluster', (cloud, options) => cloud.ecs.addService(options)],
  ['SimulatedEcsDeployments.start', undefined, (cloud, options) => cloud.ecsDeployments.start(options)],
  [
    'SimulatedElasticLoadBalancing.addLoadBalancer',
    'name',
    (cloud, options) => cloud.elasticLoadBalancing.addLoadBalancer(options),
  ],
  [
    'SimulatedElasticLoadBalancing.addListener',
    'loadBalancerArn',
    (cloud, options) => cloud.elasticLoadBalancing.addListener(options),
  ],
  [
    'SimulatedElasticLoadBalancing.addRule',
    'listenerArn',
    (cloud, options) => cloud.elasticLoadBalancing.addRule(options),
  ],
  [
    'SimulatedElasticLoadBalancing.addTargetGroup',
    'name',
    (cloud, options) => cloud.elasticLoadBalancing.addTargetGroup(options),
  ],
  ['SimulatedEventBridge.addRule', 'name', (cloud, options) => cloud.eventBridge.addRule(options)],
  [
    'SimulatedGlobalAccelerator.addEndpointGroup',
    'endpoints',
    (cloud, options) => cloud.globalAccelerator.addEndpointGroup(options),
  ],
  ['SimulatedKinesis.addStream', 'name', (cloud, options) => cloud.kinesis.addStream(options)],
  ['SimulatedKinesis.addConsumer', 'streamArn', (cloud, options) => cloud.kinesis.addConsumer(options)],
  ['SimulatedLambda.addFunction', 'name', (cloud, options) => cloud.lambda.addFunction(options)],
  ['SimulatedLambda.addAlias', 'functionName', (cloud, options) => cloud.lambda.addAlias(options)],
  ['SimulatedLambda.updateAlias', 'functionName', (cloud, options) => cloud.lambda.updateAlias(options)],
  ['SimulatedLambda.addMapping', 'functionName', (cloud, options) => cloud.lambda.addMapping(options)],
  ['SimulatedRds.addCluster', 'name', (cloud, options) => cloud.rds.addCluster(options)],
  ['SimulatedRds.addReader', undefined, (cloud, options) => cloud.rds.addReader('orders', options)],
  ['SimulatedRds.addInstance', 'identifier', (cloud, options) => cloud.rds.addInstance(options)],
  ['SimulatedRds.addSnapshot', 'identifier', (cloud, options) => cloud.rds.addSnapshot(options)],
  ['SimulatedRdsData.addDatabase', 'execute', (cloud, options) => cloud.rdsData.addDatabase(options)],
  ['SimulatedRoute53.addHostedZone', 'name', (cloud, options) => cloud.route53.addHostedZone(options)],
  ['SimulatedSns.subscribe', 'topic', (cloud, options) => cloud.sns.subscribe(options)],
  ['SimulatedSqs.addQueue', 'name', (cloud, options) => cloud.sqs.addQueue(options)],
  ['SimulatedSsm.addCalendar', 'name', (cloud, options) => cloud.ssm.addCalendar(options)],
  [
    'SimulatedStepFunctions.addStateMachine',
    'name',
    (cloud, options) => cloud.stepFunctions.addStateMachine(options),
  ],
  [
    'SimulatedStepFunctions.addAlias',
    'stateMachine',
    (cloud, options) => cloud.stepFunctions.addAlias(options),
  ],
  [
    'SimulatedVpcLattice.addListener',
    'defaultAction',
    (cloud, options) => cloud.vpcLattice.addListener(options),
  ],
  ['SimulatedVpcLattice.addRule', 'listener', (cloud, options) => cloud.vpcLattice.addRule(options)],
  [
    'SimulatedVpcLattice.addTargetGroup',
    undefined,
    (cloud, options) => cloud.vpcLattice.addTargetGroup(options),
  ],
];

/** Runs a method, and returns the error that it throws. */
function errorOf(add: Add, options: unknown): unknown {
  try {
    return add(new SimulatedCloud(), options as never);
  } catch (error) {
    return error;
  }
}

describe.each(methods)('%s', (_method, required, add) => {
  test('throws InvalidInputError for an unknown option', () => {
    expect(errorOf(add, { misspelt: 1 })).toMatchObject({
      name: 'InvalidInputError',
      message: expect.stringContaining('misspelt: unknown option'),
    });
  });

  test.each([[null], ['orders'], [[]]])('throws InvalidInputError for %j', (options) => {
    expect(errorOf(add, options)).toMatchObject({ name: 'InvalidInputError' });
  });

  if (required !== undefined)
    test('throws InvalidInputError without an option that it requires', () => {
      expect(errorOf(add, {})).toMatchObject({
        name: 'InvalidInputError',
        message: expect.stringContaining(`${required}: expected a value, got nothing`),
      });
    });
});

/** Values that the simulation does not know, and arguments of another kind. */
const wrongValues: readonly (readonly [text: string, act: (cloud: SimulatedCloud) => unknown])[] = [
  [
    'load balancer',
    ({ elasticLoadBalancing }) => elasticLoadBalancing.addLoadBalancer({ name: 'a', type: 'net' as never }),
  ],
  [
    'target type',
    ({ elasticLoadBalancing }) =>
      elasticLoadBalancing.addTargetGroup({ name: 'a', targetType: 'IP' as never }),
  ],
  ['desired count', ({ ecs }) => ecs.addService({ cluster: 'a', name: 'b', desiredCount: '2' as never })],
  [
    'deployment controller',
    ({ ecs }) =>
      ecs.addService({
        cluster: 'a',
        name: 'b',
        desiredCount: 2,
        deploymentController: 'CODEDEPLOY' as never,
      }),
  ],
  ['name of a topic', ({ sns }) => sns.addTopic({ name: 'a' } as never)],
  ['name of a cluster', ({ ecs }) => ecs.addCluster(undefined as never)],
  ['plan of deliveries to Lambda', ({ lambda }) => lambda.deliverEvents([0] as never)],
  ['plan of deliveries of EventBridge', ({ eventBridge }) => eventBridge.deliverEvents(undefined as never)],
];

test.each(wrongValues)('throws InvalidInputError for the %s', (_text, act) => {
  expect(() => act(new SimulatedCloud())).toThrowError(
    expect.objectContaining({ name: 'InvalidInputError' }),
  );
});

test.each([undefined, null, {}, { config: {} }, { config: { serviceId: 'SQS' } }])(
  'SimulatedCloud.connect throws a TypeError that says what is expected for %j',
  (client) => {
    expect(() => new SimulatedCloud().connect(client as never)).toThrowError(/expected an AWS SDK client/);
  },
);
