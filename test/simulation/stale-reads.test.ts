import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CloudWatchTools } from '../../src/cloudwatch/index.js';
import { LambdaTools } from '../../src/lambda/index.js';
import { SnsTools } from '../../src/sns/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';

/** A resource of the green stack that is switched on and off, in one process. */
interface Switchable {
  readonly cloud: SimulatedCloud;
  /** The reads that may be stale. */
  readonly reads: readonly string[];
  /** Switches the resource, and waits until the switch is complete. */
  switchTo(on: boolean): Promise<unknown>;
  isOn(): boolean;
}

const createFunctions: Readonly<Record<string, (startsOn: boolean) => Switchable>> = {
  'an event source mapping': (startsOn) => {
    const cloud = new SimulatedCloud();
    const tools = createLambdaTools(cloud);
    const { arn } = cloud.sqs.addQueue({ name: 'orders' });
    const state = startsOn ? 'Enabled' : 'Disabled';
    const mapping = cloud.lambda.addMapping({ functionName: 'green', eventSourceArn: arn, state });
    return {
      cloud,
      reads: ['lambda:ListEventSourceMappings', 'lambda:GetEventSourceMapping'],
      switchTo: async (on) => {
        await (on ? tools.enableEventMapping('green') : tools.disableEventMapping('green'));
        await tools.waitForEventMappingState('green', on ? 'Enabled' : 'Disabled');
      },
      isOn: () => mapping.state === 'Enabled',
    };
  },
  'a rule': (startsOn) => {
    const cloud = new SimulatedCloud();
    const tools = createLambdaTools(cloud);
    const rule = cloud.eventBridge.addRule({
      name: 'nightly',
      state: startsOn ? 'ENABLED' : 'DISABLED',
      targets: [cloud.lambda.function('green').arn],
    });
    return {
      cloud,
      reads: ['events:ListRules', 'events:ListRuleNamesByTarget'],
      switchTo: (on) => (on ? tools.enableRule('green') : tools.disableRule('green')),
      isOn: () => rule.state === 'ENABLED',
    };
  },
  'the actions of an alarm': (startsOn) => {
    const cloud = new SimulatedCloud();
    const alarm = cloud.cloudWatch.addAlarm({ name: 'green-errors', actionsEnabled: startsOn });
    const tools = new CloudWatchTools({
      blue: { alarmNamePrefix: 'blue-' },
      green: { alarmNamePrefix: 'green-' },
      clients: cloud.clients,
      clock: cloud.clock,
    });
    return {
      cloud,
      reads: ['cloudwatch:DescribeAlarms'],
      switchTo: (on) => (on ? tools.enableAlarmsActions('green') : tools.disableAlarmsActions('green')),
      isOn: () => alarm.actionsEnabled,
    };
  },
  'a subscription': (startsOn) => {
    const cloud = new SimulatedCloud();
    cloud.sns.addTopic('orders');
    const subscribe = (queue: string) =>
      cloud.sns.subscribe({ topic: 'orders', queue: cloud.sqs.addQueue({ name: queue }).name });
    const [blue, green] = [subscribe('blue'), subscribe('green')];
    const marked = { 'aws-blue-green-toolkit-disabled': ['aws-blue-green-toolkit-disabled'] };
    if (!startsOn) green.filterPolicy = JSON.stringify(marked);
    const tools = new SnsTools({
      blue: { subscriptionArn: blue.arn },
      green: { subscriptionArn: green.arn },
      clients: cloud.clients,
      clock: cloud.clock,
    });
    return {
      cloud,
      reads: ['sns:GetSubscriptionAttributes'],
      switchTo: async (on) => {
        await (on ? tools.enableSubscription('green') : tools.disableSubscription('green'));
        expect(await tools.isSubscriptionEnabled('green')).toBe(on);
      },
      isOn: () => green.filterPolicy === undefined,
    };
  },
};

function createLambdaTools(cloud: SimulatedCloud) {
  for (const name of ['blue', 'green']) cloud.lambda.addFunction({ name });
  return new LambdaTools({
    blue: { functionName: 'blue' },
    green: { functionName: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
  });
}

const steps = fc.array(
  fc.record({
    on: fc.boolean(),
    /** Number of the first stale call in the step. */
    staleAt: fc.integer({ min: 1, max: 4 }),
    staleReads: fc.integer({ min: 0, max: 2 }),
    read: fc.nat(1),
    /** AWS's reads lag for 15 minutes at most. */
    pauseSeconds: fc.constantFrom(0, 1, 5, 30, 600),
  }),
  { minLength: 1, maxLength: 6 },
);

describe.each(Object.entries(createFunctions))('%s', (_, setUp) => {
  test('ends in the requested state when reads are stale', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), steps, async (startsOn, switches) => {
        const { cloud, reads, switchTo, isOn } = setUp(startsOn);
        for (const { on, staleAt, staleReads, read, pauseSeconds } of switches) {
          const action = reads[read % reads.length];
          if (staleReads > 0 && action !== undefined)
            cloud.injectFault({ kind: 'staleRead', action, atCall: staleAt, times: staleReads });

          await switchTo(on);

          expect(isOn()).toBe(on);
          cloud.clearFaults();
          await cloud.clock.sleep(pauseSeconds * 1000);
        }
      }),
      { numRuns: 100 },
    );
  });
});
