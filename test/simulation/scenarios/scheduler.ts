import { expect } from 'vitest';
import { SchedulerTools } from '../../../src/scheduler/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

function arrangeSchedules(cloud: SimulatedCloud, count: number) {
  for (const stack of ['blue', 'green']) {
    for (let index = 0; index < count; index += 1) {
      cloud.scheduler.addSchedule({
        Name: `nightly-${index}`,
        GroupName: `orders-${stack}`,
        Description: 'Sends the report',
        State: stack === 'blue' ? 'ENABLED' : 'DISABLED',
      });
    }
  }
  return new SchedulerTools({
    blue: { groupName: 'orders-blue' },
    green: { groupName: 'orders-green' },
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
}

function expectAll(cloud: SimulatedCloud, count: number, states: { blue: string; green: string }) {
  for (const stack of ['blue', 'green'] as const) {
    for (let index = 0; index < count; index += 1)
      expect(cloud.scheduler.schedule(`nightly-${index}`, `orders-${stack}`)).toMatchObject({
        State: states[stack],
        Description: 'Sends the report',
      });
  }
}

export const schedulerScenarios: readonly MethodScenario[] = [
  {
    name: 'SchedulerTools.enableSchedules',
    arrange(cloud) {
      const tools = arrangeSchedules(cloud, 2);
      return {
        act: () => tools.enableSchedules('green'),
        verify: () => expectAll(cloud, 2, { blue: 'ENABLED', green: 'ENABLED' }),
      };
    },
  },
  {
    name: 'SchedulerTools.disableSchedules',
    arrange(cloud) {
      const tools = arrangeSchedules(cloud, 2);
      return {
        act: () => tools.disableSchedules('blue'),
        verify: () => expectAll(cloud, 2, { blue: 'DISABLED', green: 'DISABLED' }),
      };
    },
  },
  {
    name: 'SchedulerTools.listSchedules',
    arrange(cloud) {
      const tools = arrangeSchedules(cloud, 1);
      return {
        act: async () => [...(await tools.listSchedules('blue')), ...(await tools.listSchedules('green'))],
        verify: (schedules) =>
          expect(schedules).toEqual([
            { name: 'nightly-0', isEnabled: true },
            { name: 'nightly-0', isEnabled: false },
          ]),
      };
    },
  },
];
