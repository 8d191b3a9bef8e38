import { Readable } from 'node:stream';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { Route53Client } from '@aws-sdk/client-route-53';
import { HttpResponse } from '@smithy/core/protocols';
import { beforeEach, describe, expect, test } from 'vitest';
import { ResourceStateError } from '../../../../src/core/errors.js';
import { classifyFailure } from '../../../../src/core/failures.js';
import { SimulatedCloud, type SimulatedHostedZone } from '../../../../src/testing/index.js';
import { allAtOnce, canary, TrafficShifter } from '../../../../src/traffic/index.js';
import {
  Route53WeightedRecordTarget,
  type Route53WeightedRecordTargetOptions,
} from '../../../../src/traffic/route-53/index.js';

let cloud: SimulatedCloud;
let zone: SimulatedHostedZone;

const record = (SetIdentifier: string, Weight: number, more: Partial<ResourceRecordSet> = {}) => ({
  Name: 'api.example.com.',
  Type: 'A' as const,
  SetIdentifier,
  Weight,
  TTL: 30,
  ResourceRecords: [{ Value: SetIdentifier === 'blue' ? '192.0.2.1' : '192.0.2.2' }],
  ...more,
});

const aliasOf = (stack: string, weight: number): ResourceRecordSet => {
  const { TTL: _ttl, ResourceRecords: _records, ...rest } = record(stack, weight);
  const DNSName = `${stack}.elb.amazonaws.com.`;
  return { ...rest, AliasTarget: { HostedZoneId: 'Z32O12XQLNTSW2', DNSName, EvaluateTargetHealth: true } };
};

beforeEach(() => {
  cloud = new SimulatedCloud();
  zone = addZone([record('blue', 100), record('green', 0)]);
});

function addZone(records: readonly ResourceRecordSet[], isPrivate = false) {
  return cloud.route53.addHostedZone({ name: 'example.com', records, isPrivate });
}

function makeTarget(options: Partial<Route53WeightedRecordTargetOptions> = {}) {
  return new Route53WeightedRecordTarget({
    hostedZoneId: zone.id,
    recordName: 'api.example.com',
    blue: { setIdentifier: 'blue' },
    green: { setIdentifier: 'green' },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as Route53WeightedRecordTargetOptions);
}

const actions = () => cloud.calls.map(({ action }) => action.replace('route53:', ''));
const split = () => cloud.route53.liveSplit(zone.id, 'api.example.com', 'A');
const half = { blue: 50, green: 50 };
const refusal = (message: string, name = 'InvalidChangeBatch') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 }, $fault: 'client' });

