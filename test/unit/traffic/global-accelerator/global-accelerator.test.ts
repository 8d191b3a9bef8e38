import { GlobalAcceleratorClient } from '@aws-sdk/client-global-accelerator';
import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError, ResourceStateError } from '../../../../src/core/errors.js';
import { classifyFailure } from '../../../../src/core/failures.js';
import { SimulatedCloud, type SimulatedEndpointGroup } from '../../../../src/testing/index.js';
import {
  GlobalAcceleratorTarget,
  type GlobalAcceleratorTargetOptions,
} from '../../../../src/traffic/global-accelerator/index.js';
import { allAtOnce, TrafficShifter } from '../../../../src/traffic/index.js';

const loadBalancer = (name: string, account = '123456789012') =>
  `arn:aws:elasticloadbalancing:eu-west-1:${account}:loadbalancer/app/${name}/50dc6c495c0c9188`;
const [blue, green] = [loadBalancer('blue'), loadBalancer('green')];
const half = { blue: 50, green: 50 };

let cloud: SimulatedCloud;
let group: SimulatedEndpointGroup;

beforeEach(() => {
  cloud = new SimulatedCloud();
  group = cloud.globalAccelerator.addEndpointGroup({
    endpoints: [
      { endpointId: blue, weight: 128, isClientIpPreserved: false },
      { endpointId: green, weight: 0 },
    ],
    settings: { TrafficDialPercentage: 40, ThresholdCount: 5 },
  });
});

function makeTarget(options: Partial<GlobalAcceleratorTargetOptions> = {}) {
  return new GlobalAcceleratorTarget({
    endpointGroupArn: group.arn,
    blue: { endpointId: blue },
    green: { endpointId: green },
    clients: cloud.clients,
    clock: cloud.clock,
    ...options,
  } as GlobalAcceleratorTargetOptions);
}

/** Returns the hosts that a target calls. */
async function hostsOf(options: Partial<GlobalAcceleratorTargetOptions>): Promise<string[]> {
  const hosts: string[] = [];
  const requestHandler = {
    handle: async (request: { hostname: string }) => {
      hosts.push(request.hostname);
      throw Object.assign(new Error('stop'), { name: 'Stop' });
    },
  };
  const clientConfig = {
    ...options.clientConfig,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: requestHandler as never,
  };
  const target = makeTarget({ clients: {}, ...options, clientConfig } as never);
  await expect(target.readWeights()).rejects.toThrowError('stop');
  return hosts;
}

