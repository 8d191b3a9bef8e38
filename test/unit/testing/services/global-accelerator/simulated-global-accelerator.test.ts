import {
  DescribeAcceleratorCommand,
  type EndpointConfiguration,
  UpdateEndpointGroupCommand,
} from '@aws-sdk/client-global-accelerator';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud, type SimulatedEndpointGroup } from '../../../../../src/testing/index.js';

const loadBalancer = (name: string, account = '123456789012', kind = 'app') =>
  `arn:aws:elasticloadbalancing:eu-west-1:${account}:loadbalancer/${kind}/${name}/50dc6c495c0c9188`;

let cloud: SimulatedCloud;
let group: SimulatedEndpointGroup;

beforeEach(() => {
  cloud = new SimulatedCloud();
  group = cloud.globalAccelerator.addEndpointGroup({ endpoints: [{ endpointId: loadBalancer('blue') }] });
});

const update = (EndpointConfigurations?: EndpointConfiguration[]) =>
  cloud.clients.globalAccelerator.send(
    new UpdateEndpointGroupCommand({
      EndpointGroupArn: group.arn,
      EndpointConfigurations,
      TrafficDialPercentage: 50,
    }),
  );

describe('Class: SimulatedGlobalAccelerator', () => {
  test('replaces the whole list of endpoints, with defaults for what is left out', async () => {
    await update([
      { EndpointId: loadBalancer('green') },
      { EndpointId: loadBalancer('nlb', '123456789012', 'net') },
    ]);

    expect(group.endpoints).toEqual([
      { endpointId: loadBalancer('green'), weight: 128, isClientIpPreserved: true, healthState: 'INITIAL' },
      {
        endpointId: loadBalancer('nlb', '123456789012', 'net'),
        weight: 128,
        isClientIpPreserved: false,
        healthState: 'INITIAL',
      },
    ]);
  });

  test('keeps the endpoints without a list', async () => {
    const before = structuredClone(group.endpoints);

    await update();

    expect(group.endpoints).toEqual(before);
    expect(group.settings.TrafficDialPercentage).toBe(50);
  });

  test.each([
    [
      'an endpoint of another account without its attachment',
      { EndpointId: loadBalancer('x', '999999999999') },
    ],
    ['a weight above 255', { EndpointId: loadBalancer('x'), Weight: 256 }],
    ['no ID', {}],
  ])('refuses %s', async (_, configuration) => {
    await expect(update([configuration])).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  });

  test('is IN_PROGRESS until the change is deployed', async () => {
    await update([{ EndpointId: loadBalancer('blue'), Weight: 1 }]);
    const AcceleratorArn = group.arn.replace(/\/listener.*/, '');
    const status = async () => {
      const command = new DescribeAcceleratorCommand({ AcceleratorArn });
      return (await cloud.clients.globalAccelerator.send(command)).Accelerator?.Status;
    };

    expect(await status()).toBe('IN_PROGRESS');
    await cloud.clock.sleep(15_000);

    expect(await status()).toBe('DEPLOYED');
  });

  test('has its client in the only Region of the API', async () => {
    expect(await cloud.clients.globalAccelerator.config.region()).toBe('us-west-2');
  });
});
