import { ResourceNotFoundException } from '@aws-sdk/client-vpc-lattice';
import { beforeEach, describe, expect, test } from 'vitest';
import { classifyFailure } from '../../../../src/core/failures.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  AlbListenerRuleTarget,
  AlbListenerTarget,
  AppMeshRouteTarget,
  allAtOnce,
  LambdaAliasTarget,
  lambdaCheck,
  TrafficShifter,
  type TrafficTarget,
  VpcLatticeRuleTarget,
} from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const other = (arn: string) => arn.replace(/.$/, (digit) => (digit === '9' ? '8' : '9'));

function loadBalancers() {
  const elb = cloud.elasticLoadBalancing;
  const [blue = '', green = ''] = ['blue', 'green'].map(
    (name) => elb.addTargetGroup({ name, targets: ['i-1'] }).arn,
  );
  const listener = elb.addListener({
    loadBalancerArn: elb.addLoadBalancer({ name: 'shop' }).arn,
    defaultActions: [{ Type: 'forward', TargetGroupArn: blue }],
  }).arn;
  const rule = elb.addRule({
    listenerArn: listener,
    priority: 1,
    conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
    actions: [{ Type: 'forward', TargetGroupArn: blue }],
  }).arn;
  return { blue, green, listener, rule };
}

const ruleTarget = (ruleArn: string, blue: string, green: string) =>
  new AlbListenerRuleTarget({
    ruleArns: [ruleArn],
    blue: { targetGroupArn: blue },
    green: { targetGroupArn: green },
    clients: cloud.clients,
    clock: cloud.clock,
  });
const listenerTarget = (listenerArn: string, blue: string, green: string) =>
  new AlbListenerTarget({
    listenerArn,
    blue: { targetGroupArn: blue },
    green: { targetGroupArn: green },
    clients: cloud.clients,
    clock: cloud.clock,
  });

function lattice() {
  const { vpcLattice } = cloud;
  const [blue, green] = [vpcLattice.addTargetGroup({ targets: ['i-1'] }), vpcLattice.addTargetGroup({})];
  const action = { forward: { targetGroups: [{ targetGroupIdentifier: blue.id }] } };
  const listener = vpcLattice.addListener({ defaultAction: action });
  const rule = vpcLattice.addRule({ listener: listener.id, priority: 1, action });
  return {
    blue: blue.id,
    green: green.id,
    service: listener.serviceId,
    listener: listener.id,
    rule: rule.id,
  };
}

const latticeTarget = (names: {
  blue: string;
  green: string;
  service: string;
  listener: string;
  rule?: string;
}) =>
  new VpcLatticeRuleTarget({
    serviceIdentifier: names.service,
    listenerIdentifier: names.listener,
    ...(names.rule !== undefined && { ruleIdentifier: names.rule }),
    blue: { targetGroupIdentifier: names.blue },
    green: { targetGroupIdentifier: names.green },
    clients: cloud.clients,
    clock: cloud.clock,
  });

const aliasTarget = (functionName: string, aliasName: string) =>
  new LambdaAliasTarget({
    functionName,
    aliasName,
    blue: { version: '1' },
    green: { version: '3' },
    clients: cloud.clients,
    clock: cloud.clock,
  });

function addAlias() {
  cloud.lambda.addFunction({ name: 'orders', versions: ['1', '2'] });
  cloud.lambda.addAlias({ functionName: 'orders', name: 'live', version: '1' });
}

