import { beforeEach, describe, expect, test } from 'vitest';
import { CloudWatchTools } from '../../../src/cloudwatch/index.js';
import { muteAlarms } from '../../../src/swap/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { stepContext } from '../../support/step-context.js';

let cloud: SimulatedCloud;
let tools: CloudWatchTools;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date('2026-01-01T00:00:30Z') });
  tools = new CloudWatchTools({
    blue: { alarmNamePrefix: 'app' },
    green: { alarmNamePrefix: 'app-green' },
    clients: cloud.clients,
    clock: cloud.clock,
  });
  cloud.cloudWatch.addAlarm({ name: 'app-errors' });
  cloud.cloudWatch.addAlarm({ name: 'app-green-errors' });
  cloud.cloudWatch.addAlarm({ name: 'app-green-any', type: 'CompositeAlarm' });
  cloud.cloudWatch.addAlarm({ name: 'app-green-logs', type: 'LogAlarm' });
});

const greens = ['app-green-errors', 'app-green-any', 'app-green-logs'];
const mutedNames = () => ['app-errors', ...greens].filter((name) => cloud.cloudWatch.isMuted(name));

describe('CloudWatchTools: muteAlarms', () => {
  test('mutes alarms of every type from the next whole minute on, and ends by itself', async () => {
    const muting = await tools.muteAlarms('green', { durationMinutes: 10 });

    expect(muting).toMatchObject({
      from: new Date('2026-01-01T00:01:00Z'),
      until: new Date('2026-01-01T00:11:00Z'),
      muteRules: [expect.stringMatching(/^app-green-mute-green-20260101T0001-[0-9a-f]{8}$/)],
    });
    expect(muting.alarms).toHaveLength(3);
    expect(mutedNames()).toEqual([]);
    await cloud.clock.sleep(30_000);
    expect(mutedNames()).toEqual(greens);
    await cloud.clock.sleep(599_000);
    expect(mutedNames()).toEqual(greens);
    await cloud.clock.sleep(1000);
    expect(mutedNames()).toEqual([]);
  });

  test('leaves no gap when it is repeated', async () => {
    await tools.muteAlarms('green', { durationMinutes: 10 });
    await cloud.clock.sleep(300_000);

    await tools.muteAlarms('green', { durationMinutes: 10 });

    for (let minute = 0; minute < 10; minute += 1) {
      expect(mutedNames()).toEqual(greens);
      await cloud.clock.sleep(60_000);
    }
  });

  test('does not shorten or end an earlier muting that began in the same minute', async () => {
    await tools.muteAlarms('green', { durationMinutes: 10 });
    await tools.muteAlarms('green', { durationMinutes: 2 });
    await tools.muteAlarms('green', { durationMinutes: 10, only: ['app-green-any'] });
    await cloud.clock.sleep(5 * 60_000);

    expect(mutedNames()).toEqual(greens);
    expect(await tools.listMutedAlarms('green')).toEqual([...greens].sort());
  });

  test('has one rule for each 100 alarms, also when it is repeated in the same minute', async () => {
    for (let index = 0; index < 248; index += 1)
      cloud.cloudWatch.addAlarm({ name: `app-green-${String(index).padStart(3, '0')}` });

    const first = await tools.muteAlarms('green');
    const second = await tools.muteAlarms('green');

    expect(new Set(first.muteRules).size).toBe(3);
    expect(second).toEqual(first);
    expect(await tools.unmuteAlarms('green')).toHaveLength(3);
  });

  test('mutes only the named alarms, and none without a match', async () => {
    const { alarms } = await tools.muteAlarms('green', { only: ['app-green-any', 'none'] });
    const none = await tools.muteAlarms('green', { only: ['none'] });

    expect(alarms).toEqual(['app-green-any']);
    expect(none).toMatchObject({ muteRules: [], alarms: [] });
  });

  test('throws ResourceNotFoundError when no alarm fits', async () => {
    const others = new CloudWatchTools({
      blue: { alarmNamePrefix: 'x-' },
      green: { alarmNamePrefix: 'y-' },
      clients: cloud.clients,
    });

    await expect(others.muteAlarms('green')).rejects.toMatchObject({ name: 'ResourceNotFoundError' });
    expect(await others.muteAlarms('green', { allowNone: true })).toMatchObject({ muteRules: [] });
  });

  test.each([0, 21_601, 1.5, Number.NaN])(
    'throws InvalidInputError for %d minutes',
    async (durationMinutes) => {
      await expect(tools.muteAlarms('green', { durationMinutes })).rejects.toMatchObject({
        name: 'InvalidInputError',
      });
    },
  );
});

