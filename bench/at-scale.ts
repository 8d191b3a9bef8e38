import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import { CloudWatchTools } from 'aws-blue-green-toolkit/cloudwatch';
import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
import { SqsTools } from 'aws-blue-green-toolkit/sqs';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { awsRates } from './aws-rates.js';
import { latencyMilliseconds } from './recorded-steps.js';
import { criticalPathSeconds, type ScaleMinimum, scaleMinimum } from './scale-minimum.js';

/** How many resources of each kind the green stack has. */
export const scale = { alarms: 1_000, mappings: 200, rules: 50, queues: 20, readers: 15 } as const;

/** A part of what is switched, or all of it side by side. */
export type ScalePart = keyof typeof scale | 'everything';

/** How long a part took in virtual time, and the least that it could have taken. */
export interface ScaleCost {
  readonly part: ScalePart;
  /** Answered calls, without those that were throttled. */
  readonly calls: number;
  readonly throttled: number;
  readonly wallSeconds: number;
  readonly minimum: ScaleMinimum;
  readonly criticalPathSeconds: number;
}

/** Switches hundreds of resources on in `SimulatedCloud`, which takes its time and throttles as AWS does. */
export async function measureScale(part: ScalePart): Promise<ScaleCost> {
  const cloud = new SimulatedCloud({ latencyMilliseconds, callRates: awsRates });
  const switchOn = setTheScene(cloud);
  const startedAt = cloud.clock.now();
  await (part === 'everything' ? Promise.all(Object.values(switchOn).map((run) => run())) : switchOn[part]());
  const answered = cloud.calls.filter(({ outcome }) => outcome === 'ok').length;
  return {
    part,
    calls: answered,
    throttled: cloud.calls.length - answered,
    wallSeconds: (cloud.clock.now() - startedAt) / 1000,
    minimum: scaleMinimum[part],
    criticalPathSeconds: criticalPathSeconds(scaleMinimum[part]),
  };
}

/** Blue serves, green is at rest; what comes back switches green on. */
function setTheScene(cloud: SimulatedCloud): Record<keyof typeof scale, () => Promise<unknown>> {
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