const routeTarget = (routeName: string) =>
  new AppMeshRouteTarget({
    meshName: 'shop',
    virtualRouterName: 'orders',
    routeName,
    blue: { virtualNode: 'blue' },
    green: { virtualNode: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
  });

const half = { blue: 50, green: 50 };

/** Calls with a missing resource, with patterns for the message and the remedy. */
const cases: readonly (readonly [string, () => Promise<unknown>, string, RegExp, RegExp])[] = [
  [
    'a rule, read',
    () => {
      const { rule, blue, green } = loadBalancers();
      return ruleTarget(other(rule), blue, green).readWeights();
    },
    'RuleNotFoundException',
    /^Listener rule arn:.*listener-rule.* not found/,
    /ruleArns/,
  ],
  [
    'a rule, written',
    async () => {
      const { rule, blue, green } = loadBalancers();
      const target = ruleTarget(rule, blue, green);
      await target.readWeights();
      const { DeleteRuleCommand } = await import('@aws-sdk/client-elastic-load-balancing-v2');
      await cloud.clients.elasticLoadBalancing.send(new DeleteRuleCommand({ RuleArn: rule }));
      return target.writeWeights(half);
    },
    'RuleNotFoundException',
    /^Listener rule arn:.* not found/,
    /ruleArns/,
  ],
  [
    'a target group, added',
    () => {
      const { rule, blue, green } = loadBalancers();
      return ruleTarget(rule, blue, other(green)).writeWeights(half);
    },
    'TargetGroupNotFoundException',
    /^Target group arn:.*targetgroup.* not found/,
    /targetGroupArn/,
  ],
  [
    'a target group, its health',
    () => {
      const { rule, blue, green } = loadBalancers();
      return ruleTarget(rule, blue, other(green)).readHealth('green');
    },
    'TargetGroupNotFoundException',
    /^Target group arn:.*targetgroup.* not found/,
    /targetGroupArn/,
  ],
  [
    'a listener, read',
    () => {
      const { listener, blue, green } = loadBalancers();
      return listenerTarget(other(listener), blue, green).readWeights();
    },
    'ListenerNotFoundException',
    /^Listener arn:.*listener.* not found/,
    /listenerArn/,
  ],
  [
    'a listener, written',
    () => {
      const { listener, blue, green } = loadBalancers();
      return listenerTarget(other(listener), blue, green).writeWeights(half);
    },
    'ListenerNotFoundException',
    /^Listener arn:.* not found/,
    /listenerArn/,
  ],
  [
    'a target group of a listener',
    () => {
      const { listener, blue, green } = loadBalancers();
      return listenerTarget(listener, blue, other(green)).writeWeights(half);
    },
    'TargetGroupNotFoundException',
    /^Target group /,
    /targetGroupArn/,
  ],
  ...(['service', 'listener', 'rule'] as const).map(
    (field) =>
      [
        `a ${field} of VPC Lattice`,
        () => {
          const names = lattice();
          return latticeTarget({ ...names, [field]: other(names[field]) }).readWeights();
        },
        'ResourceNotFoundException',
        /^VPC Lattice resource \S+ not found/,
        /serviceIdentifier, listenerIdentifier, ruleIdentifier/,
      ] as const,
  ),
  [
    'a target group of VPC Lattice, added',
    () => {
      const names = lattice();
      return latticeTarget({ ...names, green: other(names.green) }).writeWeights(half);
    },
    'ResourceNotFoundException',
    /^VPC Lattice resource tg-\S+ not found/,
    /targetGroupIdentifier/,
  ],
  [
    'a target group of VPC Lattice, its health',
    () => {
      const names = lattice();
      return latticeTarget({ ...names, green: other(names.green) }).readHealth('green');
    },
    'ResourceNotFoundException',
    /^Target group tg-\S+ not found/,
    /targetGroupIdentifier/,
  ],
  [
    'a function',
    () => aliasTarget('gone', 'live').readWeights(),
    'ResourceNotFoundException',
    /^Lambda alias gone:live not found/,
    /functionName, aliasName/,
  ],
  [
    'an alias',
    () => {
      addAlias();
      return aliasTarget('orders', 'gone').readWeights();
    },
    'ResourceNotFoundException',
    /^Lambda alias orders:gone not found/,
    /functionName, aliasName/,
  ],
  [
    'a version, written',
    () => {
      addAlias();
      return aliasTarget('orders', 'live').writeWeights(half);
    },
    'ResourceNotFoundException',
    /^Lambda alias orders:live not found/,
    /the versions of both stacks/,
  ],
  [
    'a version, its health',
    () => {
      addAlias();
      return aliasTarget('orders', 'live').readHealth('green');
    },
    'ResourceNotFoundException',
    /^Lambda function version orders:3 not found/,
    /green\.version/,
  ],
  [
    'a route, read',
    () => routeTarget('gone').readWeights(),
    'NotFoundException',
    /^App Mesh route shop\/orders\/gone not found/,
    /meshName, virtualRouterName and routeName/,
  ],
  [
    'a route, written',
    () => routeTarget('gone').writeWeights(half),
    'NotFoundException',
    /^App Mesh route shop\/orders\/gone not found/,
    /meshName/,
  ],
  [
    'a function of a check',
    () =>
      lambdaCheck({ functionName: 'gone', qualifier: 'live', clients: cloud.clients }).evaluate(
        checkContext(cloud),
      ),
    'ResourceNotFoundException',
    /^Lambda function gone:live not found/,
    /functionName and qualifier/,
  ],
];

describe('Traffic targets › missing resources', () => {
  test.each(cases)(
    'throws ResourceNotFoundError with the remedy: %s',
    async (_, call, cause, message, remedy) => {
      const error = await call().catch((it: unknown) => it);

      expect(error).toMatchObject({
        name: 'ResourceNotFoundError',
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(remedy),
        cause: expect.objectContaining({ name: cause }),
      });
      expect(classifyFailure(error)).toBe('final');
    },
  );

  test.each<[string, () => TrafficTarget]>([
    [
      'a rule',
      () => {
        const { rule, blue, green } = loadBalancers();
        return ruleTarget(other(rule), blue, green);
      },
    ],
    ['an alias', () => aliasTarget('gone', 'live')],
    ['a route', () => routeTarget('gone')],
  ])('throws before a shift begins: %s', async (_, make) => {
    const shift = new TrafficShifter({ target: make(), clock: cloud.clock }).shiftTo('green', allAtOnce());

    await expect(shift).rejects.toMatchObject({ name: 'ResourceNotFoundError' });
  });

  test('throws ResourceNotFoundError for an error of VPC Lattice without a resource', async () => {
    const exception = new ResourceNotFoundException({
      message: 'gone',
      resourceId: undefined,
      resourceType: undefined,
      $metadata: {},
    });
    cloud.injectFault({ kind: exception, action: 'vpc-lattice:GetRule', times: 9 });

    await expect(latticeTarget(lattice()).readWeights()).rejects.toThrowError(
      /^VPC Lattice resource VPC Lattice rule .* not found/,
    );
  });
});
