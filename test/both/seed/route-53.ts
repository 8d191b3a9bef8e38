import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { Backend } from '../../support/backend.js';

/** Creates a hosted zone with records. Returns its ID. */
export async function seedHostedZone(
  { cloud, clients }: Backend,
  zone: {
    readonly name: string;
    readonly isPrivate?: boolean;
    readonly records: readonly ResourceRecordSet[];
  },
): Promise<string> {
  if (cloud !== undefined) return cloud.route53.addHostedZone(zone).id;
  const { HostedZone } = await clients.route53.send(
    new CreateHostedZoneCommand({
      Name: zone.name,
      CallerReference: zone.name,
      ...(zone.isPrivate && {
        HostedZoneConfig: { PrivateZone: true },
        VPC: { VPCId: 'vpc-1', VPCRegion: 'eu-west-1' },
      }),
    }),
  );
  const id = `${HostedZone?.Id}`;
  const Changes = zone.records.map((it) => ({ Action: 'CREATE' as const, ResourceRecordSet: it }));
  await clients.route53.send(
    new ChangeResourceRecordSetsCommand({ HostedZoneId: id, ChangeBatch: { Changes } }),
  );
  return id;
}
