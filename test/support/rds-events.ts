import type { SnsEventRecord } from '../../src/aurora/index.js';

/** The SNS record of an RDS event, as RDS writes it; fields can be changed, or taken out with `undefined`. */
export function rdsEventRecord(
  instance: string | undefined,
  changes: Readonly<Record<string, unknown>> = {},
): SnsEventRecord {
  const message = {
    'Event Source': 'db-instance',
    'Event Time': '2026-01-01 00:00:00.000',
    'Identifier Link': `https://console.aws.amazon.com/rds/home?region=eu-west-1#dbinstance:id=${instance}`,
    'Source ID': instance,
    'Source ARN': `arn:aws:rds:eu-west-1:123456789012:db:${instance}`,
    'Event ID':
      'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#RDS-EVENT-0005',
    'Event Message': 'DB instance created',
    ...changes,
  };
  return { Sns: { Message: JSON.stringify(message) } };
}

/** The event that Performance Insights was turned off: RDS gives it no ID of its own. */
export function insightsDisabledRecord(instance: string): SnsEventRecord {
  return rdsEventRecord(instance, {
    'Event ID': 'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#',
    'Event Message': 'Performance Insights has been disabled',
  });
}
