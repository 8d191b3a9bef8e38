import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { AlbListenerTarget } from '../../../../src/traffic/targets/alb-listener.js';
import { VpcLatticeRuleTarget } from '../../../../src/traffic/targets/vpc-lattice-rule.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

describe('Health of target groups', () => {
  describe('of load balancers', () => {
    function arrange() {
      const { elasticLoadBalancing } = cloud;
      const [blue = '', green = ''] = ['blue', 'green'].map(
        (name) => elasticLoadBalancing.addTargetGroup({ name, targets: ['one', 'two'] }).arn,
      );
      const target = new AlbListenerTarget({
        listenerArn: elasticLoadBalancing.addListener({
          loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'shop' }).arn,
          defaultActions: [{ Type: 'forward', TargetGroupArn: blue }],
        }).arn,
        blue: { targetGroupArn: blue },
        green: { targetGroupArn: green },
        clients: cloud.clients,
      });
      return { elasticLoadBalancing, target, green };
    }

    test('counts healthy targets', async () => {
      expect(await arrange().target.readHealth('blue')).toEqual({ healthy: 2, total: 2 });
    });

    test('counts the targets of a group without traffic: nobody checks them yet', async () => {
      expect(await arrange().target.readHealth('green')).toEqual({
        healthy: 2,
        total: 2,
        detail: '2 unused (Target.NotInUse)',
      });
    });

    test('counts no target in an Availability Zone that its load balancer does not serve', async () => {
      const { elasticLoadBalancing, target, green } = arrange();
      elasticLoadBalancing.setTargetHealth(green, 'three', { State: 'healthy' });

      expect(await target.readHealth('green')).toMatchObject({ healthy: 1, total: 3 });
    });

    test('counts targets whose checks somebody has switched off', async () => {
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

    test('does not take a stopped target for a sign that its group is in use', async () => {
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
    function arrange() {
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
      });
      return { vpcLattice, target, green };
    }

    test('counts healthy targets, and those of a group that no service uses yet', async () => {
      const { target } = arrange();

      expect(await target.readHealth('blue')).toEqual({ healthy: 1, total: 1 });
      expect(await target.readHealth('green')).toEqual({ healthy: 2, total: 2, detail: '2 UNUSED' });
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
    ] as const)('of targets that are %s counts %i', async (status, healthy) => {
      const { vpcLattice, target, green } = arrange();
      for (const id of ['one', 'two']) vpcLattice.setTargetHealth(green.id, id, status);

      expect(await target.readHealth('green')).toEqual({ healthy, total: 2, detail: `2 ${status}` });
    });
  });
});
