import type { RdsEventBridgeEvent, SnsEventRecord } from '../../src/aurora/index.js';

/** The SNS record of an RDS event, as RDS writes it; fields can be changed, or removed with `undefined`. */
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

/** The SNS record of the event that Performance Insights was disabled, which has no event ID of its own. */
export function insightsDisabledRecord(instance: string): SnsEventRecord {
  return rdsEventRecord(instance, {
    'Event ID': 'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#',
    'Event Message': 'Performance Insights has been disabled',
  });
}

/** The same event as EventBridge delivers it; fields of its detail can be changed, or removed with `undefined`. */
export function rdsEventBridgeEvent(
  instance: string | undefined,
  changes: Readonly<Record<string, unknown>> = {},
): RdsEventBridgeEvent {
  const arn = `arn:aws:rds:eu-west-1:123456789012:db:${instance}`;
  const event = {
    version: '0',
    id: '68f6e973-1a0c-d37b-f2f2-94a7f62ffd4e',
    'detail-type': 'RDS DB Instance Event',
    source: 'aws.rds' as const,
    account: '123456789012',
    time: '2026-01-01T00:00:00Z',
    region: 'eu-west-1',
    resources: [arn],
    detail: {
      EventCategories: ['creation'],
      SourceType: 'DB_INSTANCE',
      SourceArn: arn,
      SourceIdentifier: instance,
      Date: '2026-01-01T00:00:00.000Z',
      Message: 'DB instance created',
      EventID: 'RDS-EVENT-0005',
      ...changes,
    },
  };
  return event;
}

/** An event in all forms in which a Lambda function may receive it. */
export function inAllForms(instance: string, event: 'created' | 'insightsDisabled' = 'created') {
  const text = 'Performance Insights has been disabled';
  const eventBridge = rdsEventBridgeEvent(
    instance,
    event === 'created' ? {} : { EventID: undefined, Message: text },
  );
  return [
    ['SNS', event === 'created' ? rdsEventRecord(instance) : insightsDisabledRecord(instance)],
    ['EventBridge through SNS', { Sns: { Message: JSON.stringify(eventBridge) } }],
    ['EventBridge', eventBridge],
  ] as const;
}
