import { ContinueServiceDeploymentCommand, DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  SimulatedCloud,
  type SimulatedEcsDeploymentOptions,
  type SimulatedEcsPauseHook,
  type SimulatedRuleEvent,
} from '../../../../../src/testing/index.js';

const pause: SimulatedEcsPauseHook = { targetType: 'PAUSE', stages: ['POST_TEST_TRAFFIC_SHIFT'] };

let cloud: SimulatedCloud;
let events: SimulatedRuleEvent[];

beforeEach(() => {
  cloud = new SimulatedCloud();
  events = [];
  cloud.lambda.addFunction({
    name: 'hooks',
    handler: (event) => void events.push(event as SimulatedRuleEvent),
  });
  cloud.eventBridge.addRule({
    name: 'hooks',
    eventPattern: { source: ['aws.ecs'], 'detail-type': ['ECS Hook State Change'] },
    targets: ['arn:aws:lambda:eu-west-1:123456789012:function:hooks'],
  });
});

async function startAndPause(options: SimulatedEcsDeploymentOptions = {}) {
  const deployment = cloud.ecsDeployments.start({ hooks: [pause], ...options });
  while (deployment.pauses.length === 0) await cloud.clock.sleep(1_000);
  return { deployment, hookId: deployment.pauses[0] ?? '', arn: deployment.serviceDeploymentArn };
}

const respond = (serviceDeploymentArn: string, hookId: string, action?: 'CONTINUE' | 'ROLLBACK') =>
  cloud.clients.ecs.send(
    new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, ...(action && { action }) }),
  );

async function read(arn: string) {
  const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] });
  return (await cloud.clients.ecs.send(command)).serviceDeployments?.[0] ?? {};
}

const names = () => events.map(({ detail }) => detail['eventName']);

describe('ContinueServiceDeployment', () => {
  test('continues a pause, by default', async () => {
    const { deployment, arn, hookId } = await startAndPause();
    expect(await read(arn)).toMatchObject({
      lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
      lifecycleHookDetails: [
        { hookId, targetType: 'PAUSE', status: 'AWAITING_ACTION', timeoutAction: 'ROLLBACK' },
      ],
      deploymentConfiguration: { lifecycleHooks: [{ targetType: 'PAUSE' }] },
    });

    await respond(arn, hookId);

    expect((await deployment.ended).status).toBe('SUCCESSFUL');
    expect(names()).toEqual(['HOOK_AWAITING_ACTION', 'HOOK_SUCCEEDED']);
  });

  test('rolls a deployment back, and sends the events of its hooks', async () => {
    const { deployment, arn, hookId } = await startAndPause();

    await respond(arn, hookId, 'ROLLBACK');

    expect((await deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(events.map(({ detail }) => [detail['eventName'], detail['hookId']])).toEqual([
      ['HOOK_AWAITING_ACTION', hookId],
      ['HOOK_FAILED', hookId],
    ]);
    expect(events[0]).toMatchObject({
      resources: [arn],
      detail: { hookType: 'PAUSE', lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT', serviceDeploymentArn: arn },
    });
  });

  test.each([
    ['ROLLBACK', 'ROLLBACK_SUCCESSFUL'],
    ['CONTINUE', 'SUCCESSFUL'],
  ] as const)('is refused after a pause has expired with the action %s', async (timeoutAction, status) => {
    const { deployment, arn, hookId } = await startAndPause({
      hooks: [{ ...pause, timeoutInMinutes: 1, timeoutAction }],
    });

    expect((await deployment.ended).status).toBe(status);
    expect(names()).toEqual(['HOOK_AWAITING_ACTION', 'HOOK_TIMED_OUT']);
    await expect(respond(arn, hookId)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('refuses a second response, an unknown hook, and an unknown deployment', async () => {
    const { arn, hookId } = await startAndPause();
    await respond(arn, hookId);

    await expect(respond(arn, hookId)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(respond(arn, 'hook')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(respond(`${arn}0`, hookId)).rejects.toMatchObject({
      name: 'ServiceDeploymentNotFoundException',
    });
  });

  test('is refused once the deployment rolls back', async () => {
    const { deployment, arn, hookId } = await startAndPause();

    deployment.triggerAlarms('orders-5xx');

    await expect(respond(arn, hookId)).rejects.toMatchObject({
      name: expect.stringMatching(/^(Client|InvalidParameter)Exception$/),
    });
    await deployment.ended;
    expect(await read(arn)).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['orders-5xx'] },
      rollback: { reason: expect.stringContaining('orders-5xx') },
    });
  });
});

describe('pause hooks', () => {
  test('of one stage wait side by side, and one rollback ends all', async () => {
    const { deployment, arn, hookId } = await startAndPause({ hooks: [pause, pause] });
    expect(deployment.pauses).toHaveLength(2);

    await respond(arn, hookId, 'ROLLBACK');

    const { stages } = await deployment.ended;
    const paused = stages.find(({ name }) => name === 'POST_TEST_TRAFFIC_SHIFT');
    expect(paused?.hooks.map(({ status }) => status).sort()).toEqual(['ABANDONED', 'FAILED']);
  });

  test.each<[string, Partial<SimulatedEcsPauseHook>, number]>([
    ['a stage that shifts traffic', { stages: ['PRODUCTION_TRAFFIC_SHIFT'] }, 1],
    ['the test traffic', { stages: ['TEST_TRAFFIC_SHIFT'] }, 1],
    ['more than two weeks', { timeoutInMinutes: 20_161 }, 1],
    ['no time', { timeoutInMinutes: 0 }, 1],
    ['eleven hooks', {}, 11],
  ])('are refused for %s', (_name, changes, count) => {
    const hooks = Array.from({ length: count }, () => ({ ...pause, ...changes }));

    expect(() => cloud.ecsDeployments.start({ hooks })).toThrowError(TypeError);
  });
});
