import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  GetScheduleCommand,
  type ScheduleState,
} from '@aws-sdk/client-scheduler';
import { beforeEach, describe, expect, test } from 'vitest';
import { SchedulerTools } from '../../src/scheduler/index.js';
import { type Backend, openBackend } from '../support/backend.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

const settings = {
  ScheduleExpression: 'cron(0 3 * * ? *)',
  ScheduleExpressionTimezone: 'Europe/Berlin',
  Description: 'Sends the report',
  FlexibleTimeWindow: { Mode: 'FLEXIBLE' as const, MaximumWindowInMinutes: 15 },
  Target: {
    Arn: 'arn:aws:lambda:eu-west-1:123456789012:function:report',
    RoleArn: 'arn:aws:iam::123456789012:role/schedule',
    Input: '{"kind":"report"}',
    RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 600 },
  },
};

async function seedSchedules(group: string, count: number, state: ScheduleState): Promise<void> {
  const { cloud, clients } = backend;
  if (cloud === undefined) await clients.scheduler.send(new CreateScheduleGroupCommand({ Name: group }));
  for (let number = 1; number <= count; number += 1) {
    const schedule = { ...settings, Name: `nightly-${number}`, GroupName: group, State: state };
    if (cloud !== undefined) cloud.scheduler.addSchedule(schedule);
    else await clients.scheduler.send(new CreateScheduleCommand(schedule));
  }
}

const read = (group: string, name: string) =>
  backend.clients.scheduler.send(new GetScheduleCommand({ Name: name, GroupName: group }));

function createTools(prefix?: string): SchedulerTools {
  return new SchedulerTools({
    blue: { groupName: 'orders-blue', namePrefix: prefix },
    green: { groupName: 'orders-green', namePrefix: prefix },
    clients: backend.clients,
    clock: backend.clock,
  });
}

describe('SchedulerTools', () => {
  test('switches the schedules of one stack, and keeps everything else of them', async () => {
    await seedSchedules('orders-blue', 2, 'ENABLED');
    await seedSchedules('orders-green', 1, 'DISABLED');
    const tools = createTools();
    const { ...before } = await read('orders-blue', 'nightly-1');

    const disabled = await tools.disableSchedules('blue');
    const enabled = await tools.enableSchedules('green');

    expect([...disabled.changed].sort()).toEqual(['nightly-1', 'nightly-2']);
    expect(disabled.changedMeanwhile).toEqual([]);
    expect(enabled.changed).toEqual(['nightly-1']);
    const listed = await tools.listSchedules('blue');
    expect(listed.map(({ name }) => name).sort()).toEqual(['nightly-1', 'nightly-2']);
    expect(listed.every(({ isEnabled }) => !isEnabled)).toBe(true);
    const { ...after } = await read('orders-blue', 'nightly-1');
    const unimportant = { $metadata: undefined, LastModificationDate: undefined };
    expect({ ...after, ...unimportant }).toEqual({ ...before, ...unimportant, State: 'DISABLED' });
  });

  test('selects by the prefix, and is repeatable', async () => {
    await seedSchedules('orders-blue', 11, 'ENABLED');
    const tools = createTools('nightly-1');

    expect((await tools.disableSchedules('blue')).changed).toHaveLength(3);
    expect(await tools.disableSchedules('blue')).toMatchObject({ changed: [], changedMeanwhile: [] });
    expect((await read('orders-blue', 'nightly-2')).State).toBe('ENABLED');
  });
});
