import {
  ModifyTargetGroupAttributesCommand,
  type TargetGroupStickinessConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Logger, silentLogger } from '../../../../src/core/logger.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { allAtOnce, TrafficShifter } from '../../../../src/traffic/index.js';
import { AlbListenerTarget } from '../../../../src/traffic/targets/alb-listener.js';
import { VpcLatticeRuleTarget } from '../../../../src/traffic/targets/vpc-lattice-rule.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

describe('Health of target groups', () => {
  describe('of load balancers', () => {
    function arrange(logger: Partial<Logger> = {}) {
      const { elasticLoadBalancing } = cloud;
      const [blue = '', green = ''] = ['blue', 'green'].map(
        (name) => elasticLoadBalancing.addTargetGroup({ name, targets: ['one', 'two'] }).arn,
      );
      const listenerArn = elasticLoadBalancing.addListener({
        loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'shop' }).arn,
        defaultActions: [{ Type: 'forward', TargetGroupArn: blue }],
      }).arn;
      const target = new AlbListenerTarget({
        listenerArn,
        blue: { targetGroupArn: blue },
        green: { targetGroupArn: green },
        stickiness: 'accept',
        clients: cloud.clients,
        clock: cloud.clock,
        logger: { ...silentLogger, ...logger },
      });
      /** Weight of green in the default action; undefined when the action does not name it. */
      const name = (weight: number | undefined, stickiness?: TargetGroupStickinessConfig) =>
        elasticLoadBalancing.changeActions(listenerArn, () => [
          {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups: [
                { TargetGroupArn: blue, Weight: 100 },
                ...(weight === undefined ? [] : [{ TargetGroupArn: green, Weight: weight }]),
              ],
              ...(stickiness && { TargetGroupStickinessConfig: stickiness }),
            },
          },
        ]);
      return { elasticLoadBalancing, target, green, name, listenerArn };
    }

    test('counts healthy targets', async () => {
      expect(await arrange().target.readHealth('blue')).toEqual({ healthy: 2, total: 2 });
    });

    test('counts the targets of a group that no action names, because AWS does not check them yet', async () => {
      expect(await arrange().target.readHealth('green')).toEqual({
        healthy: 2,
        total: 2,
        detail: '2 unused (Target.NotInUse)',
      });
    });

    test('counts the checked targets of a group at weight 0', async () => {
      const { elasticLoadBalancing, target, green, name } = arrange();
      name(0);

      expect(await target.readHealth('green')).toEqual({ healthy: 2, total: 2 });
      elasticLoadBalancing.setTargetHealth(green, 'one', { State: 'unhealthy', Reason: 'Target.Timeout' });

      expect(await target.readHealth('green')).toMatchObject({ healthy: 1, total: 2 });
    });

    test.each([0, 10])(
      'counts no unused target of a group that the action names with weight %d',
      async (weight) => {
        const { elasticLoadBalancing, target, green, name } = arrange();
        name(weight);
        for (const id of ['one', 'two'])
          elasticLoadBalancing.setTargetHealth(green, id, { State: 'unused', Reason: 'Target.NotInUse' });
        const health = {
          healthy: 0,
          total: 2,
          detail: expect.stringMatching(
            /^2 unused \(Target\.NotInUse\), although the action names .*Availability Zones/,
          ),
        };

        expect(await target.readHealth('green')).toEqual(health);
        await target.readWeights();
        expect(await target.readHealth('green')).toEqual(health);
        const shift = new TrafficShifter({ target, clock: cloud.clock }).begin({
          incoming: 'green',
          strategy: allAtOnce(),
          acceptLiveWeights: true,
        });
        await expect(shift).rejects.toThrowError(/not ready for traffic.*although the action names/);
      },
    );

    test('logs a warning for a group with traffic before its first health check', async () => {
      const lines: unknown[] = [];
      const { target, green, name } = arrange({
        warn: (message: string, data: object) => void lines.push([message, data]),
      });

      await target.writeWeights({ blue: 100, green: 0 });
      expect(lines).toEqual([]);
      name(undefined);
      await target.writeWeights({ blue: 90, green: 10 });
      await target.writeWeights({ blue: 50, green: 50 });

      expect(lines).toEqual([
        [
          'Added a target group before its first health check',
          expect.objectContaining({ targetGroup: green, remedy: expect.stringContaining('weight 0') }),
        ],
      ]);
    });

    describe('with target stickiness', () => {
      test('throws ResourceStateError before a write when AWS would reject the group', async () => {
        const { target, green } = arrange();
        await setStickiness(green, 'true');
        const shift = new TrafficShifter({ target, clock: cloud.clock }).shiftTo('green', allAtOnce());

        await expect(shift).rejects.toMatchObject({
          name: 'ResourceStateError',
          message: expect.stringMatching(
            /group stickiness in the forward action, which AWS requires with target stickiness, got none, and target stickiness on arn:.*green/,
          ),
          remedy: expect.stringContaining('stickiness.enabled'),
        });
        expect(cloud.calls.some(({ action }) => action.endsWith('ModifyListener'))).toBe(false);
      });

      test('throws ResourceStateError when another rule names the group, whose targets are healthy', async () => {
        const { elasticLoadBalancing, target, green, listenerArn } = arrange();
        elasticLoadBalancing.addRule({
          listenerArn,
          priority: 1,
          conditions: [{ Field: 'path-pattern', Values: ['/test/*'] }],
          actions: [{ Type: 'forward', TargetGroupArn: green }],
        });
        await setStickiness(green, 'true');
        const shift = new TrafficShifter({ target, clock: cloud.clock }).shiftTo('green', allAtOnce());

        await expect(shift).rejects.toThrowError(/group stickiness in the forward action/);
      });

      test('shifts when the action has group stickiness', async () => {
        const { target, green, name } = arrange();
        name(undefined, { Enabled: true, DurationSeconds: 60 });
        await setStickiness(green, 'true');

        const { outcome } = await new TrafficShifter({ target, clock: cloud.clock }).shiftTo(
          'green',
          allAtOnce(),
        );

        expect(outcome).toBe('succeeded');
      });

      function setStickiness(TargetGroupArn: string, Value: string) {
        return cloud.clients.elasticLoadBalancing.send(
          new ModifyTargetGroupAttributesCommand({
            TargetGroupArn,
            Attributes: [{ Key: 'stickiness.enabled', Value }],
          }),
        );
      }
    });

    test('counts no target in an Availability Zone that its load balancer does not serve', async () => {
      const { elasticLoadBalancing, target, green } = arrange();
      elasticLoadBalancing.setTargetHealth(green, 'three', { State: 'healthy' });

      expect(await target.readHealth('green')).toMatchObject({ healthy: 1, total: 3 });
    });

    test('counts targets with disabled health checks', async () => {
      const { elasticLoadBalancing, target, green } = arrange();
      for (const id of ['one', 'two'])
        elasticLoadBalancing.setTargetHealth(green, id, {
          State: 'unavailable',
          Reason: 'Target.HealthCheckDisabled',
        });

      expect(await target.readHealth('green')).toMatchObject({ healthy: 2 });
    });

    test.each([
      { State: 'initial', Reason: 'Elb.InitialHealthChecking' },
      { State: 'unhealthy', Reason: 'Target.Timeout' },
      { State: 'unhealthy.draining', Reason: undefined },
      { State: 'draining', Reason: 'Target.DeregistrationInProgress' },
      { State: 'unused', Reason: 'Target.InvalidState' },
      { State: 'unavailable', Reason: 'Elb.InternalError' },
      { State: undefined, Reason: undefined },
    ] as const)('counts no target that is $State ($Reason)', async (health) => {
      const { elasticLoadBalancing, target, green } = arrange();
      for (const id of ['one', 'two']) elasticLoadBalancing.setTargetHealth(green, id, health);

      const { healthy, total, detail } = await target.readHealth('green');

      expect([healthy, total]).toEqual([0, 2]);
      expect(detail).toContain(health.Reason ?? health.State ?? 'unknown');
    });

    test('does not count a group as in use because of a stopped target', async () => {
      const { elasticLoadBalancing, target, green } = arrange();
      elasticLoadBalancing.setTargetHealth(green, 'one', { State: 'unused', Reason: 'Target.InvalidState' });

      expect(await target.readHealth('green')).toEqual({
        healthy: 1,
        total: 2,
        detail: '1 unused (Target.InvalidState), 1 unused (Target.NotInUse)',
      });
    });
  });

  describe('of VPC Lattice', () => {
    function arrange(logger: Partial<Logger> = {}) {
      const { vpcLattice } = cloud;
      const blue = vpcLattice.addTargetGroup({ targets: ['one'] });
      const green = vpcLattice.addTargetGroup({ targets: ['one', 'two'] });
      const listener = vpcLattice.addListener({
        defaultAction: { forward: { targetGroups: [{ targetGroupIdentifier: blue.id }] } },
      });
      const target = new VpcLatticeRuleTarget({
        serviceIdentifier: listener.serviceId,
        listenerIdentifier: listener.id,
        blue: { targetGroupIdentifier: blue.id },
        green: { targetGroupIdentifier: green.arn },
        clients: cloud.clients,
        logger: { ...silentLogger, ...logger },
      });
      return { vpcLattice, target, blue, green, listenerId: listener.id };
    }

    test('counts healthy targets, and those of a group that no service uses yet', async () => {
      const { target } = arrange();

      expect(await target.readHealth('blue')).toEqual({ healthy: 1, total: 1 });
      expect(await target.readHealth('green')).toEqual({ healthy: 2, total: 2, detail: '2 UNUSED' });
    });

    test('logs a warning for a group with traffic before its first health check', async () => {
      const lines: string[] = [];
      const { target } = arrange({ warn: (message: string) => void lines.push(message) });

      await target.writeWeights({ blue: 90, green: 10 });
      await target.writeWeights({ blue: 50, green: 50 });

      expect(lines).toEqual(['Added a target group before its first health check']);
    });

    test('counts no unused target of a group that the action names', async () => {
      const { vpcLattice, target, green, listenerId, blue } = arrange();
      vpcLattice.changeAction(listenerId, {
        forward: {
          targetGroups: [
            { targetGroupIdentifier: blue.id, weight: 100 },
            { targetGroupIdentifier: green.id, weight: 0 },
          ],
        },
      });
      expect(await target.readHealth('green')).toEqual({ healthy: 2, total: 2 });
      for (const id of ['one', 'two']) vpcLattice.setTargetHealth(green.id, id, 'UNUSED');

      expect(await target.readHealth('green')).toMatchObject({
        healthy: 0,
        detail: expect.stringContaining('although the action names'),
      });
    });

    test('counts the targets of every page', async () => {
      const { vpcLattice, target, green } = arrange();
      for (let index = 0; index < 120; index += 1)
        vpcLattice.setTargetHealth(green.id, `more-${index}`, 'HEALTHY');

      expect(await target.readHealth('green')).toMatchObject({ healthy: 120, total: 122 });
    });

    test.each([
      ['UNAVAILABLE', 2],
      ['INITIAL', 0],
      ['UNHEALTHY', 0],
      ['DRAINING', 0],
    ] as const)('counts for %s targets: %i', async (status, healthy) => {
      const { vpcLattice, target, green } = arrange();
      for (const id of ['one', 'two']) vpcLattice.setTargetHealth(green.id, id, status);

      expect(await target.readHealth('green')).toEqual({ healthy, total: 2, detail: `2 ${status}` });
    });
  });
});
