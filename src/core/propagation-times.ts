/** Seconds from when AWS has accepted a change until it is in effect everywhere. AWS does not report the end. */
export const propagationTimes = {
  /**
   * A filter policy of SNS: up to 15 minutes.
   *
   * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
   */
  filterPolicy: 900,
  /**
   * The state of an EventBridge rule: "a short period of time", for which AWS names no number. A minute is ample.
   *
   * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html
   */
  eventRule: 60,
  /**
   * The state of an EventBridge Scheduler schedule, for which AWS names no time. Schedules have a precision of 60 seconds.
   *
   * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
   */
  schedule: 60,
  /**
   * A purge of an SQS queue: up to 60 seconds, whatever the size of the queue.
   *
   * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
   */
  purge: 60,
} as const;