describe('Class: Route53WeightedRecordTarget', () => {
  describe('Method: writeWeights', () => {
    test('deletes and creates both records in one batch with every value', async () => {
      const check = cloud.route53.addHealthCheck();
      zone.records = [record('blue', 100, { HealthCheckId: check.id }), aliasOf('green', 0)];

      await makeTarget().writeWeights({ blue: 90, green: 10 });

      const batches = cloud.calls.filter(({ action }) => action === 'route53:ChangeResourceRecordSets');
      expect(batches.map(({ input }) => input)).toEqual([
        {
          HostedZoneId: zone.id,
          ChangeBatch: {
            Changes: [
              { Action: 'DELETE', ResourceRecordSet: record('blue', 100, { HealthCheckId: check.id }) },
              { Action: 'CREATE', ResourceRecordSet: record('blue', 90, { HealthCheckId: check.id }) },
              { Action: 'DELETE', ResourceRecordSet: aliasOf('green', 0) },
              { Action: 'CREATE', ResourceRecordSet: aliasOf('green', 10) },
            ],
          },
        },
      ]);
    });

    test('returns when the servers of Route 53 answer with the weights', async () => {
      cloud.route53.propagationSeconds = 57;

      await makeTarget().writeWeights({ blue: 75, green: 25 });

      expect(split()).toEqual({ blue: 75, green: 25 });
    });

    test('throws WaitTimeoutError when the servers do not have the change in 10 minutes', async () => {
      cloud.route53.propagationSeconds = 3600;
      const startedAt = cloud.clock.now();

      await expect(makeTarget().writeWeights(half)).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        actual: 'PENDING',
      });

      expect(cloud.clock.now() - startedAt).toBe(600_000);
    });

    test.each([
      ['a weight', { Weight: 7 }],
      ['a value', { ResourceRecords: [{ Value: '198.51.100.1' }] }],
      ['a health check', { HealthCheckId: 'other' }],
    ])('throws ResourceStateError when Route 53 refuses it because %s was changed', async (_, changed) => {
      const target = makeTarget();
      await target.readWeights();
      zone.records = [record('blue', 100), record('green', 0, changed)];
      const before = structuredClone(zone.records);

      const error = await target.writeWeights(half).catch((it: unknown) => it);

      expect(error).toBeInstanceOf(ResourceStateError);
      expect(error).toMatchObject({ message: expect.stringMatching(/changed after they were read/) });
      expect(classifyFailure(error)).toBe('stale');
      expect(zone.records).toEqual(before);
    });

    test('throws ResourceStateError when a record was deleted after it was read', async () => {
      const target = makeTarget();
      await target.readWeights();
      zone.records = [record('blue', 100)];

      await expect(target.writeWeights(half)).rejects.toThrowError(ResourceStateError);

      expect(zone.records).toEqual([record('blue', 100)]);
    });

    test('makes the change again for its ID when the response was lost', async () => {
      const target = makeTarget();
      await target.readWeights();
      cloud.injectFault({ kind: 'lostResponse', action: 'route53:ChangeResourceRecordSets' });

      await target.writeWeights(half);

      expect(actions()).toEqual([
        'ListResourceRecordSets',
        'ChangeResourceRecordSets',
        'ChangeResourceRecordSets',
        'ListResourceRecordSets',
        'ChangeResourceRecordSets',
        'GetChange',
        'GetChange',
      ]);
      expect(split()).toEqual(half);
    });

    test('finds a change that took effect although the response has the older format', async () => {
      const target = makeTarget();
      await target.readWeights();
      cloud.injectFault({ kind: 'lostResponse', action: 'route53:ChangeResourceRecordSets' });
      cloud.injectFault({
        kind: refusal('UnknownError', 'Unknown'),
        action: 'route53:ChangeResourceRecordSets',
        atCall: 2,
      });

      await target.writeWeights(half);

      expect(split()).toEqual(half);
    });

    test.each([half, { blue: 100, green: 0 }])(
      'throws a final ResourceStateError with the reason of Route 53 for protected records',
      async (weights) => {
        cloud.route53.protect(zone.id, 'api.example.com', 'A');

        const error = await makeTarget()
          .writeWeights(weights)
          .catch((it: unknown) => it);

        expect(error).toBeInstanceOf(ResourceStateError);
        expect(error).toMatchObject({ actual: expect.stringMatching(/protection exists/) });
        expect(classifyFailure(error)).toBe('final');
        expect(split()).toEqual({ blue: 100, green: 0 });
      },
    );

    test('waits while an earlier change of the zone is in progress', async () => {
      cloud.injectFault({
        kind: refusal('The request was rejected', 'PriorRequestNotComplete'),
        action: 'route53:ChangeResourceRecordSets',
        times: 2,
      });

      await makeTarget().writeWeights(half);

      expect(split()).toEqual(half);
    });

    test('throws a passing error when the zone stays busy', async () => {
      cloud.injectFault({
        kind: refusal('The request was rejected', 'PriorRequestNotComplete'),
        action: 'route53:ChangeResourceRecordSets',
        times: 99,
      });

      const error = await makeTarget()
        .writeWeights(half)
        .catch((it: unknown) => it);

      expect(classifyFailure(error)).toBe('passing');
    });

    test.each([
      { blue: 100, green: 0 },
      { blue: 0, green: 100 },
      { blue: 99.999, green: 0.001 },
      { blue: 0.001, green: 99.999 },
    ])('never writes two weights of 0: $blue to $green', async (weights) => {
      const target = makeTarget();

      await target.writeWeights(weights);

      const numbers = zone.records.map(({ Weight = 0 }) => Weight);
      expect(Math.max(...numbers)).toBeGreaterThan(0);
      expect(numbers.every((it) => Number.isInteger(it) && it <= 255)).toBe(true);
    });
  });

  describe('Method: readWeights', () => {
    test.each([
      ['both weights are 0', [record('blue', 0), record('green', 0)], /equally often/],
      ['a record is missing', [record('blue', 100)], /not those of the two stacks/],
      ['no record exists', [], /not those of the two stacks/],
      [
        'the records are routed by latency',
        [
          { ...record('blue', 0), Weight: undefined, Region: 'eu-west-1' as const },
          { ...record('green', 0), Weight: undefined, Region: 'eu-west-2' as const },
        ],
        /another routing policy/,
      ],
      [
        'a traffic policy manages them',
        [record('blue', 1, { TrafficPolicyInstanceId: 'policy-1' }), record('green', 1)],
        /traffic policy/,
      ],
    ])('throws ResourceStateError when %s', async (_, records, message) => {
      zone.records = records;
      const before = structuredClone(records);

      await expect(makeTarget().readWeights()).rejects.toThrowError(message);
      await expect(makeTarget().writeWeights(half)).rejects.toThrowError(ResourceStateError);

      expect(zone.records).toEqual(before);
    });

    test('reads the exact ratio of any two weights', async () => {
      zone.records = [record('blue', 255), record('green', 3)];

      const { green } = await makeTarget().readWeights();

      expect(green).toBeCloseTo((3 / 258) * 100, 6);
    });

    test('reads every page of a long group, and no other name or type', async () => {
      const others = Array.from({ length: 250 }, (_, index) =>
        record(`x${String(index).padStart(3, '0')}`, 1, { Name: 'api2.example.com.' }),
      );
      const many = Array.from({ length: 98 }, (_, index) => record(`h${index}`, 1));
      zone.records = [...others, record('blue', 60), record('green', 40), ...many];
      await expect(makeTarget().readWeights()).rejects.toThrowError(/not those of the two stacks/);
      zone.records = [
        ...others,
        record('blue', 60),
        record('green', 40),
        record('blue', 1, { Type: 'AAAA' }),
      ];

      expect(await makeTarget().readWeights()).toEqual({ blue: 60, green: 40 });
    });

    test('continues at the next page while it begins with the same name and type', async () => {
      const { clients } = cloud;
      let pages = 0;
      const route53 = {
        send: async (command: { input: Record<string, unknown> }) => {
          pages += 1;
          if (command.input['StartRecordIdentifier'] === 'green')
            return { ResourceRecordSets: [record('green', 40)], IsTruncated: false };
          return {
            ResourceRecordSets: [record('blue', 60)],
            IsTruncated: true,
            NextRecordName: 'api.example.com.',
            NextRecordType: 'A',
            NextRecordIdentifier: 'green',
          };
        },
      };
      const target = makeTarget({ clients: { ...clients, route53: route53 as never } });

      expect(await target.readWeights()).toEqual({ blue: 60, green: 40 });
      expect(pages).toBe(2);
    });

    test.each([
      ['*.example.com', '\\052.example.com.'],
      ['\\052.Example.COM', '\\052.example.com.'],
      ['API.example.com.', 'api.example.com.'],
      ['_sip.example.com', '_sip.example.com.'],
      ['a/b.example.com', 'a\\057b.example.com.'],
      ['bücher.example.com', 'b\\303\\274cher.example.com.'],
      ['example.com', 'example.com.'],
    ])('finds the records of %s', async (recordName, Name) => {
      zone.records = [record('blue', 60, { Name }), record('green', 40, { Name })];
      const target = makeTarget({ recordName });

      await target.writeWeights({ blue: 20, green: 80 });

      expect(await target.readWeights()).toEqual({ blue: 20, green: 80 });
      expect(zone.records.map((it) => it.Name)).toEqual([Name, Name]);
    });

    test('shifts records of a private zone, and takes the ID with its prefix', async () => {
      zone = addZone([record('blue', 100), record('green', 0)], true);
      const target = makeTarget({ hostedZoneId: `/hostedzone/${zone.id}` });

      await target.writeWeights(half);

      expect(split()).toEqual(half);
    });

    test('throws ResourceNotFoundError for a hosted zone that does not exist', async () => {
      await expect(makeTarget({ hostedZoneId: 'Z0' }).readWeights()).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        message: expect.stringMatching(/^Route 53 hosted zone Z0 not found/),
      });
    });
  });

  describe('Method: readHealth', () => {
    const healthOf = async (stack: 'blue' | 'green', more: Partial<ResourceRecordSet>) => {
      zone.records = [record('blue', 100), record('green', 0, more)];
      return makeTarget().readHealth(stack);
    };

    test('counts a record without a health check as healthy', async () => {
      expect(await healthOf('green', {})).toEqual({ healthy: 1, total: 1 });
      expect(actions()).toEqual(['ListResourceRecordSets']);
    });

    test.each([
      { successes: 15, total: 15, healthy: 1 },
      { successes: 3, total: 15, healthy: 1 },
      { successes: 2, total: 15, healthy: 0 },
      { successes: 0, total: 15, healthy: 0 },
      { successes: 0, total: 0, healthy: 0 },
    ])('reports $healthy of 1 when $successes of $total checkers succeed', async (row) => {
      const check = cloud.route53.addHealthCheck();
      check.checkers = row;

      expect(await healthOf('green', { HealthCheckId: check.id })).toMatchObject({
        healthy: row.healthy,
        total: 1,
      });
    });

    test('inverts an inverted health check, and ignores the checkers of a disabled one', async () => {
      const inverted = cloud.route53.addHealthCheck({ Inverted: true });
      const disabled = cloud.route53.addHealthCheck({ Disabled: true });
      disabled.checkers = { successes: 0, total: 15 };

      expect(await healthOf('green', { HealthCheckId: inverted.id })).toMatchObject({
        healthy: 0,
        detail: expect.stringMatching(/15 of 15 health checkers report a success, inverted/),
      });
      expect(await healthOf('green', { HealthCheckId: disabled.id })).toMatchObject({ healthy: 1 });
    });

    test.each(['CALCULATED', 'CLOUDWATCH_METRIC', 'RECOVERY_CONTROL'] as const)(
      'counts a record with a health check of the type %s as healthy',
      async (Type) => {
        const check = cloud.route53.addHealthCheck({ Type });

        expect(await healthOf('green', { HealthCheckId: check.id })).toEqual({ healthy: 1, total: 1 });
      },
    );

    test('throws ResourceNotFoundError for a health check that does not exist', async () => {
      await expect(healthOf('green', { HealthCheckId: 'gone' })).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
      });
    });

    test('begins no shift to an unhealthy record', async () => {
      const check = cloud.route53.addHealthCheck();
      check.checkers = { successes: 0, total: 15 };
      zone.records = [record('blue', 100), record('green', 0, { HealthCheckId: check.id })];
      const shifter = new TrafficShifter({ target: makeTarget(), clock: cloud.clock });

      await expect(shifter.shiftTo('green', allAtOnce())).rejects.toThrowError(/not ready for traffic/);

      expect(split()).toEqual({ blue: 100, green: 0 });
    });
  });

  describe('Method: propagationSeconds', () => {
    test.each([
      ['the TTL and 60 seconds', [record('blue', 1), record('green', 1)], {}, 90],
      ['120 seconds for alias records', [aliasOf('blue', 1), aliasOf('green', 1)], {}, 120],
      ['the option', [record('blue', 1), record('green', 1)], { propagationSeconds: 5 }, 5],
    ] as const)('returns %s', async (_, records, options, expected) => {
      zone.records = [...records];
      const target = makeTarget(options);

      await target.readWeights();

      expect(target.propagationSeconds()).toBe(expected);
    });
  });

  describe('in a shift', () => {
    test('holds each step for the TTL longer, and ends 90 seconds after the last write', async () => {
      const shifter = new TrafficShifter({ target: makeTarget(), clock: cloud.clock });

      const { outcome, history } = await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));

      const verified = history.filter(({ type }) => type === 'weightsVerified').map(({ at }) => at);
      const written = history.filter(({ type }) => type === 'weightsWritten').map(({ at }) => at);
      const [first = 0, last = 0] = verified;
      expect(outcome).toBe('succeeded');
      expect((written[1] ?? 0) - first).toBeGreaterThanOrEqual(390_000);
      expect((history.at(-1)?.at ?? 0) - last).toBeGreaterThanOrEqual(90_000);
    });

    test('ends a rollback only when resolvers no longer name the incoming stack', async () => {
      const shifter = new TrafficShifter({ target: makeTarget(), clock: cloud.clock });
      let state = await shifter.begin({ incoming: 'green', strategy: allAtOnce() });
      state = (await shifter.advance(state)).state;

      let progress = await shifter.rollBack(state, 'errors');
      while (progress.outcome === undefined) {
        await cloud.clock.sleep(progress.waitSeconds * 1000);
        progress = await shifter.advance(JSON.parse(JSON.stringify(progress.state)));
      }

      const { verifiedAt } = progress.state;
      expect(progress.outcome).toBe('rolledBack');
      expect(cloud.clock.now() - verifiedAt).toBe(90_000);
      expect(split()).toEqual({ blue: 100, green: 0 });
    });

    test('halts at drift that Route 53 refused to overwrite', async () => {
      const shifter = new TrafficShifter({ target: makeTarget(), clock: cloud.clock });
      const state = await shifter.begin({ incoming: 'green', strategy: allAtOnce() });
      const target = makeTarget();
      await target.readWeights();
      zone.records = [record('blue', 70), record('green', 30)];
      await expect(target.writeWeights(half)).rejects.toThrowError(ResourceStateError);

      const { outcome } = await shifter.advance(state);

      expect(outcome).toBe('halted');
      expect(zone.records).toEqual([record('blue', 70), record('green', 30)]);
    });
  });

  test.each([
    ['eu-west-1', 'route53.amazonaws.com'],
    ['us-gov-west-1', 'route53.us-gov.amazonaws.com'],
    ['cn-north-1', 'route53.amazonaws.com.cn'],
  ])('calls the endpoint of the partition of %s', async (region, host) => {
    const hosts: string[] = [];
    const requestHandler = {
      handle: async (request: { hostname: string }) => {
        hosts.push(request.hostname);
        throw Object.assign(new Error('stop'), { name: 'Stop' });
      },
    };
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const route53 = new Route53Client({ region, credentials, requestHandler: requestHandler as never });

    await expect(makeTarget({ clients: { route53 } }).readWeights()).rejects.toThrowError('stop');

    expect(hosts).toEqual([host]);
  });
});

