import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import * as gates from '../../../src/gates/index.js';
import { gatePermissions } from '../../../src/gates/permissions.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import type { Check, CheckContext } from '../../../src/traffic/index.js';
import { checkContext } from '../../support/check-context.js';
import { databaseOf, gateScenarios } from '../../support/gate-scenarios.js';
import { root } from '../../support/guide-programs.js';

const { functionReady, httpHealthy, queueDrained, replicaLag, rowParity, streamCaughtUp } = gates;
const guide = readFileSync(join(root, 'docs/guides/gates.md'), 'utf8');
const names = Object.values(gates).flatMap((it) => (typeof it === 'function' ? it.name : []));
const [, failures = ''] = /## If it fails([\s\S]*)/.exec(guide) ?? [];

/** Messages of the table, with `…` in the place of each inserted value. The first row is of the swap, not of a gate. */
const messages = failures
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) =>
    [...(line.split('|')[1]?.matchAll(/`([^`]+)`/g) ?? [])].flatMap(([, text]) => text ?? []),
  )
  .filter((text) => !text.includes('was not done after'));

async function messageOf(gate: Check, context: CheckContext): Promise<string> {
  return gate.evaluate(context).then(
    ({ detail }) => detail,
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );
}

/** Gates in the situations that no scenario has. */
const furtherSituations: readonly ((cloud: SimulatedCloud) => Check)[] = [
  ({ clients }) => queueDrained({ queue: 'orders', clients }),
  ({ clients }) => replicaLag({ clusterIdentifier: 'orders', maxLagSeconds: 1, clients }),
  ({ clients, rds }) => {
    rds.addCluster({ name: 'orders', readers: 0 });
    return replicaLag({ clusterIdentifier: 'orders', maxLagSeconds: 1, clients });
  },
  ({ clients, rds, cloudWatch, clock }) => {
    rds.addCluster({ name: 'orders' });
    const dimensions = { DBInstanceIdentifier: 'orders-writer' };
    const metric = { namespace: 'AWS/RDS', metricName: 'AuroraBinlogReplicaLag', dimensions };
    cloudWatch.addDataPoint({ ...metric, at: new Date(clock.now() - 60_000), value: -1 });
    return replicaLag({ clusterIdentifier: 'orders', source: 'binlog', maxLagSeconds: 1, clients });
  },
  ({ clients, lambda }) => {
    lambda.addFunction({ name: 'reader' });
    return streamCaughtUp({ functionName: 'reader', maxAgeSeconds: 1, clients });
  },
  ...(['Disabled', 'Enabled'] as const).map((state) => (cloud: SimulatedCloud) => {
    cloud.lambda.addFunction({ name: 'reader' });
    const eventSourceArn = cloud.kinesis.addStream({ name: 'orders' }).arn;
    const parameters = { LastProcessingResult: 'No records processed' };
    cloud.lambda.addMapping({ functionName: 'reader', eventSourceArn, state, parameters });
    return streamCaughtUp({ functionName: 'reader', maxAgeSeconds: 1, clients: cloud.clients });
  }),
  ...[[[1]], [[1], [2]]].map((rows, index) => (cloud: SimulatedCloud) => {
    const httpEndpointEnabled = index === 1;
    const blue = databaseOf(cloud, { name: 'blue', execute: () => [[1]] });
    const green = databaseOf(cloud, { name: 'green', httpEndpointEnabled, execute: () => rows });
    return rowParity({ databases: { blue, green }, sql: 'SELECT id FROM orders', clients: cloud.clients });
  }),
  ({ clients, ssm, clock }) => {
    const start = new Date(clock.now() + 60_000);
    ssm.addCalendar({ name: 'holidays', events: [{ start, end: new Date(clock.now() + 120_000) }] });
    return gates.changeCalendarOpen({ calendars: ['holidays'], openForSeconds: 3600, clients });
  },
  ({ clients, lambda }) => {
    lambda.addFunction({ name: 'web' }).states.set('$LATEST', 'Inactive');
    return functionReady({ functionName: 'web', clients });
  },
  ({ clients, lambda }) => {
    lambda.addFunction({ name: 'web', versions: ['1'] });
    return functionReady({
      functionName: 'web',
      qualifier: '1',
      provisionedConcurrency: 'required',
      clients,
    });
  },
  () => httpHealthy({ url: 'https://example.com', fetch: async () => new Response('', { status: 503 }) }),
  () => httpHealthy({ url: 'https://example.com', fetch: () => Promise.reject(new TypeError('failed')) }),
];

describe('the guide of the gates', () => {
  const seen: string[] = [];

  beforeAll(async () => {
    for (const { situations, arrange } of gateScenarios) {
      for (const situation of [...situations, 'denied', 'slow'] as const) {
        const cloud = new SimulatedCloud(situation === 'slow' ? { latencyMilliseconds: 60_000 } : {});
        const isOpen = situation === 'denied' || situation === 'slow';
        const gate = arrange(cloud, isOpen ? 'open' : situation);
        if (situation === 'denied') cloud.injectFault({ kind: 'accessDenied' });
        seen.push(await messageOf(gate, checkContext(cloud)));
      }
    }
    for (const arrange of furtherSituations) {
      const cloud = new SimulatedCloud();
      seen.push(await messageOf(arrange(cloud), checkContext(cloud)));
    }
  });

  test.each(names)('has a part and a program of %s', (name) => {
    const [, part = ''] = new RegExp(`\\n## ${name}\\n([\\s\\S]*?)\\n## `, 'i').exec(guide) ?? [];

    expect(part).toMatch(new RegExp(`\`\`\`ts\n[\\s\\S]*\\b${name}\\(`));
    expect(part).toMatch(/export const \w+ = check\(/);
  });

  test.each(names)('lists the IAM actions of %s', (name) => {
    const [, permissions = ''] = /## Permissions([\s\S]*?)\n## /.exec(guide) ?? [];
    const row = permissions.split('\n').find((line) => line.startsWith(`| \`${name}\``));
    const listed = [...(row?.matchAll(/`([\w-]+:\w+)`/g) ?? [])].map(([, action]) => action);
    const needed = gatePermissions[name as keyof typeof gatePermissions].map(({ action }) => action);

    expect(listed).toEqual(needed);
  });

  test('explains many messages', () => {
    expect(messages.length).toBeGreaterThan(20);
  });

  test.each(messages)('quotes a message that a gate returns: %s', (message) => {
    const parts = message.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const pattern = new RegExp(parts.join('[\\s\\S]+'));

    expect(seen.filter((text) => pattern.test(` ${text} `))).not.toEqual([]);
  });
});