describe('Class: GlobalAcceleratorTarget', () => {
  describe('constructor', () => {
    test.each([
      [
        'another partition',
        'arn:aws-cn:globalaccelerator::123456789012:accelerator/a/listener/b/endpoint-group/c',
      ],
      ['a listener', 'arn:aws:globalaccelerator::123456789012:accelerator/a/listener/b'],
      ['a load balancer', blue],
    ])('throws InvalidInputError for the ARN of %s', (_, endpointGroupArn) => {
      expect(() => makeTarget({ endpointGroupArn })).toThrowError(
        /endpointGroupArn: expected the ARN of an endpoint group/,
      );
    });
  });

  describe('Region', () => {
    test.each([{}, { clientConfig: {} }, { clientConfig: { region: 'eu-central-1' } }])(
      'is us-west-2 for its own client: %j',
      async (options) => {
        expect(await hostsOf(options as never)).toEqual(['globalaccelerator.us-west-2.amazonaws.com']);
      },
    );

    test('throws InvalidInputError at the first call for a ready client of another Region', async () => {
      const globalAccelerator = new GlobalAcceleratorClient({ region: 'eu-central-1' });
      const target = makeTarget({ clients: { globalAccelerator } });

      await expect(target.readWeights()).rejects.toThrowError(InvalidInputError);
      await expect(target.writeWeights(half)).rejects.toThrowError(/of the Region us-west-2/);
      await expect(target.readHealth('green')).rejects.toThrowError(
        /got a client of the Region "eu-central-1"/,
      );
    });

    test.each(['eu-central-1', 5, null])(
      'throws InvalidInputError for a wrapped client of the Region %j',
      async (region) => {
        const { globalAccelerator: own } = cloud.clients;
        const wrapped = { send: own.send.bind(own), config: { region } } as never;
        const target = makeTarget({ clients: { globalAccelerator: wrapped } });

        await expect(target.readWeights()).rejects.toThrowError(InvalidInputError);
      },
    );

    test('accepts a ready client with an endpoint of its own', async () => {
      const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
      const config = { region: 'eu-central-1', endpoint: 'http://localhost:1', credentials };
      const client = cloud.connect(new GlobalAcceleratorClient(config));

      const target = makeTarget({ clients: { globalAccelerator: client } });

      expect(await target.readWeights()).toEqual({ blue: 100, green: 0 });
    });
  });

  describe('Method: writeWeights', () => {
    test('sends the whole list of endpoints, and nothing else', async () => {
      await makeTarget().writeWeights({ blue: 90, green: 10 });

      const update = cloud.calls.find(({ action }) => action === 'globalaccelerator:UpdateEndpointGroup');
      expect(update?.input).toEqual({
        EndpointGroupArn: group.arn,
        EndpointConfigurations: [
          { EndpointId: blue, Weight: 90, ClientIPPreservationEnabled: false },
          { EndpointId: green, Weight: 10, ClientIPPreservationEnabled: true },
        ],
      });
      expect(group.settings).toMatchObject({ TrafficDialPercentage: 40, ThresholdCount: 5 });
    });

    test('returns when the accelerator is deployed', async () => {
      cloud.globalAccelerator.deploymentSeconds = 75;
      const startedAt = cloud.clock.now();

      await makeTarget().writeWeights(half);

      expect(cloud.clock.now() - startedAt).toBe(80_000);
    });

    test('throws WaitTimeoutError when the accelerator is not deployed in 15 minutes', async () => {
      cloud.globalAccelerator.deploymentSeconds = 3600;

      const error = await makeTarget()
        .writeWeights(half)
        .catch((it: unknown) => it);

      expect(error).toMatchObject({ name: 'WaitTimeoutError', actual: 'IN_PROGRESS' });
      expect(classifyFailure(error)).toBe('passing');
    });

    test('writes whole weights from 0 to 255, never two of 0', async () => {
      for (const share of [0, 0.01, 33.333, 99.99, 100]) {
        await makeTarget().writeWeights({ blue: share, green: 100 - share });
        const weights = group.endpoints.map(({ weight }) => weight);
        expect(weights.every((it) => Number.isInteger(it) && it >= 0 && it <= 255)).toBe(true);
        expect(Math.max(...weights)).toBeGreaterThan(0);
      }
    });
  });

  describe('Method: readWeights', () => {
    const endpoint = (endpointId: string, weight: number) => ({
      endpointId,
      weight,
      isClientIpPreserved: true,
      healthState: 'HEALTHY' as const,
    });
    const foreign = loadBalancer('green', '999999999999');

    test.each([
      ['an endpoint is missing', [endpoint(blue, 128)], /not those of the two stacks/],
      ['both weights are 0', [endpoint(blue, 0), endpoint(green, 0)], /Neither stack gets any traffic/],
      ['the group is empty', [], /not those of the two stacks/],
    ])('throws ResourceStateError when %s, and writes nothing', async (_, endpoints, message) => {
      group.endpoints = endpoints;

      await expect(makeTarget().readWeights()).rejects.toThrowError(message);
      await expect(makeTarget().writeWeights(half)).rejects.toThrowError(ResourceStateError);

      expect(group.endpoints).toEqual(endpoints);
    });

    test('throws ResourceStateError for an endpoint of another account, whose attachment AWS does not return', async () => {
      group = cloud.globalAccelerator.addEndpointGroup({
        endpoints: [
          { endpointId: blue, weight: 128 },
          {
            endpointId: foreign,
            weight: 0,
            attachmentArn: 'arn:aws:globalaccelerator::999999999999:attachment/a',
          },
        ],
      });
      const before = structuredClone(group.endpoints);
      const target = makeTarget({ green: { endpointId: foreign } });

      await expect(target.readWeights()).rejects.toThrowError(/of another account/);
      await expect(target.writeWeights(half)).rejects.toThrowError(/attachment/);
      await expect(target.readHealth('blue')).rejects.toThrowError(ResourceStateError);

      expect(group.endpoints).toEqual(before);
    });

    test('accepts instances and addresses, whose IDs name no account', async () => {
      group.endpoints = [endpoint('i-0123456789abcdef0', 1), endpoint('eipalloc-0123456789abcdef0', 1)];
      const target = makeTarget({
        blue: { endpointId: 'i-0123456789abcdef0' },
        green: { endpointId: 'eipalloc-0123456789abcdef0' },
      });

      expect(await target.readWeights()).toEqual(half);
    });

    test('throws ResourceNotFoundError for a group that does not exist', async () => {
      const endpointGroupArn = `${group.arn}0`;

      await expect(makeTarget({ endpointGroupArn }).readWeights()).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        resource: endpointGroupArn,
      });
    });
  });

  describe('Method: readHealth', () => {
    test.each([
      ['HEALTHY', { healthy: 1, total: 1 }],
      ['UNHEALTHY', { healthy: 0, total: 1, detail: `${green} is UNHEALTHY` }],
      ['INITIAL', { healthy: 0, total: 1, detail: `${green} is INITIAL` }],
    ] as const)('reads %s', async (healthState, expected) => {
      group.endpoints = group.endpoints.map((it) => (it.endpointId === green ? { ...it, healthState } : it));

      expect(await makeTarget().readHealth('green')).toEqual(expected);
      expect(await makeTarget().readHealth('blue')).toEqual({ healthy: 1, total: 1 });
    });

    test('begins no shift to an unhealthy endpoint', async () => {
      group.endpoints = group.endpoints.map((it) => ({ ...it, healthState: 'UNHEALTHY' }));
      const shifter = new TrafficShifter({ target: makeTarget(), clock: cloud.clock });

      await expect(shifter.shiftTo('green', allAtOnce())).rejects.toThrowError(/not ready for traffic/);
    });
  });
});
