import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  ListServiceDeploymentsCommand,
  type ServiceDeploymentStatus,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type EcsHookLambdaEvent,
  SimulatedCloud,
  type SimulatedEcsDeploymentOptions,
  type SimulatedRuleEvent,
} from '../../../../../src/testing/index.js';

const service = { cluster: 'shop', service: 'web' };
const canary = { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 5 } as const;

let cloud: SimulatedCloud;
let events: string[];

beforeEach(() => {
  cloud = new SimulatedCloud();
  events = [];
  cloud.lambda.addFunction({
    name: 'ended',
    handler: (event) => void events.push(String((event as SimulatedRuleEvent).detail['eventName'])),
  });
  cloud.eventBridge.addRule({
    name: 'ended',
    eventPattern: { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'] },
    targets: ['arn:aws:lambda:eu-west-1:123456789012:function:ended'],
  });
});

function start(options: SimulatedEcsDeploymentOptions = {}) {
  return cloud.ecsDeployments.start({ service, strategy: canary, ...options });
}

async function read(arn: string) {
  const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] });
  const { serviceDeployments = [] } = await cloud.clients.ecs.send(command);
  return serviceDeployments[0] ?? {};
}

function stop(serviceDeploymentArn: string, stopType?: 'ROLLBACK' | 'ABORT') {
  return cloud.clients.ecs.send(
    new StopServiceDeploymentCommand({ serviceDeploymentArn, ...(stopType && { stopType }) }),
  );
}

async function untilTenPercent() {
  while (cloud.ecsDeployments.targetPercent.production !== 10) await cloud.clock.sleep(1_000);
}

