import {
  ContinueDeploymentCommand,
  CreateDeploymentCommand,
  GetApplicationRevisionCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  PutLifecycleEventHookExecutionStatusCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type CodeDeployHookEvent,
  SimulatedCloud,
  type SimulatedDeploymentGroupOptions,
} from '../../../../../src/testing/index.js';

const application = 'shop';
const group = 'web';
const service = { cluster: 'main', service: 'web' };

let cloud: SimulatedCloud;
let events: string[];

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.ecs.addService({
    cluster: 'main',
    name: 'web',
    desiredCount: 2,
    taskDefinition: 'web:1',
    deploymentController: 'CODE_DEPLOY',
  });
  events = [];
  cloud.lambda.addFunction({
    name: 'ended',
    handler: (event) => {
      const { detail } = event as { detail: { deploymentId: string; state: string } };
      events.push(`${detail.deploymentId.slice(-2)} ${detail.state}`);
    },
  });
  cloud.eventBridge.addRule({
    name: 'ended',
    eventPattern: { source: ['aws.codedeploy'] },
    targets: ['arn:aws:lambda:eu-west-1:123456789012:function:ended'],
  });
});

function addGroup(options: Partial<SimulatedDeploymentGroupOptions> = {}) {
  cloud.codeDeploy.addDeploymentGroup({ application, name: group, service, ...options });
}

function start(taskDefinition = 'web:2') {
  return cloud.codeDeploy.startDeployment({ application, group, taskDefinition });
}

async function info(deploymentId: string) {
  const { deploymentInfo } = await cloud.clients.codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
  return deploymentInfo ?? {};
}

async function respond(event: CodeDeployHookEvent, status: 'Succeeded' | 'Failed') {
  await cloud.clients.codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status,
    }),
  );
}
const succeeds = (event: CodeDeployHookEvent) => respond(event, 'Succeeded');
const fails = (event: CodeDeployHookEvent) => respond(event, 'Failed');

function taskSets() {
  return cloud.ecs
    .service('main', 'web')
    .taskSets.map(({ taskDefinition, status }) => `${taskDefinition.split('/')[1]} ${status}`);
}

