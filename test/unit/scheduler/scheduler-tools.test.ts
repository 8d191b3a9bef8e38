import { ConflictException } from '@aws-sdk/client-scheduler';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { SchedulerTools, type SchedulerToolsOptions } from '../../../src/scheduler/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const createTools = (options: Partial<SchedulerToolsOptions> = {}) =>
  new SchedulerTools({
    blue: { namePrefix: 'orders-blue-' },
    green: { namePrefix: 'orders-green-' },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as SchedulerToolsOptions);

const conflict = () =>
  new ConflictException({ message: 'in use', Message: 'in use', $metadata: { httpStatusCode: 409 } });

/** Runs work at each call of an action, before AWS responds to it. */
function atCall(action: string, number: number, work: () => void): void {
  const { scheduler } = cloud;
  const operation = action as keyof typeof scheduler.operations;
  const original: (input: never) => unknown = scheduler.operations[operation];
  let calls = 0;
  Object.assign(scheduler.operations, {
    [operation]: (input: never) => {
      calls += 1;
      if (calls === number) work();
      return original(input);
    },
  });
}

describe('SchedulerTools: disableSchedules', () => {
  test('sends everything but the state back untouched', async () => {
    cloud.scheduler.addSchedule({
      Name: 'orders-blue-report',
      Description: 'report',
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      StartDate: new Date('2025-01-01T00:00:00Z'),
      EndDate: new Date('2027-01-01T00:00:00Z'),
      KmsKeyArn: 'arn:aws:kms:eu-west-1:1:key/1',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: 'arn:aws:ecs:eu-west-1:1:cluster/shop',
        RoleArn: 'arn:aws:iam::1:role/schedule',
        Input: '{"a":1}',
        RetryPolicy: { MaximumRetryAttempts: 2 },
        DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-west-1:1:dlq' },
        EcsParameters: { TaskDefinitionArn: 'arn:aws:ecs:eu-west-1:1:task-definition/report', TaskCount: 2 },
      },
    });
    const before = cloud.scheduler.schedule('orders-blue-report');
    await cloud.clock.sleep(60_000);

    const report = await createTools().disableSchedules('blue');

    const after = cloud.scheduler.schedule('orders-blue-report');
    expect(report).toEqual({ changed: ['orders-blue-report'], unchanged: [], changedMeanwhile: [] });
    expect(after).toEqual({
      ...before,
      State: 'DISABLED',
      LastModificationDate: new Date('2026-01-01T00:01:00Z'),
    });
  });

  test('leaves out a start in the past when AWS refuses to set it again, and warns', async () => {
    const startDate = new Date('2025-01-01T00:00:00Z');
    cloud.scheduler.addSchedule({ Name: 'orders-blue-report', StartDate: startDate, Description: 'report' });
    cloud.scheduler.refusesPastStart = true;
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

    const report = await createTools({ logger }).disableSchedules('blue');

    expect(report).toEqual({ changed: ['orders-blue-report'], unchanged: [], changedMeanwhile: [] });
    const after = cloud.scheduler.schedule('orders-blue-report');
    expect(after).toMatchObject({ State: 'DISABLED', Description: 'report' });
    expect(after.StartDate).toBeUndefined();
    expect(logger.warn.mock.calls).toEqual([
      [
        'Removed past start of schedule',
        { resource: 'default/orders-blue-report', startDate: '2025-01-01T00:00:00.000Z' },
      ],
    ]);
  });

  test.each<[string, Partial<Error>, Date | undefined]>([
    ['for another reason', { message: 'Invalid ScheduleExpression' }, new Date('2025-01-01T00:00:00Z')],
    ['with a start in the future', { message: 'Invalid StartDate' }, new Date('2027-01-01T00:00:00Z')],
    ['without a start', { message: 'Invalid StartDate' }, undefined],
  ])('throws the refusal of AWS %s, and changes nothing', async (_, { message }, StartDate) => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1', ...(StartDate && { StartDate }) });
    const refusal = Object.assign(new Error(message), {
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
    cloud.injectFault({ kind: refusal, action: 'scheduler:UpdateSchedule', times: Number.POSITIVE_INFINITY });

    await expect(createTools().disableSchedules('blue')).rejects.toBe(refusal);
    expect(cloud.scheduler.schedule('orders-blue-1')).toMatchObject({ State: 'ENABLED' });
  });

  test('is repeatable, and keeps the schedules of the partner and of other groups', async () => {
    for (const stack of ['blue', 'green']) cloud.scheduler.addSchedule({ Name: `orders-${stack}-1` });
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1', GroupName: 'other' });
    const tools = createTools();

    await tools.disableSchedules('blue');

    expect(await tools.disableSchedules('blue')).toMatchObject({ changed: [], unchanged: ['orders-blue-1'] });
    expect(cloud.scheduler.schedule('orders-green-1').State).toBe('ENABLED');
    expect(cloud.scheduler.schedule('orders-blue-1', 'other').State).toBe('ENABLED');
  });

  test('switches hundreds of schedules over several pages', async () => {
    for (let index = 0; index < 250; index += 1)
      cloud.scheduler.addSchedule({ Name: `orders-blue-${index}` });

    expect((await createTools().disableSchedules('blue')).changed).toHaveLength(250);
  });

  test('leaves a schedule with the longer prefix of the partner unchanged', async () => {
    for (const name of ['orders-1', 'orders-green-1']) cloud.scheduler.addSchedule({ Name: name });
    const tools = createTools({ blue: { namePrefix: 'orders' }, green: { namePrefix: 'orders-green' } });

    expect((await tools.disableSchedules('blue')).changed).toEqual(['orders-1']);
  });

  test('repeats a conflict on a new read, so that the other change stays', async () => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1' });
    cloud.injectFault({ kind: conflict(), action: 'scheduler:UpdateSchedule', times: 2 });
    cloud.clock.schedule(1, () => cloud.scheduler.changeSchedule('orders-blue-1', { Description: 'new' }));

    const report = await createTools().disableSchedules('blue');

    expect(report).toMatchObject({ changed: ['orders-blue-1'], changedMeanwhile: [] });
    expect(cloud.scheduler.schedule('orders-blue-1')).toMatchObject({
      State: 'DISABLED',
      Description: 'new',
    });
  });

  test('throws WaitTimeoutError when the conflict does not end', async () => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1' });
    cloud.injectFault({ kind: conflict(), action: 'scheduler:UpdateSchedule', times: 100 });

    await expect(createTools().disableSchedules('blue', { maxWaitSeconds: 10 })).rejects.toMatchObject({
      name: 'WaitTimeoutError',
      resource: 'default/orders-blue-1',
    });
  });

  test.each([
    ['setting', { Description: 'new' }],
    ['state', { State: 'ENABLED' as const }],
  ])('reports a %s that another program changes during the switch', async (_what, changes) => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1' });
    await cloud.clock.sleep(60_000);
    atCall('GetSchedule', 2, () => cloud.scheduler.changeSchedule('orders-blue-1', changes));

    const report = await createTools().disableSchedules('blue');

    expect(report).toEqual({ changed: [], unchanged: [], changedMeanwhile: ['orders-blue-1'] });
    expect(cloud.scheduler.schedule('orders-blue-1')).toMatchObject(changes);
  });

  test('reports a schedule that is gone after the write', async () => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1' });
    atCall('GetSchedule', 2, () => cloud.scheduler.removeSchedule('orders-blue-1'));

    expect((await createTools().disableSchedules('blue')).changedMeanwhile).toEqual(['orders-blue-1']);
  });

  test.each([
    ['GetSchedule', 1],
    ['UpdateSchedule', 1],
  ])('skips a schedule that is deleted before %s', async (operation, call) => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1' });
    atCall(operation, call, () => cloud.scheduler.removeSchedule('orders-blue-1'));

    expect(await createTools().disableSchedules('blue')).toEqual({
      changed: [],
      unchanged: [],
      changedMeanwhile: [],
    });
  });

  test('ignores a stale read after the write', async () => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1' });
    cloud.injectFault({ kind: 'staleRead', action: 'scheduler:GetSchedule', atCall: 2 });

    expect((await createTools().disableSchedules('blue')).changed).toEqual(['orders-blue-1']);
  });

  test('throws ResourceNotFoundError without a match, unless allowNone is true', async () => {
    const tools = createTools();

    await expect(tools.disableSchedules('blue')).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      resource: 'schedules default/orders-blue-*',
    });
    expect(await tools.disableSchedules('blue', { allowNone: true })).toMatchObject({ changed: [] });
  });

  test('throws ResourceNotFoundError for a group that does not exist', async () => {
    const tools = createTools({ blue: { groupName: 'blue' } });

    await expect(tools.disableSchedules('blue', { allowNone: true })).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      resource: 'blue',
    });
  });

  test('throws AccessDeniedError for the role that it may not pass', async () => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1' });
    const denied = Object.assign(
      new Error('User: x is not authorized to perform: iam:PassRole on resource: r'),
      {
        name: 'AccessDeniedException',
      },
    );
    cloud.injectFault({ kind: denied, action: 'scheduler:UpdateSchedule' });

    await expect(createTools().disableSchedules('blue')).rejects.toMatchObject({ action: 'iam:PassRole' });
  });
});