describe('CloudWatchTools: unmuteAlarms', () => {
  test.each([
    ['team/orders', undefined, 'team-orders', undefined],
    ['team orders', undefined, 'team/orders', undefined],
    ['ab', 'c', 'a', 'bc'],
    ['abc', undefined, 'ab', 'c'],
    ['x'.repeat(190), undefined, `${'x'.repeat(189)}y`, undefined],
    ['日本', undefined, '中国', undefined],
  ])('keeps the rules of other alarms whose names are similar: %s…%s, %s…%s', async (...names) => {
    const createTools = (alarmNamePrefix: string, alarmNameSuffix: string | undefined) =>
      new CloudWatchTools({
        blue: { alarmNamePrefix: `blue-${alarmNamePrefix}`, alarmNameSuffix },
        green: { alarmNamePrefix, alarmNameSuffix },
        clients: cloud.clients,
        clock: cloud.clock,
      });
    const [prefix, suffix, otherPrefix, otherSuffix] = names;
    const [own, others] = [createTools(prefix, suffix), createTools(otherPrefix, otherSuffix)];
    const middle = '-orders-alarm-';
    const [one, other] = [`${prefix}${middle}${suffix ?? ''}`, `${otherPrefix}${middle}${otherSuffix ?? ''}`];
    cloud.cloudWatch.addAlarm({ name: one });
    cloud.cloudWatch.addAlarm({ name: other });
    await own.muteAlarms('green', { only: [one] });
    await others.muteAlarms('green', { only: [other] });
    await cloud.clock.sleep(60_000);
    expect([one, other].map((name) => cloud.cloudWatch.isMuted(name))).toEqual([true, true]);

    await own.unmuteAlarms('green');

    expect([one, other].map((name) => cloud.cloudWatch.isMuted(name))).toEqual([false, true]);
  });

  test('ends the muting of one stack, is repeatable, and keeps the rules of others', async () => {
    await tools.muteAlarms('blue');
    const { muteRules } = await tools.muteAlarms('green');
    await cloud.clock.sleep(60_000);

    const deleted = await tools.unmuteAlarms('green');

    expect(deleted).toEqual(muteRules);
    expect(mutedNames()).toEqual(['app-errors']);
    expect(await tools.unmuteAlarms('green')).toEqual([]);
    expect(await tools.listMutedAlarms('green')).toEqual([]);
    expect(await tools.listMutedAlarms('blue')).toEqual(['app-errors']);
  });
});

describe('CloudWatchTools: listMutedAlarms', () => {
  test('lists alarms of a rule that has not begun only when the option says so', async () => {
    await tools.muteAlarms('green');

    expect(await tools.listMutedAlarms('green')).toEqual([]);
    expect(await tools.listMutedAlarms('green', { includeScheduled: true })).toEqual([...greens].sort());
    await cloud.clock.sleep(3_630_000);
    expect(await tools.listMutedAlarms('green', { includeScheduled: true })).toEqual([]);
  });

  test('throws InvalidInputError for an unknown or malformed option', async () => {
    for (const options of [{ includeScheduled: 1 }, { includeSheduled: true }])
      await expect(tools.listMutedAlarms('green', options as never)).rejects.toMatchObject({
        name: 'InvalidInputError',
      });
  });
});

describe('muteAlarms as a step', () => {
  test('is not undone while a late call has left a rule that will begin', async () => {
    const step = muteAlarms(tools);
    const context = stepContext({}, cloud);
    const undo = async () => step.undo !== 'none' && (await step.undo(context, undefined));
    await step.run(context);
    await undo();
    expect(await step.isUndone?.(context, undefined)).toBe(true);

    await step.run(context);

    expect(await step.isUndone?.(context, undefined)).toBe(false);
    await undo();
    expect(await step.isUndone?.(context, undefined)).toBe(true);
    await cloud.clock.sleep(60_000);
    expect(mutedNames()).toEqual([]);
  });
});