describe('SimulatedCodeDeploy.startDeployment', () => {
  test('runs one deployment after the other, and refuses one while another runs', async () => {
    addGroup({ terminationWaitSeconds: 600 });
    const first = start('web:2');

    expect(() => start('web:3')).toThrowError(
      `The Deployment Group 'web' already has an active Deployment '${first.deploymentId}'`,
    );
    expect(await first.ended).toBe('Succeeded');
    expect(await start('web:3').ended).toBe('Succeeded');
    expect(taskSets()).toEqual(['web:3 PRIMARY']);
  });

  test('alternates the target groups, and leaves the idle one in the listener with weight 0', async () => {
    const { elasticLoadBalancing } = cloud;
    const { arn: loadBalancerArn } = elasticLoadBalancing.addLoadBalancer({ name: 'shop' });
    const [one, two] = ['one', 'two'].map((name) => elasticLoadBalancing.addTargetGroup({ name }).arn);
    if (one === undefined || two === undefined) throw new Error('no target groups');
    const { arn: listenerArn } = elasticLoadBalancing.addListener({
      loadBalancerArn,
      defaultActions: [{ Type: 'forward', TargetGroupArn: one }],
    });
    addGroup({ route: { targetGroups: [one, two], listenerArn } });
    const primary = async () => {
      const command = new DescribeServicesCommand({ cluster: 'main', services: ['web'] });
      const { services } = await cloud.clients.ecs.send(command);
      return services?.[0]?.taskSets?.[0]?.loadBalancers?.[0]?.targetGroupArn;
    };

    const seen: unknown[] = [];
    for (const version of ['web:2', 'web:3']) {
      await start(version).ended;
      await cloud.clock.sleep(60_000);
      seen.push([await primary(), elasticLoadBalancing.weightsInForce(listenerArn)]);
    }

    expect(seen).toEqual([
      [two, { [one]: 0, [two]: 100 }],
      [one, { [two]: 0, [one]: 100 }],
    ]);
  });

  test.each([
    ['CodeDeployDefault.ECSAllAtOnce', [100], 10],
    ['CodeDeployDefault.ECSCanary10Percent5Minutes', [10, 100], 320],
    ['CodeDeployDefault.ECSLinear10PercentEvery1Minutes', [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 640],
    [{ type: 'canary', percent: 25, minutes: 2 }, [25, 100], 140],
  ] as const)('shifts with %j', async (deploymentConfig, percents, seconds) => {
    addGroup({ deploymentConfig });
    const seen = new Set<number>();
    const deployment = start();
    const stopWatching = cloud.clock.every(1, () => void seen.add(deployment.replacementPercent));

    await deployment.ended;
    stopWatching();

    seen.delete(0);
    expect([...seen]).toEqual(percents);
    const allowTraffic = deployment.lifecycleEvents.find(({ name }) => name === 'AllowTraffic');
    expect(((allowTraffic?.endedAt ?? 0) - (allowTraffic?.startedAt ?? 0)) / 1000).toBe(seconds);
  });

  test('starts with CreateDeployment, and runs the functions in the AppSpec', async () => {
    addGroup();
    const called: string[] = [];
    cloud.lambda.addFunction({
      name: 'before-install',
      handler: async (event) => {
        called.push('before-install');
        await succeeds(event as CodeDeployHookEvent);
      },
    });
    const taskDefinition = 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2';
    cloud.ecs.addTaskDefinition('web:2');
    const content = JSON.stringify({
      version: 1,
      Resources: [{ TargetService: { Properties: { TaskDefinition: taskDefinition } } }],
      Hooks: [{ BeforeInstall: 'before-install' }],
    });

    const { deploymentId = '' } = await cloud.clients.codeDeploy.send(
      new CreateDeploymentCommand({
        applicationName: application,
        deploymentGroupName: group,
        revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
      }),
    );
    const { revision } = await info(deploymentId);
    const command = new GetApplicationRevisionCommand({ applicationName: application, revision });
    const found = await cloud.clients.codeDeploy.send(command);

    expect(revision?.appSpecContent?.content).toBeUndefined();
    expect(found.revision?.appSpecContent?.content).toBe(content);
    expect(await cloud.codeDeploy.deployment(deploymentId).ended).toBe('Succeeded');
    expect(called).toEqual(['before-install']);
    expect(taskSets()).toEqual(['web:2 PRIMARY']);
  });

  test('leads a hook from its event to the environment of its task definition', async () => {
    const newest = cloud.ecs.addTaskDefinition({
      family: 'web',
      containerDefinitions: [
        { name: 'web', image: 'web', memory: 128, environment: [{ name: 'STACK', value: 'green' }] },
      ],
    });
    const found: unknown[] = [];
    const hook = async (event: CodeDeployHookEvent) => {
      const { applicationName, revision } = await info(event.DeploymentId);
      const command = new GetApplicationRevisionCommand({ applicationName, revision });
      const { content = '' } = (await cloud.clients.codeDeploy.send(command)).revision?.appSpecContent ?? {};
      const [resource] = JSON.parse(content).Resources;
      const { taskDefinition } = await cloud.clients.ecs.send(
        new DescribeTaskDefinitionCommand({
          taskDefinition: resource.TargetService.Properties.TaskDefinition,
        }),
      );
      found.push(taskDefinition?.containerDefinitions?.[0]?.environment);
      await succeeds(event);
    };
    addGroup({ hooks: { BeforeInstall: hook } });
    start(newest);
    await cloud.clock.sleep(1_000);

    expect(found).toEqual([[{ name: 'STACK', value: 'green' }]]);
  });

  test('returns no content of an AppSpec file in S3', async () => {
    addGroup({ revisionType: 'S3' });
    const { revision } = await info(start().deploymentId);
    const command = new GetApplicationRevisionCommand({ applicationName: application, revision });
    const answer = await cloud.clients.codeDeploy.send(command);

    expect(revision).toMatchObject({ revisionType: 'S3', s3Location: { bucket: 'shop-revisions' } });
    expect(answer.revision).toEqual(revision);
  });

  test('lists deployments, newest first, and shows the last one with the group', async () => {
    addGroup({ autoRollback: true, hooks: { AfterInstall: fails } });
    const failed = start();
    await failed.ended;
    await failed.rollback?.ended;

    const list = async (includeOnlyStatuses?: ('Succeeded' | 'Failed')[]) => {
      const command = new ListDeploymentsCommand({
        applicationName: application,
        deploymentGroupName: group,
        ...(includeOnlyStatuses && { includeOnlyStatuses }),
      });
      return (await cloud.clients.codeDeploy.send(command)).deployments;
    };
    const rollbackId = failed.rollback?.deploymentId;

    expect(await list()).toEqual([rollbackId, failed.deploymentId]);
    expect(await list(['Failed'])).toEqual([failed.deploymentId]);
    const { deploymentGroupInfo } = await cloud.clients.codeDeploy.send(
      new GetDeploymentGroupCommand({ applicationName: application, deploymentGroupName: group }),
    );
    expect(deploymentGroupInfo?.lastAttemptedDeployment?.deploymentId).toBe(rollbackId);
  });
});

describe('a failed deployment', () => {
  test('leaves traffic and task sets as they are without automatic rollback', async () => {
    addGroup({ hooks: { AfterAllowTraffic: fails } });
    const deployment = start();

    expect(await deployment.ended).toBe('Failed');
    expect(deployment).toMatchObject({ replacementPercent: 100, rollback: undefined });
    expect(taskSets()).toEqual(['web:1 ACTIVE', 'web:2 PRIMARY']);
    expect(await info(deployment.deploymentId)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HOOK_EXECUTION_FAILURE' },
      rollbackInfo: {},
    });
    await cloud.clock.sleep(1_000);
    expect(events.map((it) => it.slice(3))).toEqual(['START', 'FAILURE']);
  });

  test('is rolled back by a deployment of its own, which succeeds', async () => {
    addGroup({ autoRollback: true, hooks: { AfterAllowTraffic: fails } });
    const deployment = start();

    expect(await deployment.ended).toBe('Failed');
    expect(await deployment.rollback?.ended).toBe('Succeeded');
    const rollbackId = deployment.rollback?.deploymentId ?? '';
    expect((await info(deployment.deploymentId)).rollbackInfo).toMatchObject({
      rollbackDeploymentId: rollbackId,
    });
    expect(await info(rollbackId)).toMatchObject({
      creator: 'codeDeployRollback',
      status: 'Succeeded',
      rollbackInfo: { rollbackTriggeringDeploymentId: deployment.deploymentId },
    });
    expect(taskSets()).toEqual(['web:1 PRIMARY']);
    await cloud.clock.sleep(1_000);
    expect(events.map((it) => it.slice(3))).toEqual(['START', 'START', 'FAILURE', 'SUCCESS']);
  });

  test('is not rolled back when BeforeInstall has failed', async () => {
    addGroup({ autoRollback: true, hooks: { BeforeInstall: fails } });
    const deployment = start();

    expect(await deployment.ended).toBe('Failed');
    expect(deployment.rollback).toBeUndefined();
  });

  test('is not rolled back by a group that rolls back on other events', async () => {
    addGroup({ autoRollback: ['DEPLOYMENT_STOP_ON_REQUEST'], hooks: { AfterInstall: fails } });
    const deployment = start();
    await deployment.ended;

    expect(deployment.rollback).toBeUndefined();
  });

  test('has failed after one hour without a response, and refuses a late one', async () => {
    let late: Promise<void> | undefined;
    const silent = (event: CodeDeployHookEvent) => {
      late = cloud.clock.sleep(3_700_000).then(() => succeeds(event));
    };
    addGroup({ hooks: { BeforeInstall: silent } });

    expect(await start().ended).toBe('Failed');
    await expect(late).rejects.toMatchObject({ name: 'LifecycleEventAlreadyCompletedException' });
  });

  test('has failed at once when the function of a hook is missing', async () => {
    addGroup({ hooks: { BeforeInstall: 'missing' } });
    const deployment = start();

    expect(await deployment.ended).toBe('Failed');
    expect((await info(deployment.deploymentId)).errorInformation?.code).toBe('INVALID_LAMBDA_FUNCTION');
  });

  test.each([
    [true, ['BeforeInstall', 'BeforeInstall']],
    [false, ['BeforeInstall']],
  ])('runs hooks in its rollback: %s', async (hooksInRollback, expected) => {
    const calls: string[] = [];
    const hook = async (event: CodeDeployHookEvent) => {
      calls.push('BeforeInstall');
      await succeeds(event);
    };
    addGroup({ autoRollback: true, hooksInRollback, hooks: { BeforeInstall: hook } });
    const deployment = start();
    deployment.stopAfter(30);
    await deployment.ended;

    expect(await deployment.rollback?.ended).toBe('Succeeded');
    expect(calls).toEqual(expected);
  });
});

