import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud, type SimulatedStackBehavior } from '../../../../src/testing/index.js';

const noon = new Date('2026-01-01T12:00:00Z').getTime();
const arnOf = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/0123456789abcdef`;
const loadBalancerArn =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0123456789abcdef';

let cloud: SimulatedCloud;
let weights: { blue: number; green: number };

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date(noon) });
  weights = { blue: 90, green: 10 };
});

function addTraffic({
  requestsPerSecond = 20,
  metricDelaySeconds,
  blue = {},
  green = {},
  through = () => weights,
}: {
  through?: () => { blue: number; green: number };
  requestsPerSecond?: number;
  metricDelaySeconds?: number;
  blue?: SimulatedStackBehavior;
  green?: SimulatedStackBehavior;
} = {}) {
  return cloud.addTraffic({
    through,
    requestsPerSecond,
    loadBalancerArn,
    ...(metricDelaySeconds !== undefined && { metricDelaySeconds }),
    stacks: {
      blue: { targetGroupArn: arnOf('blue'), ...blue },
      green: { targetGroupArn: arnOf('green'), ...green },
    },
  });
}

async function read(metricName: string, stack: string, stat = 'Sum') {
  const { MetricDataResults } = await cloud.clients.cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(noon),
      EndTime: new Date(noon + 3600_000),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [
        {
          Id: 'm',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/ApplicationELB',
              MetricName: metricName,
              Dimensions: [
                { Name: 'TargetGroup', Value: `targetgroup/${stack}/0123456789abcdef` },
                { Name: 'LoadBalancer', Value: 'app/shop/0123456789abcdef' },
              ],
            },
            Period: 60,
            Stat: stat,
          },
        },
      ],
    }),
  );
  const [result] = MetricDataResults ?? [];
  return (result?.Timestamps ?? []).map((at, index) => ({
    minute: (at.getTime() - noon) / 60_000,
    value: result?.Values?.[index],
  }));
}

describe('TrafficModel', () => {
  describe('requests', () => {
    test('are split by the weights in effect', async () => {
      const traffic = addTraffic();

      await cloud.clock.sleep(60_000);

      expect(traffic.requests).toEqual({
        blue: { served: 1080, failed: 0 },
        green: { served: 120, failed: 0 },
      });
    });

    test('follow changed weights', async () => {
      const traffic = addTraffic();
      await cloud.clock.sleep(10_500);

      weights = { blue: 0, green: 1 };
      await cloud.clock.sleep(10_000);

      expect(traffic.requests.blue.served).toBe(180);
      expect(traffic.requests.green.served).toBe(20 + 200);
    });

    test('fail at the rate of their stack', async () => {
      const traffic = addTraffic({ blue: { errorRate: 0.01 }, green: { errorRate: 0.25 } });

      await cloud.clock.sleep(600_000);

      expect(traffic.requests.blue).toEqual({ served: 10_800, failed: 108 });
      expect(traffic.requests.green).toEqual({ served: 1200, failed: 300 });
    });

    test('fail by the time and by the share', async () => {
      const traffic = addTraffic({
        blue: { errorRate: ({ at }) => (at > noon + 30_000 ? 1 : 0) },
        green: { errorRate: ({ sharePercent }) => (sharePercent >= 50 ? 1 : 0) },
      });
      await cloud.clock.sleep(60_500);
      weights = { blue: 50, green: 50 };
      await cloud.clock.sleep(10_000);

      expect(traffic.requests.blue.failed).toBe(30 * 18 + 10 * 10);
      expect(traffic.requests.green.failed).toBe(100);
    });

    test('fail by the requests that the stack has served before', async () => {
      const traffic = addTraffic({ green: { errorRate: ({ served }) => (served >= 20 ? 1 : 0) } });

      await cloud.clock.sleep(15_000);

      expect(traffic.requests.green).toEqual({ served: 30, failed: 10 });
    });

    test('go through a listener rule, as soon as its weights are in effect', async () => {
      const { elasticLoadBalancing } = cloud;
      elasticLoadBalancing.propagationSeconds = 5;
      const [blue, green] = [
        elasticLoadBalancing.addTargetGroup({ name: 'blue' }),
        elasticLoadBalancing.addTargetGroup({ name: 'green' }),
      ];
      const forward = (toBlue: number, toGreen: number) => [
        {
          Type: 'forward' as const,
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: blue.arn, Weight: toBlue },
              { TargetGroupArn: green.arn, Weight: toGreen },
            ],
          },
        },
      ];
      const { arn } = elasticLoadBalancing.addListener({
        loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'shop' }).arn,
        defaultActions: forward(1, 0),
      });
      const traffic = cloud.addTraffic({
        through: arn,
        requestsPerSecond: 20,
        stacks: { blue: { targetGroupArn: blue.arn }, green: { targetGroupArn: green.arn } },
      });

      await cloud.clock.sleep(10_500);
      elasticLoadBalancing.changeActions(arn, () => forward(1, 3));
      await cloud.clock.sleep(10_000);

      expect(traffic.requests).toEqual({
        blue: { served: 15 * 20 + 5 * 5, failed: 0 },
        green: { served: 5 * 15, failed: 0 },
      });
    });

    test('need a target group for each stack behind a listener', () => {
      expect(() =>
        cloud.addTraffic({
          through: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2',
          requestsPerSecond: 1,
          stacks: { blue: {}, green: {} },
        }),
      ).toThrow('expected stacks.blue.targetGroupArn, got none');
    });

    test('add up from fractions', async () => {
      weights = { blue: 97, green: 3 };
      const traffic = addTraffic({ requestsPerSecond: 0.1 });

      await cloud.clock.sleep(10_000_000);

      expect(traffic.requests.blue.served).toBe(970);
      expect(traffic.requests.green.served).toBe(30);
    });

    test('are served by no stack when no stack has a weight', async () => {
      weights = { blue: 0, green: 0 };
      const traffic = addTraffic();

      await cloud.clock.sleep(60_000);

      expect(traffic.requests.blue.served + traffic.requests.green.served).toBe(0);
    });

    test('end with stop, which reports the unfinished minute', async () => {
      const traffic = addTraffic();
      await cloud.clock.sleep(90_000);

      traffic.stop();
      await cloud.clock.sleep(600_000);

      expect(traffic.requests.green.served).toBe(180);
      expect(traffic.minutes.map(({ requests }) => requests.green.served)).toEqual([120, 60]);
    });
  });

  describe('with group stickiness', () => {
    const hours = 3_600_000;

    /** A rule with a cookie of two hours, on 60/40 until changed, and its traffic of 20 requests a second. */
    function stickyWorld(options: { sessionSeconds?: number } = {}) {
      const { elasticLoadBalancing } = cloud;
      const [blue, green] = ['blue', 'green'].map(
        (name) => elasticLoadBalancing.addTargetGroup({ name }).arn,
      );
      const action = (weights: readonly (number | undefined)[], Enabled = true): Action => ({
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [blue, green].flatMap((TargetGroupArn, index) =>
            weights[index] === undefined ? [] : [{ TargetGroupArn, Weight: weights[index] }],
          ),
          TargetGroupStickinessConfig: { Enabled, ...(Enabled && { DurationSeconds: 7200 }) },
        },
      });
      const { arn } = elasticLoadBalancing.addListener({
        loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'shop' }).arn,
        defaultActions: [action([60, 40])],
      });
      const traffic = cloud.addTraffic({
        through: arn,
        requestsPerSecond: 20,
        stacks: { blue: { targetGroupArn: blue ?? '' }, green: { targetGroupArn: green ?? '' } },
        ...options,
      });
      let counted = 0;
      return {
        change: (weights: readonly (number | undefined)[], isSticky = true) =>
          elasticLoadBalancing.changeActions(arn, () => [action(weights, isSticky)]),
        /** Returns the requests that green serves in this time. */
        greenServes: async (milliseconds: number) => {
          await cloud.clock.sleep(milliseconds);
          const { served } = traffic.requests.green;
          const more = served - counted;
          counted = served;
          return more;
        },
      };
    }

    test('keeps clients on their group after a change of the weights, until their cookie ends', async () => {
      // The clients never change, so that only the cookies count.
      const { change, greenServes } = stickyWorld({ sessionSeconds: Number.POSITIVE_INFINITY });
      expect(await greenServes(120_000)).toBe(960);

      change([100, 0]);

      expect(await greenServes(120_000)).toBe(960);
      await greenServes(2 * hours - 240_000);
      expect(await greenServes(120_000)).toBe(0);
    });

    test('moves clients from a group that leaves the action', async () => {
      const { change, greenServes } = stickyWorld();
      await greenServes(120_000);

      change([100, undefined]);

      expect(await greenServes(120_000)).toBe(0);
    });

    test('moves clients by the weights when stickiness is switched off', async () => {
      const { change, greenServes } = stickyWorld();
      await greenServes(120_000);

      change([100, 0], false);

      expect(await greenServes(120_000)).toBe(0);
    });

    test('sends new clients by the weights, so that the traffic follows slowly', async () => {
      const { change, greenServes } = stickyWorld({ sessionSeconds: 600 });
      await greenServes(120_000);

      change([100, 0]);
      const minutes: number[] = [];
      for (let minute = 0; minute < 12; minute += 1) minutes.push(await greenServes(60_000));

      expect(minutes[0]).toBeGreaterThan(400);
      expect([...minutes].sort((one, other) => other - one)).toEqual(minutes);
      expect(minutes.slice(-2)).toEqual([0, 0]);
    });

    test('sends no client without a cookie to a group without a weight', async () => {
      const { change, greenServes } = stickyWorld();
      change([100, 0]);

      expect(await greenServes(600_000)).toBe(0);
      change([0, 100]);
      expect(await greenServes(60_000)).toBeLessThan(100);
    });

    test('keeps the shares of unchanged weights', async () => {
      const { greenServes } = stickyWorld({ sessionSeconds: 300 });

      expect(await greenServes(6 * hours)).toBe(20 * 0.4 * 6 * 3600);
    });
  });

  describe('CloudWatch', () => {
    test('receives each minute one minute after its end', async () => {
      addTraffic({ green: { errorRate: 0.5 } });

      await cloud.clock.sleep(119_000);
      expect(await read('RequestCount', 'green')).toEqual([]);
      await cloud.clock.sleep(1000);
      expect(await read('RequestCount', 'green')).toEqual([{ minute: 0, value: 120 }]);
      await cloud.clock.sleep(59_000);
      expect(await read('RequestCount', 'green')).toEqual([{ minute: 0, value: 120 }]);

      await cloud.clock.sleep(1000);
      expect(await read('RequestCount', 'green')).toEqual([
        { minute: 0, value: 120 },
        { minute: 1, value: 120 },
      ]);
      expect(await read('HTTPCode_Target_5XX_Count', 'green')).toEqual([
        { minute: 0, value: 60 },
        { minute: 1, value: 60 },
      ]);
    });

    test.each([
      [0, 60],
      [60, 120],
      [240, 300],
    ])('receives a minute after metricDelaySeconds: %d', async (metricDelaySeconds, seconds) => {
      const traffic = addTraffic({ metricDelaySeconds });

      await cloud.clock.sleep(seconds * 1000 - 1);
      expect(await read('RequestCount', 'green')).toEqual([]);
      await cloud.clock.sleep(1);

      expect(await read('RequestCount', 'green')).toEqual([{ minute: 0, value: 120 }]);
      expect(traffic.minutes[0]).toMatchObject({ from: noon, reportedAt: noon + seconds * 1000 });
    });

    test('receives whole minutes when the traffic begins between two seconds', async () => {
      await cloud.clock.sleep(20_050);
      addTraffic();

      await cloud.clock.sleep(180_000);

      expect(await read('RequestCount', 'blue')).toEqual([
        { minute: 0, value: 40 * 18 },
        { minute: 1, value: 60 * 18 },
      ]);
    });

    test('receives requests of 0, but neither errors nor response times of 0', async () => {
      weights = { blue: 100, green: 0 };
      addTraffic();

      await cloud.clock.sleep(121_000);

      expect(await read('RequestCount', 'green')).toEqual([{ minute: 0, value: 0 }]);
      expect(await read('HTTPCode_Target_5XX_Count', 'blue')).toEqual([]);
      expect(await read('TargetResponseTime', 'green', 'Average')).toEqual([]);
    });

    test('receives the mean response time', async () => {
      addTraffic({
        blue: { latencySeconds: ({ at }) => (at <= noon + 30_000 ? 0.1 : 0.3) },
        green: { latencySeconds: 0.25 },
      });

      await cloud.clock.sleep(121_000);

      expect((await read('TargetResponseTime', 'blue', 'Average'))[0]?.value).toBeCloseTo(0.2);
      expect((await read('TargetResponseTime', 'green', 'Average'))[0]?.value).toBeCloseTo(0.25);
    });

    test('receives no data of a stack without a target group', async () => {
      const traffic = cloud.addTraffic({
        through: () => weights,
        requestsPerSecond: 20,
        stacks: { blue: {}, green: {} },
      });

      await cloud.clock.sleep(121_000);

      expect(traffic.requests.blue.served).toBe(121 * 18);
      expect(await read('RequestCount', 'blue')).toEqual([]);
    });
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'throws TypeError for %d requests per second',
    (requests) => {
      expect(() => addTraffic({ requestsPerSecond: requests })).toThrow('requestsPerSecond');
    },
  );

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'throws TypeError for %d seconds of delay',
    (metricDelaySeconds) => {
      expect(() => addTraffic({ metricDelaySeconds })).toThrow('metricDelaySeconds');
    },
  );

  test('throws TypeError for an error rate above 1', () => {
    expect(() => addTraffic({ green: { errorRate: 5 } })).toThrow(
      'stacks.green.errorRate: expected 0 to 1, got 5',
    );
  });

  test.each<[options: object, message: string]>([
    [{ requestPerSecond: 1 }, 'requestPerSecond: unknown option; did you mean requestsPerSecond?'],
    [{ through: 5 }, 'through: expected a string or a function, got 5'],
    [{ stacks: { blue: {}, green: { errorRat: 1 } } }, 'stacks.green.errorRat: unknown option'],
    [
      { stacks: { blue: {}, green: { errorRate: '1' } } },
      'errorRate: expected a number or a function, got "1"',
    ],
    [{ stacks: { blue: {}, green: { latencySeconds: -1 } } }, 'latencySeconds: expected 0 or more, got -1'],
    [{ stacks: { blue: {} } }, 'stacks.green: expected a value, got nothing'],
  ])('throws InvalidInputError for %j', (options, message) => {
    const valid = {
      through: () => ({ blue: 1, green: 1 }),
      requestsPerSecond: 1,
      stacks: { blue: {}, green: {} },
    };

    expect(() => new SimulatedCloud().addTraffic({ ...valid, ...options })).toThrowError(
      expect.objectContaining({ name: 'InvalidInputError', message: expect.stringContaining(message) }),
    );
  });

  const each = (result: unknown) => [
    { green: { errorRate: () => result as never } },
    { green: { latencySeconds: () => result as never } },
    { through: () => result as never },
    { through: () => ({ blue: 1, green: result as never }) },
  ];
  test.each([undefined, null, Number.NaN, -1, {}].flatMap(each))(
    'reports an uncaught InvalidInputError when a function of the test returns no number or no weights (%#)',
    async (options) => {
      const uncaught: unknown[] = [];
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', ({ message }) => uncaught.push(message));
      addTraffic(options);

      await cloud.clock.sleep(1_000);

      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
      expect(uncaught).toEqual([
        expect.stringMatching(/^Invalid traffic: result of \w+: (\w+: )?expected .+, got /),
      ]);
    },
  );
});
