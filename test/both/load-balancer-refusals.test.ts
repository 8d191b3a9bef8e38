import {
  DescribeListenersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { AlbListenerTarget } from '../../src/traffic/targets/alb-listener.js';
import { AlbListenerRuleTarget } from '../../src/traffic/targets/alb-listener-rule.js';
import { type Backend, openBackend } from '../support/backend.js';
import { type SeededLoadBalancer, seedLoadBalancer } from './seed/elastic-load-balancing.js';

let backend: Backend;
let seeded: SeededLoadBalancer;

beforeEach(async () => {
  backend = await openBackend();
  seeded = await seedLoadBalancer(backend, ({ blue, green }) => [
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: 100 },
          { TargetGroupArn: green, Weight: 0 },
        ],
      },
    },
  ]);
});

const other = (arn: string) => arn.replace(/.$/, (digit) => (digit === '9' ? '8' : '9'));
const client = () => backend.clients.elasticLoadBalancing;
const pair = () => ({
  blue: { targetGroupArn: seeded.targetGroupArns.blue },
  green: { targetGroupArn: seeded.targetGroupArns.green },
  clients: backend.clients,
  clock: backend.clock,
});
const ruleTarget = (change: object = {}) =>
  new AlbListenerRuleTarget({ ruleArns: seeded.ruleArns.slice(0, 1), ...pair(), ...change });

describe('Elastic Load Balancing', () => {
  test('checks the targets of a group at weight 0', async () => {
    const { TargetHealthDescriptions = [] } = await client().send(
      new DescribeTargetHealthCommand({ TargetGroupArn: seeded.targetGroupArns.green }),
    );

    expect(TargetHealthDescriptions[0]?.TargetHealth).toMatchObject({ State: 'healthy' });
    expect(await ruleTarget().readHealth('green')).toEqual({ healthy: 1, total: 1 });
  });

  test('refuses to list the listeners of a load balancer that does not exist', async () => {
    const LoadBalancerArn =
      'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/gone/50dc6c495c0c9188';

    await expect(client().send(new DescribeListenersCommand({ LoadBalancerArn }))).rejects.toMatchObject({
      name: 'LoadBalancerNotFoundException',
    });
  });

  test('returns target stickiness after it was enabled', async () => {
    const TargetGroupArn = seeded.targetGroupArns.other;
    const Attributes = [{ Key: 'stickiness.enabled', Value: 'true' }];
    await client().send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));

    const shown = await client().send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));

    expect(shown.Attributes).toEqual(expect.arrayContaining(Attributes));
  });
});

describe('Load balancer targets', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    [
      'a rule',
      () => ruleTarget({ ruleArns: [other(seeded.ruleArns[0] ?? '')] }).readWeights(),
      'RuleNotFoundException',
    ],
    [
      'a listener',
      () => new AlbListenerTarget({ ...pair(), listenerArn: other(seeded.listenerArn) }).readWeights(),
      'ListenerNotFoundException',
    ],
    [
      'a target group',
      () =>
        ruleTarget({ green: { targetGroupArn: other(seeded.targetGroupArns.green) } }).readHealth('green'),
      'TargetGroupNotFoundException',
    ],
  ])('throw ResourceNotFoundError for %s that does not exist', async (_, call, cause) => {
    await expect(call()).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      remedy: expect.any(String),
      cause: expect.objectContaining({ name: cause }),
    });
  });
});
