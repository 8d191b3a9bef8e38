import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import { parseStackReference } from 'aws-blue-green-toolkit/core';
import { EcsRollout } from 'aws-blue-green-toolkit/ecs-rollout';
import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
import { renderReport } from 'aws-blue-green-toolkit/report';
import { SqsTools } from 'aws-blue-green-toolkit/sqs';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import {
  AlbListenerRuleTarget,
  albTargetGroupLatency,
  allAtOnce,
  canary,
  customCheck,
  httpCheck,
  LambdaAliasTarget,
  rehearse,
  TrafficShifter,
} from 'aws-blue-green-toolkit/traffic';
import { Route53WeightedRecordTarget } from 'aws-blue-green-toolkit/traffic/route-53';
import { expect, test } from 'vitest';
import { checkContext } from '../../support/check-context.js';
import { explains, messagesOf } from '../../support/documented-messages.js';
import { SwapWorld } from '../../support/swap-world.js';

/** A rule that sends all requests to blue. */
function makeRule({ isSticky = false, greenIsHealthy = true, third = false } = {}) {
  const cloud = new SimulatedCloud();
  const { elasticLoadBalancing } = cloud;
  const { arn: loadBalancerArn } = elasticLoadBalancing.addLoadBalancer({ name: 'shop' });
  const addGroup = (name: string) => elasticLoadBalancing.addTargetGroup({ name, targets: ['10.0.0.1'] }).arn;
  const [blue, green, other] = [addGroup('blue'), addGroup('green'), addGroup('other')];
  const groups = [blue, green, ...(third ? [other] : [])];
  const { arn: listenerArn } = elasticLoadBalancing.addListener({
    loadBalancerArn,
    defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const { arn: ruleArn } = elasticLoadBalancing.addRule({
    listenerArn,
    priority: 1,
    conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
    actions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: groups.map((TargetGroupArn) => ({
            TargetGroupArn,
            Weight: TargetGroupArn === blue ? 100 : 0,
          })),
          ...(isSticky && { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } }),
        },
      },
    ],
  });
  if (!greenIsHealthy) elasticLoadBalancing.setTargetHealth(green, '10.0.0.1', { State: 'unhealthy' });
  const { clients, clock } = cloud;
  const target = new AlbListenerRuleTarget({
    ruleArns: [ruleArn],
    blue: { targetGroupArn: blue },
    green: { targetGroupArn: green },
    clients,
    clock,
  });
  return { cloud, clock, target };
}

function makeTools() {
  const cloud = new SimulatedCloud();
  const { clients, clock } = cloud;
  for (const name of ['blue', 'green']) cloud.lambda.addFunction({ name });
  const names = { blue: { functionName: 'blue' }, green: { functionName: 'green' } };
  const queueReader = new LambdaTools({ ...names, clients, clock });
  const [blue, green] = [{ clusterIdentifier: 'blue' }, { clusterIdentifier: 'green' }];
  return { cloud, queueReader, database: new AuroraTools({ blue, green, clients, clock }) };
}

const metrics = {
  targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/1',
  loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1',
};

const shift = ({ target, clock }: ReturnType<typeof makeRule>) =>
  new TrafficShifter({ target, clock }).shiftTo('green', allAtOnce());