describe('DescribeServiceDeployments', () => {
  test('shows status, stage and weights while the deployment runs and bakes', async () => {
    const { serviceDeploymentArn, ended } = start({ bakeTimeInMinutes: 10 });

    await untilTenPercent();
    expect(await read(serviceDeploymentArn)).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'BAKE_TIME',
      targetServiceRevision: { requestedProductionTrafficWeight: 10, requestedTestTrafficWeight: 100 },
      sourceServiceRevisions: [{ requestedProductionTrafficWeight: 90 }],
      deploymentConfiguration: { strategy: 'CANARY', bakeTimeInMinutes: 10 },
    });
    await cloud.clock.sleep(400_000);
    expect(await read(serviceDeploymentArn)).toMatchObject({
      status: 'IN_PROGRESS',
      lifecycleStage: 'BAKE_TIME',
      targetServiceRevision: { requestedProductionTrafficWeight: 100 },
    });
    await ended;
    const last = await read(serviceDeploymentArn);
    expect(last).toMatchObject({ status: 'SUCCESSFUL', finishedAt: expect.any(Date) });
    expect(last.lifecycleStage).toBeUndefined();
  });

  test('reports a missing deployment as a failure, and refuses more than twenty', async () => {
    const describeAll = (serviceDeploymentArns: string[]) =>
      cloud.clients.ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));

    expect((await describeAll(['arn:none'])).failures).toEqual([{ arn: 'arn:none', reason: 'MISSING' }]);
    await expect(describeAll(Array.from({ length: 21 }, () => 'arn'))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

describe('DescribeServiceRevisions', () => {
  test('shows the task definition, and the target of a deployment is the source of the next', async () => {
    const first = start({ taskDefinition: 'web:2', previousTaskDefinition: 'web:1' });
    await first.ended;
    const second = start({ taskDefinition: 'web:3' });
    await second.ended;

    const [one, two] = [await read(first.serviceDeploymentArn), await read(second.serviceDeploymentArn)];
    const source = one.sourceServiceRevisions?.[0]?.arn ?? '';
    const target = one.targetServiceRevision?.arn ?? '';
    expect(two.sourceServiceRevisions?.[0]?.arn).toBe(target);
    const { serviceRevisions, failures } = await cloud.clients.ecs.send(
      new DescribeServiceRevisionsCommand({ serviceRevisionArns: [source, target, 'arn:none'] }),
    );
    expect(serviceRevisions?.map((it) => it.taskDefinition?.split('/')[1])).toEqual(['web:1', 'web:2']);
    expect(serviceRevisions?.[1]).toMatchObject({ serviceRevisionArn: target });
    expect(failures).toMatchObject([{ arn: 'arn:none' }]);
  });
});

describe('StopServiceDeployment', () => {
  test('requests a rollback, after which the old revision has all the traffic', async () => {
    const deployment = start();
    await untilTenPercent();

    deployment.stop();
    expect(deployment.status).toBe('ROLLBACK_REQUESTED');
    await stop(deployment.serviceDeploymentArn);
    await stop(deployment.serviceDeploymentArn, 'ROLLBACK');

    expect((await deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(await read(deployment.serviceDeploymentArn)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      targetServiceRevision: { requestedProductionTrafficWeight: 0 },
      rollback: { serviceRevisionArn: expect.stringContaining('service-revision') },
    });
  });

  test('refuses ABORT, a missing deployment and one that has ended', async () => {
    const { serviceDeploymentArn, ended } = start();
    await expect(stop(serviceDeploymentArn, 'ABORT')).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await ended;

    await expect(stop(serviceDeploymentArn)).rejects.toMatchObject({ name: 'ConflictException' });
    await expect(stop('arn:none')).rejects.toMatchObject({ name: 'ServiceDeploymentNotFoundException' });
  });

  test.each([0, 60, 125, 140, 300, 470])('ends the deployment at second %i', async (seconds) => {
    const deployment = start({ bakeTimeInMinutes: 5 });
    deployment.stopAfter(seconds);

    expect((await deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(deployment.targetPercent).toEqual({ test: 0, production: 0 });
  });

  test.each([
    ['afterShift', []],
    ['always', ['PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT']],
    ['never', []],
  ] as const)('runs hooks in the rollback of an early stop: %s', async (hooksInRollback, expected) => {
    const stages: string[] = [];
    const handler = ({ lifecycleStage }: EcsHookLambdaEvent) => {
      stages.push(lifecycleStage);
      return { hookStatus: 'SUCCEEDED' };
    };
    const deployment = start({
      hooksInRollback,
      hooks: [{ stages: ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'], handler }],
    });
    deployment.stopAfter(30);
    await deployment.ended;

    expect(stages).toEqual(expected);
  });
});

describe('a deployment while another one runs', () => {
  test('supersedes it by default, and reconciles the revisions', async () => {
    const first = start();
    await untilTenPercent();
    const second = start();

    expect((await first.ended).status).toBe('STOPPED');
    const result = await second.ended;
    expect([result.status, result.stages[0]?.name]).toEqual(['SUCCESSFUL', 'RECONCILE_SERVICE']);
    const statuses = async (status?: ServiceDeploymentStatus[]) => {
      const command = new ListServiceDeploymentsCommand({ ...service, ...(status && { status }) });
      return (await cloud.clients.ecs.send(command)).serviceDeployments?.map((it) => it.status);
    };
    expect(await statuses()).toEqual(['SUCCESSFUL', 'STOPPED']);
    expect(await statuses(['STOPPED'])).toEqual(['STOPPED']);
  });

  test('is refused when a test says so', async () => {
    const first = start();

    expect(() => start({ whileRunning: 'refuse' })).toThrowError(/running deployment/);
    expect((await first.ended).status).toBe('SUCCESSFUL');
  });
});

describe('events of service deployments', () => {
  const fails = () => ({ hookStatus: 'FAILED' });

  test.each([
    [{}, ['IN_PROGRESS', 'COMPLETED']],
    [{ hooks: [{ stages: ['PRE_SCALE_UP'], handler: fails }] }, ['IN_PROGRESS', 'IN_PROGRESS', 'COMPLETED']],
    [
      { hooks: [{ stages: ['PRE_SCALE_UP'], handler: fails }], sendsFailedEvent: true },
      ['IN_PROGRESS', 'FAILED', 'COMPLETED'],
    ],
  ] as const)('with %j are %j', async (options, expected) => {
    await start(options).ended;
    await cloud.clock.sleep(1_000);

    expect(events).toEqual(expected.map((name) => `SERVICE_DEPLOYMENT_${name}`));
    expect(cloud.eventBridge.deliveries[0]?.event).toMatchObject({
      source: 'aws.ecs',
      resources: ['arn:aws:ecs:eu-west-1:123456789012:service/shop/web'],
      detail: { eventType: 'INFO', deploymentId: expect.stringMatching(/^ecs-svc\//) },
    });
  });
});
