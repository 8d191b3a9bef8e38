import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { SimulatedCloud } from '../../src/testing/index.js';
import { Route53WeightedRecordTarget } from '../../src/traffic/route-53/index.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

const name = 'api.example.com.';

/** Sets up weighted records with values, or alias records of two load balancers, among other records of the zone. */
export function setUpWeightedRecord(kind: 'values' | 'alias') {
  return (weights: TrafficWeights, cloud = new SimulatedCloud()): TargetSetUp => {
    const healthCheckId = cloud.route53.addHealthCheck().id;
    const zone = cloud.route53.addHostedZone({
      name: 'example.com',
      records: [
        { Name: 'api.example.com', Type: 'TXT', TTL: 5, ResourceRecords: [{ Value: '"text"' }] },
        { Name: 'www.example.com', Type: 'A', TTL: 5, ResourceRecords: [{ Value: '192.0.2.9' }] },
      ],
    });
    const recordOf = (stack: string, Weight: number): ResourceRecordSet => ({
      Name: name,
      Type: 'A',
      SetIdentifier: stack,
      Weight,
      HealthCheckId: healthCheckId,
      ...(kind === 'values'
        ? { TTL: 30, ResourceRecords: [{ Value: '192.0.2.1' }] }
        : {
            AliasTarget: {
              HostedZoneId: 'Z32O12XQLNTSW2',
              DNSName: `${stack}.eu-west-1.elb.amazonaws.com.`,
              EvaluateTargetHealth: true,
            },
          }),
    });
    const others = zone.records;
    const set = (records: readonly ResourceRecordSet[]) => {
      zone.records = [...others, ...records];
    };
    const pair = ({ blue, green }: TrafficWeights) => [recordOf('blue', blue), recordOf('green', green)];
    set(pair(weights));
    return {
      cloud,
      target: new Route53WeightedRecordTarget({
        hostedZoneId: zone.id,
        recordName: 'API.example.com',
        blue: { setIdentifier: 'blue' },
        green: { setIdentifier: 'green' },
        clients: cloud.clients,
        clock: cloud.clock,
        logger: brokenLogger,
      }),
      readRaw: () => sorted(zone.records),
      withoutWeights: (raw) => (raw as ResourceRecordSet[]).map((it) => ({ ...it, Weight: 0 })),
      externalWrite: (other) => set(pair(other)),
      addForeignDestination: () => set([...pair({ blue: 80, green: 10 }), recordOf('old', 10)]),
    };
  };
}

/** Sorts records, because a record that is created again is the last one. */
function sorted(records: readonly ResourceRecordSet[]): ResourceRecordSet[] {
  const keyOf = ({ Name, Type, SetIdentifier = '' }: ResourceRecordSet) => `${Name} ${Type} ${SetIdentifier}`;
  return records.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}
