import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import { CloudWatchTools } from 'aws-blue-green-toolkit/cloudwatch';
import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
import { SqsTools } from 'aws-blue-green-toolkit/sqs';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { awsRates } from './aws-rates.js';
import { latencyMilliseconds } from './recorded-steps.js';
import { criticalPathSeconds, type ScaleMinimum, scaleMinimum } from './scale-minimum.js';

/** Number of resources of each kind in the green stack. */
export const scale = { alarms: 1_000, mappings: 200, rules: 50, queues: 20, readers: 15 } as const;

/** A kind of resource to switch, or all kinds concurrently. */
export type ScalePart = keyof typeof scale | 'everything';

/** Calls and virtual time of a part, compared with the minimum. */
export interface ScaleCost {
  readonly part: ScalePart;
  /** Successful calls, without the throttled ones. */
  readonly calls: number;
  readonly throttled: number;
  readonly wallSeconds: number;
  readonly minimum: ScaleMinimum;
  readonly criticalPathSeconds: number;
}

/** Enables hundreds of resources in `SimulatedCloud`, with the latency and the throttling of AWS. */
export async function measureScale(part: ScalePart): Promise<ScaleCost> {
  const cloud = new SimulatedCloud({ latencyMilliseconds, callRates: awsRates });
  const switchOn = addStacks(cloud);
  const startedAt = cloud.clock.now();
  await (part === 'everything' ? Promise.all(Object.values(switchOn).map((run) => run())) : switchOn[part]());
  const succeeded = cloud.calls.filter(({ outcome }) => outcome === 'ok').length;
  return {
    part,
    calls: succeeded,
    throttled: cloud.calls.length - succeeded,
    wallSeconds: (cloud.clock.now() - startedAt) / 1000,
    minimum: scaleMinimum[part],
    criticalPathSeconds: criticalPathSeconds(scaleMinimum[part]),
  };
}

/** Adds a live blue and an idle green stack. Returns the functions that enable green. */
function addStacks(cloud: SimulatedCloud): Record<keyof typeof scale, () => Promise<unknown>> {
  const { clients, clock } = cloud;
  const common = { clients, clock };
  for (const name of ['blue', 'green']) cloud.lambda.addFunction({ name });
  addGreen(cloud);
  const alarms = new CloudWatchTools({
    blue: { alarmNamePrefix: 'blue-' },
    green: { alarmNamePrefix: 'green-' },
    ...common,
  });
  const lambda = new LambdaTools({
    blue: { functionName: 'blue' },
    green: { functionName: 'green' },
    ...common,
  });
  const queues = Array.from(
    { length: scale.queues / 2 },
    (_, index) =>
      new SqsTools({
        blue: { queue: `blue-${index}` },
        green: { queue: `green-${index}`, deadLetterQueue: `green-${index}-dlq` },
        ...common,
      }),
  );
  const aurora = new AuroraTools({
    blue: { clusterIdentifier: 'blue' },
    green: { clusterIdentifier: 'green' },
    ...common,
  });
  return {
    alarms: () => alarms.enableAlarmsActions('green'),
    mappings: () => lambda.enableEventMapping('green'),
    rules: () => lambda.enableRule('green'),
    queues: () => Promise.all(queues.map((pair) => pair.purgeQueues('green'))),
    readers: () => aurora.scaleOut('green'),
  };
}

function addGreen({ cloudWatch, eventBridge, lambda, rds, sqs }: SimulatedCloud): void {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  const { arn } = lambda.function('green');
  for (const index of numbers(scale.alarms))
    cloudWatch.addAlarm({ name: `green-${index}`, actionsEnabled: false });
  for (const index of numbers(scale.queues / 2)) {
    sqs.addQueue({ name: `green-${index}` });
    sqs.addQueue({ name: `green-${index}-dlq` });
  }
  for (const index of numbers(scale.mappings)) {
    const { arn: eventSourceArn } = sqs.addQueue({ name: `source-${index}` });
    lambda.addMapping({ functionName: 'green', eventSourceArn, state: 'Disabled' });
  }
  for (const index of numbers(scale.rules))
    eventBridge.addRule({ name: `green-${index}`, targets: [arn], state: 'DISABLED' });
  rds.addCluster({ name: 'blue', readers: scale.readers });
  rds.addCluster({ name: 'green', readers: 1, autoscaling: { minCapacity: 1, maxCapacity: 15 } });
}