describe('Responses of Route 53', () => {
  const text =
    "Tried to delete resource record set [name='api.example.com.', type='A', set-identifier='blue'] but the values provided do not match the current values";
  const formats = {
    'the present format': `<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>InvalidChangeBatch</Code><Message>[${text}]</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
    'the older format': `<InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages><Message>${text}</Message></Messages></InvalidChangeBatch>`,
  };

  test.each(Object.entries(formats))('reads the records again after a refusal in %s', async (_, xml) => {
    const methods: string[] = [];
    const list = (blue: number) =>
      `<ListResourceRecordSetsResponse><ResourceRecordSets>${[
        ['blue', blue],
        ['green', 100 - blue],
      ]
        .map(
          ([name, weight]) =>
            `<ResourceRecordSet><Name>api.example.com.</Name><Type>A</Type><SetIdentifier>${name}</SetIdentifier><Weight>${weight}</Weight><TTL>30</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`,
        )
        .join(
          '',
        )}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListResourceRecordSetsResponse>`;
    const requestHandler = {
      handle: async ({ method }: { method: string }) => {
        const isRead = method === 'GET';
        const body = isRead ? list(methods.includes('POST') ? 70 : 100) : xml;
        methods.push(method);
        const response = new HttpResponse({ statusCode: isRead ? 200 : 400, headers: {} });
        response.body = Readable.from([Buffer.from(body)]);
        return { response };
      },
    };
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const route53 = new Route53Client({
      region: 'eu-west-1',
      credentials,
      requestHandler: requestHandler as never,
    });

    const error = await makeTarget({ clients: { route53 } })
      .writeWeights(half)
      .catch((it: unknown) => it);

    expect(error).toMatchObject({
      name: 'ResourceStateError',
      message: expect.stringMatching(/changed after they were read/),
      actual: 'blue 70 %, green 30 %',
    });
    expect(methods).toEqual(['GET', 'POST', 'GET']);
  });
});
