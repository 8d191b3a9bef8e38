import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { type Logger, silentLogger } from '../../../../src/core/logger.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { allAtOnce } from '../../../../src/traffic/strategies/all-at-once.js';
import { AlbListenerTarget } from '../../../../src/traffic/targets/alb-listener.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import { createRecorder } from '../../../support/recorded-lines.js';

let cloud: SimulatedCloud;
let blue: string;
let green: string;
let listenerArn: string;

beforeEach(() => {
  cloud = new SimulatedCloud();
  const { elasticLoadBalancing } = cloud;
  const addGroup = (name: string) => elasticLoadBalancing.addTargetGroup({ name, targets: ['i-1'] }).arn;
  blue = addGroup('blue');
  green = addGroup('green');
  listenerArn = elasticLoadBalancing.addListener({
    loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'shop', type: 'network' }).arn,
    defaultActions: [{ Type: 'forward', TargetGroupArn: blue }],
  }).arn;
});

function makeTarget(arn = listenerArn, logger: Logger = silentLogger) {
  return new AlbListenerTarget({
    listenerArn: arn,
    blue: { targetGroupArn: blue },
    green: { targetGroupArn: green },
    clients: cloud.clients,
    clock: cloud.clock,
    logger,
  });
}

describe('Class: AlbListenerTarget', () => {
  test('throws InvalidInputError for the same target group in both stacks', () => {
    const make = () =>
      new AlbListenerTarget({
        listenerArn,
        blue: { targetGroupArn: blue },
        green: { targetGroupArn: blue },
        clients: cloud.clients,
      });

    expect(make).toThrowError(InvalidInputError);
    expect(make).toThrowError(/green\.targetGroupArn: expected a different resource from blue/);
  });

  test('warns about the target group that it adds, and logs the former and the written weights', async () => {
    const logger = createRecorder();

    await makeTarget(listenerArn, logger).writeWeights({ blue: 90, green: 10 });

    expect(logger.take()).toMatchObject([
      {
        level: 'warn',
        message: 'Added a target group before its first health check',
        data: { targetGroup: green },
      },
      {
        level: 'info',
        message: 'Changed traffic weights',
        data: {
          resource: `Default action of listener ${listenerArn.split(':listener/')[1]}`,
          from: 'blue 100 %, green 0 %',
          to: 'blue 90 %, green 10 %',
        },
      },
    ]);
  });

  test.each([
    ['network', 'shop', 'adds'],
    ['network', 'app', 'adds'],
    ['application', 'shop', 'refuses'],
    ['application', 'net', 'refuses'],
  ] as const)(
    'decides by the type of a load balancer, not by its name: %s, %s',
    async (type, name, wanted) => {
      const { elasticLoadBalancing } = cloud;
      const blueOf = elasticLoadBalancing.addTargetGroup({
        name: 'sticky',
        targets: ['i-1'],
        stickiness: true,
      });
      const loadBalancerArn = elasticLoadBalancing.addLoadBalancer({ name, type }).arn;
      const defaultActions = [{ Type: 'forward', TargetGroupArn: blueOf.arn }] as const;
      const { arn } = elasticLoadBalancing.addListener({
        loadBalancerArn,
        defaultActions: [...defaultActions],
      });
      const target = new AlbListenerTarget({
        listenerArn: arn,
        blue: { targetGroupArn: blueOf.arn },
        green: { targetGroupArn: green },
        clients: cloud.clients,
        clock: cloud.clock,
      });

      const setup = await target.readSetup('green').catch((error: Error) => error.name);

      expect(setup).toEqual(wanted === 'adds' ? { [arn]: expect.anything() } : 'ResourceStateError');
    },
  );

  test('throws ResourceNotFoundError when the listener does not exist', async () => {
    await expect(makeTarget('arn:gone').readWeights()).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      resource: 'arn:gone',
      cause: { name: 'ListenerNotFoundException' },
    });
  });

  test('throws when the listener is missing in the response', async () => {
    cloud.clients.elasticLoadBalancing.middlewareStack.add(
      () => async () => ({ response: {}, output: { $metadata: {} } }),
      { step: 'initialize', name: 'leavesListenersOut' },
    );

    await expect(makeTarget().readWeights()).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      resource: listenerArn,
    });
  });

  test('shifts a listener of a Network Load Balancer, and leaves its rules unchanged', async () => {
    const rule = cloud.elasticLoadBalancing.addRule({
      listenerArn,
      priority: 1,
      conditions: [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } }],
      actions: [{ Type: 'forward', TargetGroupArn: blue }],
    });

    const { outcome } = await new TrafficShifter({ target: makeTarget(), clock: cloud.clock }).shiftTo(
      'green',
      allAtOnce(),
    );

    expect(outcome).toBe('succeeded');
    expect(cloud.elasticLoadBalancing.weightsInForce(listenerArn)).toEqual({ [blue]: 0, [green]: 100 });
    expect(cloud.elasticLoadBalancing.rule(rule.arn)).toEqual(rule);
  });

  test('begins on a stack that is not in use yet, but not on one without targets', async () => {
    const shifter = new TrafficShifter({ target: makeTarget(), clock: cloud.clock });
    await expect(shifter.begin({ incoming: 'green', strategy: allAtOnce() })).resolves.toMatchObject({
      phase: 'shifting',
    });
    cloud.elasticLoadBalancing.setTargetHealth(green, 'i-1', {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
    });

    await expect(shifter.begin({ incoming: 'green', strategy: allAtOnce() })).rejects.toMatchObject({
      name: 'ResourceStateError',
    });
  });
});
