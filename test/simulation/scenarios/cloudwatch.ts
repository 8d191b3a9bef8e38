import { expect } from 'vitest';
import { CloudWatchTools } from '../../../src/cloudwatch/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

function arrangeAlarms(cloud: SimulatedCloud, count: number) {
  for (const stack of ['blue', 'green']) {
    for (let index = 0; index < count; index += 1) {
      cloud.cloudWatch.addAlarm({ name: `orders-${stack}-${index}`, actionsEnabled: stack === 'blue' });
    }
    cloud.cloudWatch.addAlarm({
      name: `orders-${stack}-any`,
      type: 'CompositeAlarm',
      actionsEnabled: stack === 'blue',
    });
  }
  return new CloudWatchTools({
    blue: { alarmNamePrefix: 'orders-blue-' },
    green: { alarmNamePrefix: 'orders-green-' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
}

function expectAll(cloud: SimulatedCloud, count: number, enabled: { blue: boolean; green: boolean }) {
  for (const stack of ['blue', 'green'] as const) {
    const names = [...Array(count).keys(), 'any'].map((name) => `orders-${stack}-${name}`);
    expect(new Set(names.map((name) => cloud.cloudWatch.alarm(name).actionsEnabled))).toEqual(
      new Set([enabled[stack]]),
    );
  }
}

/** The clock of a scenario begins at a whole minute, at which a muting starts at once. */
function expectMuted(cloud: SimulatedCloud, count: number, muted: { blue: boolean; green: boolean }) {
  for (const stack of ['blue', 'green'] as const) {
    const names = [...Array(count).keys(), 'any'].map((name) => `orders-${stack}-${name}`);
    expect(new Set(names.map((name) => cloud.cloudWatch.isMuted(name)))).toEqual(new Set([muted[stack]]));
  }
}

function scenario(
  name: string,
  count: number,
  act: (tools: CloudWatchTools) => Promise<unknown>,
  enabled: { blue: boolean; green: boolean },
): MethodScenario {
  return {
    name,
    arrange(cloud) {
      const tools = arrangeAlarms(cloud, count);
      return { act: () => act(tools), verify: () => expectAll(cloud, count, enabled) };
    },
  };
}

export const cloudwatchScenarios: readonly MethodScenario[] = [
  scenario('CloudWatchTools.enableAlarmsActions', 3, (tools) => tools.enableAlarmsActions('green'), {
    blue: true,
    green: true,
  }),
  scenario('CloudWatchTools.disableAlarmsActions', 3, (tools) => tools.disableAlarmsActions('blue'), {
    blue: false,
    green: false,
  }),
  scenario(
    'CloudWatchTools.disableAlarmsActions (250 alarms)',
    250,
    (tools) => tools.disableAlarmsActions('blue'),
    { blue: false, green: false },
  ),
  {
    name: 'CloudWatchTools.listAlarms',
    arrange(cloud) {
      const tools = arrangeAlarms(cloud, 1);
      return {
        act: async () => [...(await tools.listAlarms('blue')), ...(await tools.listAlarms('green'))],
        verify: (alarms) =>
          expect(alarms).toEqual([
            { name: 'orders-blue-0', actionsEnabled: true },
            { name: 'orders-blue-any', actionsEnabled: true },
            { name: 'orders-green-0', actionsEnabled: false },
            { name: 'orders-green-any', actionsEnabled: false },
          ]),
      };
    },
  },
  ...[3, 250].map((count) => ({
    name: `CloudWatchTools.muteAlarms (${count} alarms)`,
    arrange(cloud: SimulatedCloud) {
      const tools = arrangeAlarms(cloud, count);
      return {
        act: () => tools.muteAlarms('green', { durationMinutes: 90 }),
        verify: () => expectMuted(cloud, count, { blue: false, green: true }),
      };
    },
  })),
  {
    name: 'CloudWatchTools.unmuteAlarms',
    arrange(cloud) {
      const tools = arrangeAlarms(cloud, 1);
      return {
        act: async () => {
          for (const stack of ['blue', 'green'] as const) await tools.muteAlarms(stack);
          return tools.unmuteAlarms('green');
        },
        verify: () => expectMuted(cloud, 1, { blue: true, green: false }),
      };
    },
  },
  {
    name: 'CloudWatchTools.listMutedAlarms',
    arrange(cloud) {
      const tools = arrangeAlarms(cloud, 1);
      return {
        act: async () => {
          await tools.muteAlarms('green');
          await cloud.clock.sleep(60_000);
          return [await tools.listMutedAlarms('blue'), await tools.listMutedAlarms('green')];
        },
        verify: (muted) => expect(muted).toEqual([[], ['orders-green-0', 'orders-green-any']]),
      };
    },
  },
  ...(['enable', 'disable'] as const).map((verb) => ({
    name: `CloudWatchTools.${verb}AlarmsActions (only one)`,
    arrange(cloud: SimulatedCloud) {
      const tools = arrangeAlarms(cloud, 1);
      const stack = verb === 'enable' ? 'green' : 'blue';
      const only = [`orders-${stack}-any`, `orders-${stack}-deleted`];
      return {
        act: () => tools[`${verb}AlarmsActions`](stack, { only }),
        verify: () => {
          const enabled = [`orders-${stack}-0`, `orders-${stack}-any`].map(
            (name) => cloud.cloudWatch.alarm(name).actionsEnabled,
          );
          expect(enabled).toEqual(verb === 'enable' ? [false, true] : [true, false]);
        },
      };
    },
  })),
];