describe('SchedulerTools: enableSchedules', () => {
  test('enables right after disabling, although the list is stale', async () => {
    cloud.scheduler.addSchedule({ Name: 'orders-blue-1' });
    const tools = createTools();
    await tools.disableSchedules('blue');
    cloud.injectFault({ kind: 'staleRead', action: 'scheduler:ListSchedules' });

    await tools.enableSchedules('blue');

    expect(cloud.scheduler.schedule('orders-blue-1').State).toBe('ENABLED');
  });

  test('switches only the named schedules', async () => {
    for (const number of [1, 2])
      cloud.scheduler.addSchedule({ Name: `orders-blue-${number}`, State: 'DISABLED' });

    const { changed } = await createTools().enableSchedules('blue', { only: ['orders-blue-2', 'none'] });

    expect(changed).toEqual(['orders-blue-2']);
    expect(cloud.scheduler.schedule('orders-blue-1').State).toBe('DISABLED');
  });
});

describe('SchedulerTools: constructor', () => {
  test.each<[string, object]>([
    ['blue.namePrefix', { blue: {} }],
    ['blue.namePrefix', { blue: { namePrefix: '' } }],
    ['blue.namePrefix', { blue: { namePrefix: 'a/b' } }],
    ['blue.groupName', { blue: { groupName: 'a'.repeat(65) } }],
    ['green.namePrefix', { blue: { groupName: 'a' }, green: { groupName: 'a' } }],
    ['group', { blue: { namePrefix: 'a' }, group: 'a' }],
    ['blue.prefix', { blue: { prefix: 'a' } }],
  ])('throws InvalidInputError that names %s', (field, options) => {
    expect(() => createTools(options)).toThrow(
      expect.objectContaining({
        name: 'InvalidInputError',
        problems: expect.arrayContaining([expect.objectContaining({ field })]),
      }),
    );
  });

  test.each(['enableSchedules', 'disableSchedules', 'listSchedules'] as const)(
    'throws InvalidInputError for an unknown option of %s',
    async (method) => {
      const tools = createTools();

      await expect(tools[method]('blue', { allowNon: true } as never)).rejects.toThrow(/allowNone/);
      await expect(tools[method]('red' as never)).rejects.toMatchObject({ name: 'InvalidInputError' });
    },
  );
});
