import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shiftAsInTheGuide } from '../../examples/canary/guide.js';
import { makeHandler } from '../../examples/canary/hooks/after-allow-test-traffic.js';
import { runCommand } from '../../examples/canary/manual-app-mesh.js';
import { runShift } from '../../examples/canary/shift.js';
import { makeWorld, type World } from '../../examples/canary/world.js';
import { SimulatedCloud } from '../../src/testing/index.js';

const root = new URL('../../', import.meta.url);
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('script that shifts a listener rule', () => {
  let world: World;
  let lines: string[];

  function prepare({ greenIsBad = false } = {}) {
    world = makeWorld({ greenIsBad });
    lines = [];
  }

  function shift(args: readonly string[], signal?: AbortSignal) {
    const { ruleArns, loadBalancerArn, targetGroupArns } = world.settings;
    const { blue, green } = targetGroupArns;
    const { clients, clock } = world.cloud;
    return runShift(
      [
        ...ruleArns.flatMap((arn) => ['--rule', arn]),
        ...['--load-balancer', loadBalancerArn, '--blue', blue, '--green', green],
        ...args,
      ],
      { clients, clock, print: (line) => lines.push(line), ...(signal && { signal }) },
    );
  }

  test("shifts the canary's share first, and then all the traffic", async () => {
    prepare();

    const { outcome } = await shift(['--to', 'green', '--canary', '20', '--interval', '240']);

    expect(outcome).toBe('succeeded');
    expect(world.weightsInForce()).toEqual({ blue: 0, green: 100 });
    expect(lines.filter((line) => line.includes('verified: '))).toEqual([
      expect.stringContaining('blue 80 %, green 20 %'),
      expect.stringContaining('blue 0 %, green 100 %'),
    ]);
    expect(lines.at(-1)).toBe('Outcome: succeeded');
  });

  test('shifts in steps with the option', async () => {
    prepare();

    await shift(['--to', 'green', '--step', '25', '--interval', '60', '--bake', '0']);

    expect(lines.filter((line) => line.includes('verified: '))).toHaveLength(4);
  });

  test('rolls a bad release back', async () => {
    prepare({ greenIsBad: true });

    const { outcome } = await shift(['--to', 'green', '--canary', '20']);
    await world.cloud.clock.sleep(10_000);

    expect(outcome).toBe('rolledBack');
    expect(world.weightsInForce()).toEqual({ blue: 100, green: 0 });
  });

  test('rolls back when it is interrupted', async () => {
    prepare();
    const abort = new AbortController();
    world.cloud.clock.schedule(100, () => abort.abort(new Error('the process got SIGINT')));

    const { outcome, reason } = await shift(['--to', 'green'], abort.signal);
    await world.cloud.clock.sleep(10_000);

    expect(outcome).toBe('rolledBack');
    expect(reason).toContain('SIGINT');
    expect(world.weightsInForce()).toEqual({ blue: 100, green: 0 });
  });

  test.each([
    { args: ['--to', 'purple'], problem: 'blue' },
    { args: ['--to', 'green', '--canary', '5', '--step', '5'], problem: 'exclude each other' },
    { args: ['--to', 'green', '--canary', 'ten'], problem: 'percent' },
  ])('prints the problem of $args', async ({ args, problem }) => {
    prepare();

    await expect(shift(args)).rejects.toThrow(problem);
    expect(world.weightsInForce()).toEqual({ blue: 100, green: 0 });
  });

  test('prints the missing argument', async () => {
    await expect(runShift(['--to', 'green'])).rejects.toThrow('--rule is missing');
  });
});

describe('guide to a canary on an ALB', () => {
  test('shows code that compiles', async () => {
    const guide = await readFile(new URL('docs/guides/canary-on-an-alb.md', root), 'utf8');
    const files = await Promise.all(
      ['guide.ts', 'world.ts'].map((file) => readFile(new URL(`examples/canary/${file}`, root), 'utf8')),
    );
    // The guide's code is not indented.
    const code = files.join('').replaceAll(/^ {2}/gm, '');

    const blocks = [...guide.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? '');
    expect(blocks).toHaveLength(6);
    for (const block of blocks) expect(code).toContain(block);
  });

  test.each([
    { greenIsBad: false, outcome: 'succeeded', green: 100 },
    { greenIsBad: true, outcome: 'rolledBack', green: 0 },
  ])('ends $outcome when green is bad: $greenIsBad', async ({ greenIsBad, outcome, green }) => {
    const { cloud, settings, weightsInForce } = makeWorld({ greenIsBad });
    const { clients, clock } = cloud;

    const result = await shiftAsInTheGuide(settings, { clients, clock, logger: quiet });
    await clock.sleep(10_000);

    expect(result.outcome).toBe(outcome);
    expect(weightsInForce().green).toBe(green);
  });
});

