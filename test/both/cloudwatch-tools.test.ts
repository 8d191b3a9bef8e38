import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, test } from 'vitest';
import { CloudWatchTools } from '../../src/cloudwatch/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedAlarm } from './seed/cloudwatch.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

function createTools(options: { suffix?: string } = {}) {
  return new CloudWatchTools({
    blue: { alarmNamePrefix: 'orders-blue-', alarmNameSuffix: options.suffix },
    green: { alarmNamePrefix: 'orders-green-', alarmNameSuffix: options.suffix },
    clients: backend.clients,
    clock: backend.clock,
  });
}

/** The alarms whose actions are enabled. */
async function listEnabled(): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client: backend.clients.cloudWatch },
    {},
  ))
    names.push(...MetricAlarms.filter((it) => it.ActionsEnabled).map((it) => it.AlarmName));
  return names.sort();
}

describe('CloudWatchTools', () => {
  test('switches the alarms of one stack', async () => {
    for (const stack of ['blue', 'green']) {
      await seedAlarm(backend, `orders-${stack}-errors`, stack === 'blue');
      await seedAlarm(backend, `orders-${stack}-age`, true);
    }
    const tools = createTools();

    const enabled = await tools.enableAlarmsActions('green');
    const disabled = await tools.disableAlarmsActions('blue');

    expect(await listEnabled()).toEqual(['orders-green-age', 'orders-green-errors']);
    expect(enabled.changed).toEqual(['orders-green-errors']);
    expect(enabled.unchanged).toEqual(['orders-green-age']);
    expect([...disabled.changed].sort()).toEqual(['orders-blue-age', 'orders-blue-errors']);
  });

  test('lists the alarms of one stack, and switches some of them', async () => {
    for (const name of ['errors', 'age']) await seedAlarm(backend, `orders-blue-${name}`, true);
    await seedAlarm(backend, 'orders-green-errors', true);
    const tools = createTools();

    await tools.disableAlarmsActions('blue', { only: ['orders-blue-age', 'orders-blue-gone'] });
    const alarms = await tools.listAlarms('blue');

    expect(alarms.sort((one, other) => one.name.localeCompare(other.name))).toEqual([
      { name: 'orders-blue-age', actionsEnabled: false },
      { name: 'orders-blue-errors', actionsEnabled: true },
    ]);
  });

  test('switches more alarms than one call accepts, by their suffix', async () => {
    for (let index = 0; index < 130; index += 1) await seedAlarm(backend, `orders-blue-${index}-prod`, true);
    await seedAlarm(backend, 'orders-blue-0-test', true);

    const { changed } = await createTools({ suffix: '-prod' }).disableAlarmsActions('blue');

    expect(await listEnabled()).toEqual(['orders-blue-0-test']);
    expect(changed).toHaveLength(130);
  });
});