/** Ways to fail that a user meets, by the guide that the user has open. */
const failures: Record<string, Record<string, () => unknown>> = {
  'canary-on-an-alb': {
    'a new stack that is not healthy': () => shift(makeRule({ greenIsHealthy: false })),
    'group stickiness': () => shift(makeRule({ isSticky: true })),
    'a third target group': () => shift(makeRule({ third: true })),
    'a check that fails': async () => {
      const { target, clock } = makeRule();
      const checks = [customCheck('errors', async () => false)];
      const shifter = new TrafficShifter({ target, checks, clock });
      throw new Error((await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 60 }))).reason);
    },
    'another writer of the weights': async () => {
      const { target, clock } = makeRule();
      clock.schedule(90, () => target.writeWeights({ blue: 50, green: 50 }));
      const shifter = new TrafficShifter({ target, clock });
      throw new Error((await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 600 }))).reason);
    },
    'a missing permission': async () => {
      const world = makeRule();
      world.cloud.injectFault({
        kind: 'accessDenied',
        action: 'elasticloadbalancing:DescribeRules',
        times: 9,
      });
      await shift(world);
    },
  },
  'lambda-aliases': {
    'an alias with another version': async () => {
      const cloud = new SimulatedCloud();
      cloud.lambda.addFunction({ name: 'orders', versions: ['1', '2', '3'] });
      cloud.lambda.addAlias({ functionName: 'orders', name: 'live', version: '3' });
      const { clients, clock } = cloud;
      const alias = { functionName: 'orders', aliasName: 'live' };
      const target = new LambdaAliasTarget({
        ...alias,
        blue: { version: '1' },
        green: { version: '2' },
        clients,
      });
      await new TrafficShifter({ target, clock }).shiftTo('green', allAtOnce());
    },
  },
  'first-codedeploy-hook': {
    'a missing variable': () => parseStackReference(undefined),
    'no mapping': () => makeTools().queueReader.enableEventMapping('green'),
  },
  'alb-targets': {
    'a rule that does not exist': () => {
      const { clients, clock } = new SimulatedCloud();
      const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
      const target = new AlbListenerRuleTarget({
        ruleArns: [`${arn}:listener-rule/app/shop/1/2/3`],
        blue: { targetGroupArn: `${arn}:targetgroup/blue/1` },
        green: { targetGroupArn: `${arn}:targetgroup/green/1` },
        clients,
      });
      return new TrafficShifter({ target, clock }).shiftTo('green', allAtOnce());
    },
  },
  tools: {
    'an unknown cluster': () => makeTools().database.startDatabase('green'),
    'a cluster that is being deleted': async () => {
      const { cloud, database } = makeTools();
      cloud.rds.addCluster({ name: 'green', status: 'deleting', readers: 0 });
      await database.startDatabase('green');
    },
  },
  operating: {
    'an unknown option': () => {
      const options = { blue: { queue: 'a' }, green: { queue: 'b' }, loger: console };
      return new SqsTools(options);
    },
    'a wait that is over': async () => {
      const { cloud, database } = makeTools();
      cloud.rds.addCluster({ name: 'green', status: 'stopped', readers: 0 });
      await database.waitForClusterState('green', 'available', { maxWaitSeconds: 60 });
    },
  },
  'ecs-rollout': {
    'a canary that exits': async () => {
      const cloud = new SimulatedCloud();
      const { clients, clock } = cloud;
      const image = (version: number) => ({
        family: 'worker',
        containerDefinitions: [{ name: 'app', image: `worker:${version}`, memory: 128 }],
      });
      const taskDefinition = cloud.ecs.addTaskDefinition(image(1));
      cloud.ecs.addContainerInstance({ cluster: 'shop' });
      cloud.ecs.addService({ cluster: 'shop', name: 'worker', desiredCount: 1, taskDefinition });
      cloud.ecs.failTasks({ image: 'worker:2' }, { kind: 'exits', exitCode: 1 });
      const rollout = new EcsRollout({ cluster: 'shop', service: 'worker', clients, clock });
      await rollout.rollOut({ taskDefinition: image(2) });
    },
  },
  'stack-swap': {
    'another swap': async () => {
      const world = new SwapWorld();
      await world.swap().begin({});
      await world.swap().begin({});
    },
  },
  'swap-steps': {
    'two steps of one name': () => {
      const world = new SwapWorld();
      return world.swap({ prepare: [world.step('start'), world.step('start')] });
    },
  },
  'operate-a-swap': {
    'a rollback without a swap': () => new SwapWorld().swap().requestRollBack('late'),
    'a stack without all the traffic': () => new SwapWorld().swap().adopt('green', { reason: 'good' }),
  },
  'metric-checks': {
    'a window that is too short': () =>
      albTargetGroupLatency({ ...metrics, maxSeconds: 1, percentile: 'p99', windowSeconds: 30 }),
  },
  checks: {
    'a window that ends too early': () =>
      albTargetGroupLatency({ ...metrics, maxSeconds: 1, percentile: 'p99', windowSeconds: 60 }),
  },
  'own-checks': {
    'a page that does not respond': async () => {
      const check = httpCheck({
        url: 'https://shop.example.com/',
        fetch: () => Promise.reject(new Error('getaddrinfo ENOTFOUND')),
      });
      throw new Error((await check.evaluate(checkContext(new SimulatedCloud()))).detail);
    },
  },
  'route-53': {
    'a hosted zone that does not exist': async () => {
      const { clients } = new SimulatedCloud();
      const target = new Route53WeightedRecordTarget({
        hostedZoneId: 'Z0123456789ABCDEFGHIJ',
        recordName: 'api.example.com',
        recordType: 'A',
        blue: { setIdentifier: 'blue' },
        green: { setIdentifier: 'green' },
        clients,
      });
      await target.readWeights();
    },
  },
  rehearse: {
    'a check of the present': () =>
      rehearse({
        strategy: canary({ percent: 10, holdSeconds: 60 }),
        checks: [customCheck('now', async () => true)],
        from: new Date('2026-01-01'),
        to: new Date('2026-01-02'),
      }),
  },
  report: {
    'nothing to report': () => renderReport({ shift: {} }),
  },
  'testing-with-simulated-cloud': {
    'a resource that was not added': () => new SimulatedCloud().rds.cluster('orders'),
  },
};

test.each(
  Object.entries(failures).flatMap(([guide, ways]) =>
    Object.entries(ways).map(([way, fail]) => ({ guide, way, fail })),
  ),
)('explains in $guide: $way', async ({ guide, fail }) => {
  const error = await Promise.resolve()
    .then(fail)
    .then(
      () => new Error('no failure'),
      (thrown: Error) => thrown,
    );

  const rows = messagesOf(`docs/guides/${guide}.md`).filter(({ text }) => explains(text, error.message));

  expect(rows, error.message).not.toEqual([]);
});
