import type { MethodPermissions } from '../core/permissions.js';

const describe = { action: 'kinesis:DescribeStreamConsumer', resources: ['consumer'] } as const;

/** IAM permissions of `KinesisTools`. */
export const kinesisPermissions = {
  'KinesisTools.deregisterConsumer': [
    describe,
    { action: 'kinesis:DeregisterStreamConsumer', resources: ['consumer'] },
  ],
  'KinesisTools.describeConsumer': [describe],
  'KinesisTools.registerConsumer': [
    describe,
    { action: 'kinesis:RegisterStreamConsumer', resources: ['stream'] },
  ],
  'KinesisTools.waitForConsumerState': [describe],
} as const satisfies MethodPermissions;
