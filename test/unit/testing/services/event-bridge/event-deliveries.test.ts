import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud, type SimulatedRuleEvent } from '../../../../../src/testing/index.js';

const target = 'arn:aws:lambda:eu-west-1:123456789012:function:ended';

let cloud: SimulatedCloud;
let received: string[];

beforeEach(() => {
  cloud = new SimulatedCloud();
  received = [];
  cloud.lambda.addFunction({
    name: 'ended',
    handler: (event) => {
      const { source, detail } = event as SimulatedRuleEvent;
      received.push(
        `${(cloud.clock.now() - Date.parse('2026-01-01T00:00:00Z')) / 1000} ${detail['state'] ?? source}`,
      );
    },
  });
  cloud.codeDeploy.addDeploymentGroup({ application: 'shop', name: 'web' });
});

function addRule(state?: 'DISABLED') {
  cloud.eventBridge.addRule({
    name: 'ended',
    eventPattern: {
      source: ['aws.codedeploy'],
      'detail-type': ['CodeDeploy Deployment State-change Notification'],
      detail: { application: ['shop'], state: ['START', 'SUCCESS', 'FAILURE', 'STOP'] },
    },
    targets: [target, 'arn:aws:sqs:eu-west-1:123456789012:elsewhere'],
    ...(state && { state }),
  });
}

async function deploy() {
  await cloud.codeDeploy.startDeployment({ application: 'shop', group: 'web' }).ended;
  await cloud.clock.sleep(4 * 3_600_000);
}

describe('SimulatedEventBridge.deliverEvents', () => {
  test('delivers an event once and at once by default, in the form of AWS', async () => {
    addRule();
    await deploy();

    expect(received).toEqual(['0 START', '140 SUCCESS']);
    expect(cloud.eventBridge.deliveries[0]).toMatchObject({
      rule: 'ended',
      event: {
        version: '0',
        'detail-type': 'CodeDeploy Deployment State-change Notification',
        source: 'aws.codedeploy',
        account: '123456789012',
        time: '2026-01-01T00:00:00Z',
        region: 'eu-west-1',
        resources: [
          'arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:shop/web',
          'arn:aws:codedeploy:eu-west-1:123456789012:application:shop',
        ],
        detail: { application: 'shop', deploymentGroup: 'web', state: 'START' },
      },
      invocations: [{ outcome: 'returned' }],
    });
  });

  test.each([
    ['loses', () => [], []],
    ['repeats', () => [0, 3_600], ['0 START', '140 SUCCESS', '3600 START', '3740 SUCCESS']],
    [
      'delivers late and out of order',
      ({ detail }: SimulatedRuleEvent) => (detail['state'] === 'START' ? [300] : [0]),
      ['140 SUCCESS', '300 START'],
    ],
  ])('%s events', async (_what, delivery, expected) => {
    addRule();
    cloud.eventBridge.deliverEvents(delivery);
    await deploy();

    expect(received).toEqual(expected);
  });

  test('invokes no target of a disabled rule', async () => {
    addRule('DISABLED');
    await deploy();

    expect(received).toEqual([]);
  });

  test('throws TypeError for a pattern or a schedule that is not simulated', () => {
    const add = (rule: object) => cloud.eventBridge.addRule({ name: 'other', ...rule });

    expect(() => add({ eventPattern: { detail: { state: [{ prefix: 'S' }] } } })).toThrowError(/prefix/);
    expect(() => add({ scheduleExpression: 'cron(0 12 * * ? *)' })).toThrowError(/cron/);
  });
});

describe('a rule with a schedule', () => {
  test('invokes its targets regularly while it is enabled', async () => {
    const rule = cloud.eventBridge.addRule({
      name: 'tick',
      scheduleExpression: 'rate(5 minutes)',
      targets: [target],
    });
    await cloud.clock.sleep(660_000);
    rule.state = 'DISABLED';
    await cloud.clock.sleep(660_000);

    expect(received).toEqual(['300 aws.events', '600 aws.events']);
  });

  test.each([
    ['rate(1 minute)', 60],
    ['rate(1 hour)', 3_600],
    ['rate(2 days)', 172_800],
  ])('accepts %s', async (scheduleExpression, seconds) => {
    cloud.eventBridge.addRule({ name: 'tick', scheduleExpression, targets: [target] });
    await cloud.clock.sleep(seconds * 1000 + 1);

    expect(received).toEqual([`${seconds} aws.events`]);
  });
});
