import { SimulatedCloud } from '../../src/testing/index.js';
import { GlobalAcceleratorTarget } from '../../src/traffic/global-accelerator/index.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

const loadBalancer = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/${name}/50dc6c495c0c9188`;

/** Sets up an endpoint group with every setting that it can have, and without client IP preservation for blue. */
export function setUpEndpointGroup(weights: TrafficWeights, cloud = new SimulatedCloud()): TargetSetUp {
  const { blue, green } = { blue: loadBalancer('blue'), green: loadBalancer('green') };
  const group = cloud.globalAccelerator.addEndpointGroup({
    endpoints: [
      { endpointId: blue, weight: weights.blue, isClientIpPreserved: false },
      { endpointId: green, weight: weights.green, isClientIpPreserved: true },
    ],
    settings: {
      TrafficDialPercentage: 60,
      HealthCheckProtocol: 'HTTPS',
      HealthCheckPath: '/healthy',
      HealthCheckPort: 8443,
      ThresholdCount: 2,
      PortOverrides: [{ ListenerPort: 443, EndpointPort: 8443 }],
    },
  });
  const [one, other] = group.endpoints;
  if (one === undefined || other === undefined) throw new TypeError('The group has fewer than two endpoints');
  return {
    cloud,
    target: new GlobalAcceleratorTarget({
      endpointGroupArn: group.arn,
      blue: { endpointId: blue },
      green: { endpointId: green },
      clients: cloud.clients,
      clock: cloud.clock,
      logger: brokenLogger,
    }),
    readRaw: () => ({ settings: group.settings, endpoints: group.endpoints }),
    withoutWeights: (raw) => JSON.parse(JSON.stringify(raw).replaceAll(/"weight":\d+/g, '"weight":0')),
    externalWrite: (written) => {
      group.endpoints = [
        { ...one, weight: written.blue },
        { ...other, weight: written.green },
      ];
    },
    addForeignDestination: () => {
      group.endpoints = [...group.endpoints, { ...one, endpointId: loadBalancer('old'), weight: 5 }];
    },
  };
}
