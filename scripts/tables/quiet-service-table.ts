import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import {
  AlbListenerRuleTarget,
  albErrorRateRegression,
  canary,
  TrafficShifter,
} from 'aws-blue-green-toolkit/traffic';
import { alignedTable } from './markdown-table.js';

/** Error rate of the outgoing release. */
const usualErrorRate = 0.002;

const releases: readonly (readonly [string, number])[] = [
  ['good', usualErrorRate],
  ['one in five requests fails', 0.2],
  ['all requests fail', 1],
];

const shifts = [
  { name: '10 % for 15 minutes', percent: 10, holdSeconds: 900 },
  { name: '50 % for an hour', percent: 50, holdSeconds: 3600 },
  { name: '50 % for an hour, burst: 1', percent: 50, holdSeconds: 3600, burst: 1 },
] as const;

/** Shifts ten requests a minute. Returns the table of docs/guides/quiet-service.md. */
export async function quietServiceTable(): Promise<string> {
  const rows = [['shift', ...releases.map(([name]) => name)]];
  for (const shift of shifts) {
    const cells = [];
    for (const [, errorRate] of releases) cells.push(await resultOf(shift, errorRate));
    rows.push([shift.name, ...cells]);
  }
  return alignedTable(rows);
}

async function resultOf(
  { percent, holdSeconds, ...options }: (typeof shifts)[number],
  errorRate: number,
): Promise<string> {
  const { cloud, rule, loadBalancerArn, targetGroupArn, traffic } = makeQuietService(errorRate);
  const { clients, clock } = cloud;
  const begunAt = clock.now();
  const shifter = new TrafficShifter({
    target: new AlbListenerRuleTarget({
      ruleArns: [rule],
      blue: { targetGroupArn: targetGroupArn.blue },
      green: { targetGroupArn: targetGroupArn.green },
      clients,
      clock,
    }),
    checks: [
      albErrorRateRegression({
        loadBalancerArn,
        targetGroupArn,
        clients,
        ...('burst' in options && { burst: options.burst }),
      }),
    ],
    clock,
  });
  const { outcome } = await shifter.shiftTo('green', canary({ percent, holdSeconds }));
  const minutes = Math.round((clock.now() - begunAt) / 60_000);
  const words = outcome === 'succeeded' ? 'succeeds' : 'rolled back';
  return `${words} after ${minutes} min, ${traffic.requests.green.failed} failed`;
}

function makeQuietService(errorRate: number) {
  const cloud = new SimulatedCloud();
  const { elasticLoadBalancing } = cloud;
  const { arn: loadBalancerArn } = elasticLoadBalancing.addLoadBalancer({ name: 'reports' });
  const addGroup = (name: string) => elasticLoadBalancing.addTargetGroup({ name, targets: ['10.0.0.1'] }).arn;
  const targetGroupArn = { blue: addGroup('blue'), green: addGroup('green') };
  const TargetGroups = [
    { TargetGroupArn: targetGroupArn.blue, Weight: 100 },
    { TargetGroupArn: targetGroupArn.green, Weight: 0 },
  ];
  const listener = elasticLoadBalancing.addListener({
    loadBalancerArn,
    defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const { arn: rule } = elasticLoadBalancing.addRule({
    listenerArn: listener.arn,
    priority: 1,
    conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
    actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
  });
  const stack = (group: string, rate: number) => ({
    targetGroupArn: group,
    errorRate: rate,
    latencySeconds: 0.1,
  });
  const traffic = cloud.addTraffic({
    through: rule,
    requestsPerSecond: 10 / 60,
    stacks: {
      blue: stack(targetGroupArn.blue, usualErrorRate),
      green: stack(targetGroupArn.green, errorRate),
    },
  });
  return { cloud, rule, loadBalancerArn, targetGroupArn, traffic };
}
