import {
  DeregisterTargetsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type DescribeTargetGroupsCommandInput,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  type TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let web: string;
let idle: string;
let loadBalancerArn: string;

const client = () => cloud.clients.elasticLoadBalancing;

beforeEach(() => {
  cloud = new SimulatedCloud();
  const { elasticLoadBalancing } = cloud;
  web = elasticLoadBalancing.addTargetGroup({ name: 'web', targetType: 'ip', port: 8080 }).arn;
  idle = elasticLoadBalancing.addTargetGroup({ name: 'idle', deregistrationDelaySeconds: 10 }).arn;
  loadBalancerArn = elasticLoadBalancing.addLoadBalancer({ name: 'shop' }).arn;
  elasticLoadBalancing.addListener({
    loadBalancerArn,
    defaultActions: [{ Type: 'forward', TargetGroupArn: web }],
  });
});

const register = (TargetGroupArn: string, ...Targets: TargetDescription[]) =>
  client().send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
const deregister = (TargetGroupArn: string, ...Targets: TargetDescription[]) =>
  client().send(new DeregisterTargetsCommand({ TargetGroupArn, Targets }));

async function health(TargetGroupArn: string, Targets?: TargetDescription[]) {
  const { TargetHealthDescriptions = [] } = await client().send(
    new DescribeTargetHealthCommand({ TargetGroupArn, Targets }),
  );
  return TargetHealthDescriptions.map(({ Target, TargetHealth }) =>
    [`${Target?.Id}:${Target?.Port}`, TargetHealth?.State, TargetHealth?.Reason].filter(Boolean).join(' '),
  );
}

describe('SimulatedElasticLoadBalancing', () => {
  describe('RegisterTargets', () => {
    test('adds a target that is healthy after its first check', async () => {
      await register(web, { Id: '10.9.0.1' });

      const atOnce = await health(web);
      await cloud.clock.sleep(20_000);
      const soon = await health(web);
      await cloud.clock.sleep(10_000);

      expect(atOnce).toEqual(['10.9.0.1:8080 initial Elb.RegistrationInProgress']);
      expect(soon).toEqual(['10.9.0.1:8080 initial Elb.InitialHealthChecking']);
      expect(await health(web)).toEqual(['10.9.0.1:8080 healthy']);
    });

    test('leaves a registered target unchanged, and distinguishes ports', async () => {
      await register(web, { Id: '10.9.0.1' });
      await cloud.clock.sleep(30_000);

      await register(web, { Id: '10.9.0.1', Port: 8080 }, { Id: '10.9.0.1', Port: 9090 });

      expect(await health(web)).toEqual([
        '10.9.0.1:8080 healthy',
        '10.9.0.1:9090 initial Elb.RegistrationInProgress',
      ]);
    });

    test('registers a draining target again', async () => {
      await register(web, { Id: '10.9.0.1' });
      await deregister(web, { Id: '10.9.0.1' });

      await register(web, { Id: '10.9.0.1' });

      expect(await health(web)).toEqual(['10.9.0.1:8080 initial Elb.RegistrationInProgress']);
    });

    test('accepts a Lambda function, which has no port', async () => {
      const { arn } = cloud.elasticLoadBalancing.addTargetGroup({ name: 'fn', targetType: 'lambda' });
      const Id = 'arn:aws:lambda:eu-west-1:123456789012:function:web';

      await register(arn, { Id });

      expect(await health(arn)).toEqual([`${Id}:undefined unused Target.NotInUse`]);
    });

    test.each([
      ['an instance among addresses', () => web, { Id: 'i-0123' }, 'ValidationError'],
      ['an address among instances', () => idle, { Id: '10.9.0.1' }, 'ValidationError'],
      ['a target without an ID', () => web, { Id: undefined }, 'ValidationException'],
      ['an unknown target group', () => `${web}0`, { Id: '10.9.0.1' }, 'TargetGroupNotFoundException'],
    ])('refuses %s', async (_, group, target, name) => {
      await expect(register(group(), target)).rejects.toMatchObject({ name });
    });

    test('refuses another target in a group of Lambda functions', async () => {
      const { arn } = cloud.elasticLoadBalancing.addTargetGroup({ name: 'fn', targetType: 'lambda' });

      await expect(register(arn, { Id: '10.9.0.1' })).rejects.toMatchObject({ name: 'ValidationError' });
    });
  });

  describe('DeregisterTargets', () => {
    test('drains a target for the delay of its group, then removes it', async () => {
      await register(web, { Id: '10.9.0.1' }, { Id: '10.9.0.2' });
      await cloud.clock.sleep(30_000);

      await deregister(web, { Id: '10.9.0.1' });
      await cloud.clock.sleep(299_000);
      await deregister(web, { Id: '10.9.0.1' });
      const draining = await health(web);
      await cloud.clock.sleep(1_000);

      expect(draining).toEqual([
        '10.9.0.1:8080 draining Target.DeregistrationInProgress',
        '10.9.0.2:8080 healthy',
      ]);
      expect(await health(web)).toEqual(['10.9.0.2:8080 healthy']);
    });

    test('removes a target at once without traffic', async () => {
      await register(idle, { Id: 'i-0123' });

      await deregister(idle, { Id: 'i-0123' });

      expect(await health(idle)).toEqual([]);
    });

    test('succeeds for an unknown target', async () => {
      await expect(deregister(web, { Id: '10.9.0.1' })).resolves.toBeDefined();
    });
  });

  describe('DescribeTargetHealth', () => {
    test('returns only the requested targets', async () => {
      await register(web, { Id: '10.9.0.1' }, { Id: '10.9.0.2' });
      await cloud.clock.sleep(30_000);

      expect(await health(web, [{ Id: '10.9.0.2' }, { Id: '10.9.0.3' }])).toEqual([
        '10.9.0.2:8080 healthy',
        '10.9.0.3:8080 unused Target.NotRegistered',
      ]);
    });

    test('returns the health that a test has set, until the target drains', async () => {
      await register(web, { Id: '10.9.0.1' });
      cloud.elasticLoadBalancing.setTargetHealth(web, '10.9.0.1', { State: 'unhealthy' });

      const set = await health(web);
      await deregister(web, { Id: '10.9.0.1' });

      expect(set).toEqual(['10.9.0.1:8080 unhealthy']);
      expect(await health(web)).toEqual(['10.9.0.1:8080 draining Target.DeregistrationInProgress']);
    });
  });

  describe('DescribeTargetGroups', () => {
    async function names(input: DescribeTargetGroupsCommandInput) {
      const { TargetGroups } = await client().send(new DescribeTargetGroupsCommand(input));
      return TargetGroups?.map(({ TargetGroupName }) => TargetGroupName);
    }

    test('returns the target type and the load balancers', async () => {
      const { TargetGroups } = await client().send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: [web, idle] }),
      );

      expect(TargetGroups).toMatchObject([
        { TargetType: 'ip', Port: 8080, LoadBalancerArns: [loadBalancerArn], UnhealthyThresholdCount: 2 },
        { TargetType: 'instance', Port: 80, LoadBalancerArns: [] },
      ]);
    });

    test('finds them by name and by load balancer, and all of them', async () => {
      expect(await names({ Names: ['idle'] })).toEqual(['idle']);
      expect(await names({ LoadBalancerArn: loadBalancerArn })).toEqual(['web']);
      expect(await names({})).toEqual(['web', 'idle']);
    });

    test('throws TargetGroupNotFoundException for an unknown group', async () => {
      await expect(names({ Names: ['gone'] })).rejects.toMatchObject({
        name: 'TargetGroupNotFoundException',
      });
    });

    test('returns the deregistration delay', async () => {
      const { Attributes } = await client().send(
        new DescribeTargetGroupAttributesCommand({ TargetGroupArn: idle }),
      );

      expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '10' });
    });
  });
});