describe('hook that waits for checks', () => {
  const service = { cluster: 'shop', service: 'web' };

  async function deploy(green: { errorRate?: number; latencySeconds?: number }, requestsPerSecond = 5) {
    const cloud = new SimulatedCloud();
    const { elasticLoadBalancing, clients, clock } = cloud;
    const loadBalancer = elasticLoadBalancing.addLoadBalancer({ name: 'shop' });
    const group = elasticLoadBalancing.addTargetGroup({ name: 'shop-green', targets: ['10.0.1.1'] });
    cloud.ecs.addService({
      cluster: 'shop',
      name: 'web',
      desiredCount: 2,
      deploymentController: 'CODE_DEPLOY',
    });
    cloud.addTraffic({
      through: () => ({ blue: 0, green: cloud.codeDeploy.traffic.test === 'replacement' ? 1 : 0 }),
      requestsPerSecond,
      loadBalancerArn: loadBalancer.arn,
      stacks: { blue: {}, green: { targetGroupArn: group.arn, ...green } },
    });
    const handler = makeHandler({
      environment: {
        REPLACEMENT_STACK: 'green',
        REPLACEMENT_TARGET_GROUP_ARN: group.arn,
        LOAD_BALANCER_ARN: loadBalancer.arn,
      },
      clients,
      clock,
      logger: quiet,
    });
    const startedAt = clock.now();
    const { status } = await cloud.codeDeploy.runDeployment({
      service,
      taskDefinition: 'web:2',
      hooks: { AfterAllowTestTraffic: handler },
    });
    return { status, cloud, minutes: (clock.now() - startedAt) / 60_000 };
  }

  test('continues the deployment after three good minutes', async () => {
    const { status, cloud, minutes } = await deploy({ errorRate: 0.002, latencySeconds: 0.1 });

    expect(status).toBe('Succeeded');
    expect(cloud.codeDeploy.traffic.production).toBe('replacement');
    expect(minutes).toBeGreaterThan(3);
  });

  test.each([
    { what: 'answers with 5xx', green: { errorRate: 0.05 } },
    { what: 'is slow', green: { latencySeconds: 2 } },
  ])('fails the deployment when the incoming stack $what', async ({ green }) => {
    const { status, cloud } = await deploy(green);

    expect(status).toBe('Failed');
    expect(cloud.codeDeploy.traffic.production).toBe('original');
  });

  test('fails without requests, when the time is over', async () => {
    const { status, minutes } = await deploy({}, 0);

    expect(status).toBe('Failed');
    expect(minutes).toBeGreaterThan(10);
  });
});

describe('manual canary on App Mesh', () => {
  const name = { meshName: 'shop', virtualRouterName: 'orders', routeName: 'all' };
  let cloud: SimulatedCloud;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manual-canary-'));
    cloud = new SimulatedCloud();
    cloud.appMesh.addRoute({
      ...name,
      spec: {
        httpRoute: {
          match: { prefix: '/' },
          action: {
            weightedTargets: [
              { virtualNode: 'orders-blue', weight: 100 },
              { virtualNode: 'orders-green', weight: 0 },
            ],
          },
        },
      },
    });
  });

  afterEach(() => rm(folder, { recursive: true }));

  function command(...args: string[]) {
    const { clients, clock } = cloud;
    return runCommand(
      [
        ...args,
        ...['--state', join(folder, 'state.json'), '--mesh', 'shop', '--router', 'orders', '--route', 'all'],
        ...['--blue', 'orders-blue', '--green', 'orders-green'],
      ],
      { clients, clock, logger: quiet },
    );
  }

  const split = () => cloud.appMesh.liveSplit(name);

  test('sets 75/25, and stays there until the next command', async () => {
    const { phase } = await command('canary', '--to', 'green');
    await cloud.clock.sleep(3 * 86_400_000);

    expect(phase).toBe('shifting');
    expect(split()).toEqual({ 'orders-blue': 75, 'orders-green': 25 });
  });

  test('promotes to 100 %', async () => {
    await command('canary', '--to', 'green');

    const { phase } = await command('promote');

    expect(phase).toBe('succeeded');
    expect(split()).toEqual({ 'orders-blue': 0, 'orders-green': 100 });
  });

  test.each([
    { from: '25 %', before: [] },
    { from: 'everything', before: ['promote'] },
  ])('rolls back from $from at once', async ({ before }) => {
    await command('canary', '--to', 'green');
    for (const it of before) await command(it);
    const version = cloud.appMesh.route(name).version;

    const { phase } = await command('rollback');

    expect(phase).toBe('rolledBack');
    expect(split()).toEqual({ 'orders-blue': 100, 'orders-green': 0 });
    expect(cloud.appMesh.route(name).version).toBe(version + 1);
  });

  test('halts on drift of the route', async () => {
    await command('canary', '--to', 'green');
    const { clients } = cloud;
    const foreign = { 'orders-blue': 40, 'orders-green': 60 };
    const { UpdateRouteCommand } = await import('@aws-sdk/client-app-mesh');
    await clients.appMesh.send(
      new UpdateRouteCommand({
        ...name,
        spec: {
          httpRoute: {
            match: { prefix: '/' },
            action: {
              weightedTargets: Object.entries(foreign).map(([virtualNode, weight]) => ({
                virtualNode,
                weight,
              })),
            },
          },
        },
      }),
    );

    const { phase } = await command('promote');

    expect(phase).toBe('halted');
    expect(split()).toEqual(foreign);
  });

  test('prints the three commands for an unknown one', async () => {
    await expect(command('destroy')).rejects.toThrow('Unknown command destroy');
  });
});
