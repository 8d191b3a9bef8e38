import type { MethodPermissions } from '../../core/permissions.js';

const listRecords = { action: 'route53:ListResourceRecordSets', resources: ['hostedZone'] } as const;
const whenHealthCheck = { resources: ['healthCheck'], when: 'healthCheck' } as const;

/** Permissions of `Route53WeightedRecordTarget`. A write without a recent reading reads first. */
export const route53Permissions = {
  'Route53WeightedRecordTarget.readHealth': [
    listRecords,
    { action: 'route53:GetHealthCheck', ...whenHealthCheck },
    { action: 'route53:GetHealthCheckStatus', ...whenHealthCheck },
  ],
  'Route53WeightedRecordTarget.readWeights': [listRecords],
  'Route53WeightedRecordTarget.writeWeights': [
    listRecords,
    { action: 'route53:ChangeResourceRecordSets', resources: ['hostedZone'] },
    { action: 'route53:GetChange', resources: ['dnsChange'] },
  ],
} as const satisfies MethodPermissions;
