import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceStateError } from '../../src/core/errors.js';
import { linear } from '../../src/traffic/strategies/linear.js';
import { AlbListenerTarget } from '../../src/traffic/targets/alb-listener.js';
import { AlbListenerRuleTarget } from '../../src/traffic/targets/alb-listener-rule.js';
import { CompositeTarget } from '../../src/traffic/targets/composite.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import type { TrafficTarget } from '../../src/traffic/types.js';
import { type Backend, openBackend } from '../support/backend.js';
import { type SeededLoadBalancer, seedLoadBalancer } from './seed/elastic-load-balancing.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

type Groups = SeededLoadBalancer['targetGroupArns'];

/** A Cognito login before a sticky forward action. */
function loginAndForward({ blue, green }: Groups): Action[] {
  return [
    {
      Type: 'authenticate-cognito',
      Order: 1,
      AuthenticateCognitoConfig: {
        UserPoolArn: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc',
        UserPoolClientId: 'client',
        UserPoolDomain: 'shop',
        SessionCookieName: 'login',
        Scope: 'openid',
        SessionTimeout: 3600,
        OnUnauthenticatedRequest: 'deny',
      },
    },
    {
      Type: 'forward',
      Order: 2,
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: 100 },
          { TargetGroupArn: green, Weight: 0 },
        ],
        TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 600 },
      },
    },
  ];
}

async function liveRules({ listenerArn }: SeededLoadBalancer): Promise<unknown> {
  const client = backend.clients.elasticLoadBalancing;
  const { Rules } = await client.send(new DescribeRulesCommand({ ListenerArn: listenerArn }));
  const { Listeners } = await client.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
  return { Rules, Listeners };
}

function withoutWeights(raw: unknown): unknown {
  return JSON.parse(JSON.stringify(raw).replaceAll(/"Weight":\d+/g, '"Weight":0'));
}

function optionsFor({ targetGroupArns }: SeededLoadBalancer) {
  return {
    blue: { targetGroupArn: targetGroupArns.blue },
    green: { targetGroupArn: targetGroupArns.green },
    stickiness: 'accept' as const,
    clients: backend.clients,
    clock: backend.clock,
  };
}

const createTargets: Readonly<Record<string, (seeded: SeededLoadBalancer) => TrafficTarget>> = {
  'CompositeTarget (two rules and a default action)': (seeded) =>
    new CompositeTarget({
      targets: [
        new AlbListenerRuleTarget({ ...optionsFor(seeded), ruleArns: seeded.ruleArns }),
        new AlbListenerTarget({ ...optionsFor(seeded), listenerArn: seeded.listenerArn }),
      ],
      clock: backend.clock,
    }),
  'AlbListenerRuleTarget (one rule)': (seeded) =>
    new AlbListenerRuleTarget({ ...optionsFor(seeded), ruleArns: seeded.ruleArns.slice(0, 1) }),
  'AlbListenerRuleTarget (two rules)': (seeded) =>
    new AlbListenerRuleTarget({ ...optionsFor(seeded), ruleArns: seeded.ruleArns }),
  AlbListenerTarget: (seeded) =>
    new AlbListenerTarget({ ...optionsFor(seeded), listenerArn: seeded.listenerArn }),
};

describe.each(Object.entries(createTargets))('%s', (_, createTarget) => {
  test('changes the two weights and nothing else', async () => {
    const seeded = await seedLoadBalancer(backend, loginAndForward);
    const before = await liveRules(seeded);
    const target = createTarget(seeded);
    expect(await target.readWeights()).toEqual({ blue: 100, green: 0 });

    for (const green of [1, 12.5, 50, 100]) {
      await target.writeWeights({ blue: 100 - green, green });

      expect(await target.readWeights()).toEqual({ blue: 100 - green, green });
      expect(withoutWeights(await liveRules(seeded))).toEqual(withoutWeights(before));
    }

    await target.writeWeights({ blue: 100, green: 0 });
    expect(await liveRules(seeded)).toEqual(before);
  });

  test('adds a stack to a rule that forwards only to the other', async () => {
    const seeded = await seedLoadBalancer(backend, ({ blue }) => [{ Type: 'forward', TargetGroupArn: blue }]);
    const target = createTarget(seeded);
    expect(await target.readWeights()).toEqual({ blue: 100, green: 0 });

    await target.writeWeights({ blue: 90, green: 10 });

    expect(await target.readWeights()).toEqual({ blue: 90, green: 10 });
  });

  test('refuses other destinations than the pair', async () => {
    const seeded = await seedLoadBalancer(backend, ({ other }) => [
      { Type: 'forward', TargetGroupArn: other },
    ]);

    await expect(createTarget(seeded).readWeights()).rejects.toThrowError(ResourceStateError);
  });

  test('counts the targets of the incoming stack', async () => {
    const seeded = await seedLoadBalancer(backend, loginAndForward);

    expect(await createTarget(seeded).readHealth?.('green')).toMatchObject({ healthy: 1, total: 1 });
  });

  test('adds a missing group with the weight 0 for a shift, and removes it in a rollback', async () => {
    const seeded = await seedLoadBalancer(backend, ({ blue }) => [{ Type: 'forward', TargetGroupArn: blue }]);
    const before = withoutWeights(await liveRules(seeded));
    const shifter = new TrafficShifter({ target: createTarget(seeded), clock: backend.clock });
    const strategy = linear({ stepPercent: 50, intervalSeconds: 60 });
    let state = await shifter.begin({ incoming: 'green', strategy });
    while (state.step < 0) {
      const progress = await shifter.advance(state);
      ({ state } = progress);
      await backend.clock.sleep(progress.waitSeconds * 1000);
    }
    expect(withoutWeights(await liveRules(seeded))).not.toEqual(before);

    let progress = await shifter.rollBack(state, 'by hand');
    while (progress.outcome === undefined) {
      await backend.clock.sleep(progress.waitSeconds * 1000);
      progress = await shifter.advance(progress.state);
    }

    expect(progress.outcome).toBe('rolledBack');
    expect(withoutWeights(await liveRules(seeded))).toEqual(before);
  });

  test('runs a whole shift', async () => {
    const seeded = await seedLoadBalancer(backend, loginAndForward);
    const target = createTarget(seeded);
    const shifter = new TrafficShifter({ target, clock: backend.clock });

    const { outcome } = await shifter.shiftTo('green', linear({ stepPercent: 25, intervalSeconds: 60 }));

    expect(outcome).toBe('succeeded');
    expect(await target.readWeights()).toEqual({ blue: 0, green: 100 });
  });
});