describe('a stopped deployment', () => {
  const canary = { deploymentConfig: 'CodeDeployDefault.ECSCanary10Percent5Minutes' } as const;

  /** Starts a deployment, and waits until the replacement has 10 % of the traffic. */
  async function startedAtTenPercent() {
    const deployment = start();
    while (deployment.replacementPercent !== 10) await cloud.clock.sleep(1_000);
    return deployment;
  }

  function stop(deploymentId: string, autoRollbackEnabled?: boolean) {
    return cloud.clients.codeDeploy.send(
      new StopDeploymentCommand({
        deploymentId,
        ...(autoRollbackEnabled !== undefined && { autoRollbackEnabled }),
      }),
    );
  }

  test('leaves 10 % of the traffic on the replacement without a rollback', async () => {
    addGroup(canary);
    const deployment = await startedAtTenPercent();

    expect((await stop(deployment.deploymentId)).status).toBe('Pending');
    expect(await deployment.ended).toBe('Stopped');
    expect(deployment).toMatchObject({ replacementPercent: 10, rollback: undefined });
    expect(taskSets()).toEqual(['web:1 PRIMARY', 'web:2 ACTIVE']);
    expect((await info(deployment.deploymentId)).errorInformation?.code).toBe('MANUAL_STOP');
    await expect(stop(deployment.deploymentId)).rejects.toMatchObject({
      name: 'DeploymentAlreadyCompletedException',
    });
  });

  test.each([
    [false, true, true],
    [true, false, false],
    [true, undefined, true],
    [false, undefined, false],
    [['DEPLOYMENT_FAILURE'], undefined, false],
    [['DEPLOYMENT_STOP_ON_REQUEST'], undefined, true],
  ] as const)('with autoRollback %j of the group and %s of the request rolls back: %s', async (...row) => {
    const [autoRollback, autoRollbackEnabled, rollsBack] = row;
    addGroup({ ...canary, autoRollback });
    const deployment = await startedAtTenPercent();

    await stop(deployment.deploymentId, autoRollbackEnabled);
    await deployment.ended;
    await deployment.rollback?.ended;

    expect(deployment.rollback !== undefined).toBe(rollsBack);
    expect(deployment.replacementPercent).toBe(rollsBack ? 0 : 10);
  });

  test.each([0, 5, 15, 25, 100, 325, 335])(
    'at second %i ends the step, and a new one can start',
    async (seconds) => {
      addGroup({ ...canary, autoRollback: true, hooks: { BeforeInstall: succeeds, AfterInstall: succeeds } });
      const deployment = start();
      deployment.stopAfter(seconds);

      expect(await deployment.ended).toBe('Stopped');
      await deployment.rollback?.ended;
      expect(taskSets()).toEqual(['web:1 PRIMARY']);
      expect(await start('web:3').ended).toBe('Succeeded');
      expect(taskSets()).toEqual(['web:3 PRIMARY']);
    },
  );

  test('cannot be stopped any more once the original task set is terminated', async () => {
    addGroup();
    const deployment = start();
    while (deployment.lifecycleEvents.at(-1)?.name !== 'AllowTraffic') await cloud.clock.sleep(1_000);
    await cloud.clock.sleep(1_000);

    await stop(deployment.deploymentId);

    expect(await deployment.ended).toBe('Succeeded');
  });

  test('refuses the response of its hook', async () => {
    let response: Promise<void> | undefined;
    const slow = (event: CodeDeployHookEvent) => {
      response = cloud.clock.sleep(60_000).then(() => succeeds(event));
    };
    addGroup({ hooks: { BeforeInstall: slow } });
    const deployment = start();
    deployment.stopAfter(30);

    expect(await deployment.ended).toBe('Stopped');
    await expect(response).rejects.toMatchObject({ name: 'LifecycleEventAlreadyCompletedException' });
  });

  test('in its termination wait keeps both task sets without a rollback, and moves back with one', async () => {
    addGroup({ terminationWaitSeconds: 3_600, statusWhileWaiting: 'Baking' });
    for (const rollBack of [true, false]) {
      const deployment = start();
      while (deployment.status !== 'Baking') await cloud.clock.sleep(1_000);
      deployment.stop({ rollBack });
      await deployment.ended;
      await deployment.rollback?.ended;
      expect(taskSets()).toEqual(rollBack ? ['web:1 PRIMARY'] : ['web:1 ACTIVE', 'web:2 PRIMARY']);
    }
  });

  test('is not needed to end the termination wait', async () => {
    addGroup({ terminationWaitSeconds: 3_600 });
    const deployment = start();
    const { deploymentId } = deployment;
    const proceed = () =>
      cloud.clients.codeDeploy.send(
        new ContinueDeploymentCommand({ deploymentId, deploymentWaitType: 'TERMINATION_WAIT' }),
      );
    await expect(proceed()).rejects.toMatchObject({ name: 'DeploymentIsNotInReadyStateException' });

    await cloud.clock.sleep(300_000);
    await proceed();

    expect(await deployment.ended).toBe('Succeeded');
    expect(cloud.clock.now() - Date.parse('2026-01-01T00:00:00Z')).toBeLessThan(600_000);
  });

  test('was stopped by an alarm', async () => {
    cloud.cloudWatch.addAlarm({ name: 'errors' });
    addGroup({ ...canary, alarms: ['errors'], autoRollback: ['DEPLOYMENT_STOP_ON_ALARM'] });
    const deployment = await startedAtTenPercent();

    cloud.cloudWatch.setAlarmState('errors', 'ALARM');

    expect(await deployment.ended).toBe('Stopped');
    expect(await deployment.rollback?.ended).toBe('Succeeded');
    expect((await info(deployment.deploymentId)).errorInformation?.code).toBe('ALARM_ACTIVE');
  });
});

describe('deployments of two groups', () => {
  test('run at once', async () => {
    cloud.ecs.addService({
      cluster: 'main',
      name: 'api',
      desiredCount: 1,
      taskDefinition: 'api:1',
      deploymentController: 'CODE_DEPLOY',
    });
    addGroup({ hooks: { AfterInstall: fails }, autoRollback: true });
    cloud.codeDeploy.addDeploymentGroup({
      application,
      name: 'api',
      service: { cluster: 'main', service: 'api' },
      hooks: { AfterInstall: succeeds },
    });

    const web = start();
    const api = cloud.codeDeploy.startDeployment({ application, group: 'api', taskDefinition: 'api:2' });

    expect(await Promise.all([web.ended, api.ended, web.rollback?.ended])).toEqual([
      'Failed',
      'Succeeded',
      undefined,
    ]);
    expect(await web.rollback?.ended).toBe('Succeeded');
    expect(taskSets()).toEqual(['web:1 PRIMARY']);
  });
});
