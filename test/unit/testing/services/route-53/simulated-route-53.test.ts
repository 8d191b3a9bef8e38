import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHealthCheckStatusCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud, type SimulatedHostedZone } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let zone: SimulatedHostedZone;

const record = (
  SetIdentifier: string,
  Weight: number,
  more: Partial<ResourceRecordSet> = {},
): ResourceRecordSet => ({
  Name: 'api.example.com.',
  Type: 'A',
  SetIdentifier,
  Weight,
  TTL: 30,
  ResourceRecords: [{ Value: '192.0.2.1' }],
  ...more,
});

beforeEach(() => {
  cloud = new SimulatedCloud();
  const records = [record('blue', 3), record('green', 1)];
  zone = cloud.route53.addHostedZone({ name: 'example.com', records });
});

const change = (...Changes: Change[]) =>
  cloud.clients.route53.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: zone.id, ChangeBatch: { Changes } }),
  );
const remove = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet });
const create = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet });
const upsert = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet });
const split = () => cloud.route53.liveSplit(zone.id, 'api.example.com', 'A');

describe('Class: SimulatedRoute53', () => {
  describe('ChangeResourceRecordSets', () => {
    test.each([
      ['a deletion with another value', [remove(record('blue', 4))], /values provided do not match/],
      ['a deletion of a missing record', [remove(record('red', 1))], /but it was not found/],
      ['a creation of an existing record', [create(record('blue', 3))], /already exists/],
      ['another TTL in a group', [upsert(record('blue', 3, { TTL: 60 }))], /must contain the same TTL/],
      [
        'a record of another zone',
        [create(record('x', 1, { Name: 'example.org' }))],
        /not permitted in zone/,
      ],
      ['a weight above 255', [upsert(record('blue', 256))], /from 0 to 255/],
      ['a record without a TTL', [upsert(record('blue', 1, { TTL: undefined }))], /Expected exactly one/],
    ])('refuses the whole batch for %s', async (_, changes, message) => {
      const before = structuredClone(zone.records);

      await expect(change(upsert(record('green', 9)), ...changes)).rejects.toMatchObject({
        name: 'InvalidChangeBatch',
        message: expect.stringMatching(message),
      });

      expect(zone.records).toEqual(before);
    });

    test('replaces a record that is deleted and created in one batch', async () => {
      await change(remove(record('blue', 3)), create(record('blue', 5)));

      expect(zone.records.find((it) => it.SetIdentifier === 'blue')).toEqual(record('blue', 5));
    });

    test('is PENDING, and not answered, until the servers have it', async () => {
      const { ChangeInfo } = await change(upsert(record('green', 3)));
      const status = async () =>
        (await cloud.clients.route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status;

      expect([await status(), split()]).toEqual(['PENDING', { blue: 75, green: 25 }]);
      await cloud.clock.sleep(15_000);

      expect([await status(), split()]).toEqual(['INSYNC', { blue: 50, green: 50 }]);
    });

    test('answers with each record equally often when all weights are 0', async () => {
      await change(upsert(record('blue', 0)), upsert(record('green', 0)));
      await cloud.clock.sleep(15_000);

      expect(split()).toEqual({ blue: 50, green: 50 });
    });
  });

  test('lists records by reversed name, type and set identifier, page by page', async () => {
    await change(
      create(record('x', 1, { Name: 'zz.a.example.com' })),
      create(record('x', 1, { Name: '*.example.com' })),
      create(record('x', 1, { Type: 'TXT', ResourceRecords: [{ Value: '"x"' }] })),
    );
    const names: string[] = [];
    let start: { name?: string | undefined; type?: string | undefined; id?: string | undefined } = {};
    for (;;) {
      const page = await cloud.clients.route53.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: zone.id,
          StartRecordName: start.name,
          StartRecordType: start.type as never,
          StartRecordIdentifier: start.id,
          MaxItems: 2,
        }),
      );
      for (const it of page.ResourceRecordSets ?? []) names.push(`${it.Name} ${it.Type} ${it.SetIdentifier}`);
      start = { name: page.NextRecordName, type: page.NextRecordType, id: page.NextRecordIdentifier };
      if (!page.IsTruncated) break;
    }

    expect(names).toEqual([
      '\\052.example.com. A x',
      'zz.a.example.com. A x',
      'api.example.com. A blue',
      'api.example.com. A green',
      'api.example.com. TXT x',
    ]);
  });

  test('returns no status of a health check without health checkers', async () => {
    const { id } = cloud.route53.addHealthCheck({ Type: 'CALCULATED' });

    await expect(
      cloud.clients.route53.send(new GetHealthCheckStatusCommand({ HealthCheckId: id })),
    ).rejects.toMatchObject({ name: 'InvalidInput' });
  });
});
