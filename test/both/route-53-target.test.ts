import { ListResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  Route53WeightedRecordTarget,
  type Route53WeightedRecordTargetOptions,
} from '../../src/traffic/route-53/index.js';
import { type Backend, openBackend } from '../support/backend.js';
import { seedHostedZone } from './seed/route-53.js';

let backend: Backend;

beforeEach(async () => {
  backend = await openBackend();
});

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
  ResourceRecords: [{ Value: SetIdentifier === 'blue' ? '192.0.2.1' : '192.0.2.2' }],
  ...more,
});

const others: ResourceRecordSet[] = [
  { Name: 'api.example.com.', Type: 'TXT', TTL: 5, ResourceRecords: [{ Value: '"text"' }] },
  { Name: 'www.example.com.', Type: 'A', TTL: 5, ResourceRecords: [{ Value: '192.0.2.9' }] },
];

async function targetOf(
  records: readonly ResourceRecordSet[],
  options: Partial<Route53WeightedRecordTargetOptions> = {},
) {
  const hostedZoneId = await seedHostedZone(backend, { name: 'example.com', records });
  const target = new Route53WeightedRecordTarget({
    hostedZoneId,
    recordName: 'api.example.com',
    blue: { setIdentifier: 'blue' },
    green: { setIdentifier: 'green' },
    clients: backend.clients,
    clock: backend.clock,
    ...options,
  } as Route53WeightedRecordTargetOptions);
  const command = new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId });
  const list = async () => {
    const { ResourceRecordSets = [] } = await backend.clients.route53.send(command);
    // moto lists the NS and SOA records of the zone as well.
    return ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA');
  };
  return { target, list };
}

describe('Route53WeightedRecordTarget', () => {
  test('moves the weights of two records, and leaves all other records', async () => {
    const { target, list } = await targetOf([record('blue', 100), record('green', 0), ...others]);
    expect(await target.readWeights()).toEqual({ blue: 100, green: 0 });

    await target.writeWeights({ blue: 90, green: 10 });
    expect(await target.readWeights()).toEqual({ blue: 90, green: 10 });
    await target.writeWeights({ blue: 0, green: 100 });

    expect(await target.readWeights()).toEqual({ blue: 0, green: 100 });
    const records = await list();
    expect(records).toHaveLength(4);
    expect(records).toEqual(
      expect.arrayContaining(
        [record('blue', 0), record('green', 100), ...others].map((it) => expect.objectContaining(it)),
      ),
    );
  });

  test('moves the weights of alias records', async () => {
    const alias = (stack: string, weight: number): ResourceRecordSet => {
      const { TTL: _ttl, ResourceRecords: _records, ...rest } = record(stack, weight);
      const AliasTarget = {
        HostedZoneId: 'Z32O12XQLNTSW2',
        DNSName: `${stack}.elb.amazonaws.com.`,
        EvaluateTargetHealth: true,
      };
      return { ...rest, AliasTarget };
    };
    const { target, list } = await targetOf([alias('blue', 100), alias('green', 0)]);

    await target.writeWeights({ blue: 25, green: 75 });

    expect(await list()).toEqual([
      expect.objectContaining(alias('blue', 25)),
      expect.objectContaining(alias('green', 75)),
    ]);
  });

  test('throws ResourceStateError for a third record, and writes nothing', async () => {
    const { target, list } = await targetOf([record('blue', 80), record('green', 10), record('old', 10)]);
    const before = await list();

    await expect(target.writeWeights({ blue: 50, green: 50 })).rejects.toMatchObject({
      name: 'ResourceStateError',
    });

    expect(await list()).toEqual(before);
  });

  test('throws ResourceNotFoundError for a hosted zone that does not exist', async () => {
    const { target } = await targetOf([], { hostedZoneId: 'Z0000000000000000000' });

    await expect(target.readWeights()).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      cause: expect.objectContaining({ name: 'NoSuchHostedZone' }),
    });
  });
});
