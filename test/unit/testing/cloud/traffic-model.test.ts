import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
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
  blue = {},
  green = {},
}: {
  requestsPerSecond?: number;
  blue?: SimulatedStackBehavior;
  green?: SimulatedStackBehavior;
} = {}) {
  return cloud.addTraffic({
    through: () => weights,
    requestsPerSecond,
    loadBalancerArn,
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
    test('are split by the weights in force', async () => {
      const traffic = addTraffic();

      await cloud.clock.sleep(60_000);

      expect(traffic.requests).toEqual({
        blue: { served: 1080, failed: 0 },
        green: { served: 120, failed: 0 },
      });
    });

    test('follow the weights when these change', async () => {
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

    test('may fail by the time and by the share', async () => {
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

    test('may fail by what the stack has answered before', async () => {
      const traffic = addTraffic({ green: { errorRate: ({ answered }) => (answered >= 20 ? 1 : 0) } });

      await cloud.clock.sleep(15_000);

      expect(traffic.requests.green).toEqual({ served: 30, failed: 10 });
    });

    test('go through a listener rule, as soon as its weights are in force', async () => {
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

    test('cannot go through a listener to a stack without a target group', () => {
      expect(() =>
        cloud.addTraffic({
          through: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2',
          requestsPerSecond: 1,
          stacks: { blue: {}, green: {} },
        }),
      ).toThrow('The stack blue needs a targetGroupArn');
    });

    test('add up from fractions', async () => {
      weights = { blue: 97, green: 3 };
      const traffic = addTraffic({ requestsPerSecond: 0.1 });

      await cloud.clock.sleep(10_000_000);

      expect(traffic.requests.blue.served).toBe(970);
      expect(traffic.requests.green.served).toBe(30);
    });

    test('reach nobody when nobody has a weight', async () => {
      weights = { blue: 0, green: 0 };
      const traffic = addTraffic();

      await cloud.clock.sleep(60_000);

      expect(traffic.requests.blue.served + traffic.requests.green.served).toBe(0);
    });

    test('end with stop, and the begun minute is reported', async () => {
      const traffic = addTraffic();
      await cloud.clock.sleep(90_000);

      traffic.stop();
      await cloud.clock.sleep(600_000);

      expect(traffic.requests.green.served).toBe(180);
      expect(traffic.minutes.map(({ requests }) => requests.green.served)).toEqual([120, 60]);
    });
  });

  describe('CloudWatch', () => {
    test('hears of each minute when it is over', async () => {
      addTraffic({ green: { errorRate: 0.5 } });

      await cloud.clock.sleep(119_000);
      expect(await read('RequestCount', 'green')).toEqual([{ minute: 0, value: 120 }]);

      await cloud.clock.sleep(2000);
      expect(await read('RequestCount', 'green')).toEqual([
        { minute: 0, value: 120 },
        { minute: 1, value: 120 },
      ]);
      expect(await read('HTTPCode_Target_5XX_Count', 'green')).toEqual([
        { minute: 0, value: 60 },
        { minute: 1, value: 60 },
      ]);
    });

    test('gets the minutes right when the traffic begins between two seconds', async () => {
      await cloud.clock.sleep(20_050);
      addTraffic();

      await cloud.clock.sleep(120_000);

      expect(await read('RequestCount', 'blue')).toEqual([
        { minute: 0, value: 40 * 18 },
        { minute: 1, value: 60 * 18 },
      ]);
    });

    test('gets requests of 0, but neither errors nor response times of 0', async () => {
      weights = { blue: 100, green: 0 };
      addTraffic();

      await cloud.clock.sleep(61_000);

      expect(await read('RequestCount', 'green')).toEqual([{ minute: 0, value: 0 }]);
      expect(await read('HTTPCode_Target_5XX_Count', 'blue')).toEqual([]);
      expect(await read('TargetResponseTime', 'green', 'Average')).toEqual([]);
    });

    test('gets the mean response time', async () => {
      addTraffic({
        blue: { latencySeconds: ({ at }) => (at <= noon + 30_000 ? 0.1 : 0.3) },
        green: { latencySeconds: 0.25 },
      });

      await cloud.clock.sleep(61_000);

      expect((await read('TargetResponseTime', 'blue', 'Average'))[0]?.value).toBeCloseTo(0.2);
      expect((await read('TargetResponseTime', 'green', 'Average'))[0]?.value).toBeCloseTo(0.25);
    });

    test('hears nothing of a stack without a target group', async () => {
      const traffic = cloud.addTraffic({
        through: () => weights,
        requestsPerSecond: 20,
        stacks: { blue: {}, green: {} },
      });

      await cloud.clock.sleep(61_000);

      expect(traffic.requests.blue.served).toBe(61 * 18);
      expect(await read('RequestCount', 'blue')).toEqual([]);
    });
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d requests per second', (requests) => {
    expect(() => addTraffic({ requestsPerSecond: requests })).toThrow('requestsPerSecond');
  });

  test('refuses an error rate above 1', () => {
    expect(() => addTraffic({ green: { errorRate: 5 } })).toThrow('errorRate of green');
  });
});
