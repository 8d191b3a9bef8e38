import { expectTypeOf, test } from 'vitest';
import { type IamPolicyDocument, iamPolicyFor } from '../../src/index.js';

const queue = 'arn:aws:sqs:eu-west-1:111122223333:orders';
const table = 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders';

test('iamPolicyFor wants the resources of its methods, and of no others', () => {
  expectTypeOf(iamPolicyFor(['SqsTools.purgeQueues'], { queue })).toEqualTypeOf<IamPolicyDocument>();
  iamPolicyFor(['SqsTools.purgeQueues'], { queue: [queue], table });
  iamPolicyFor(['SqsTools.purgeQueues'], '*');
  iamPolicyFor(['SnsTools.enableSubscription', 'cloudWatchMetric', 'TrafficShifter.shiftTo']);
  iamPolicyFor(['DynamoTools.deleteTable'], { table, backup: '*' });
  iamPolicyFor(['DynamoTools.deleteTable'], { table }, { without: ['backup'] });

  // @ts-expect-error the queue is missing
  iamPolicyFor(['SqsTools.purgeQueues']);
  // @ts-expect-error the queue is missing
  iamPolicyFor(['SqsTools.purgeQueues'], { table });
  // @ts-expect-error the backup is missing, unless there is none
  iamPolicyFor(['DynamoTools.deleteTable'], { table });
  // @ts-expect-error no such kind of resource
  iamPolicyFor(['SqsTools.purgeQueues'], { queue, topics: '*' });
  // @ts-expect-error no such method
  iamPolicyFor(['SqsTools.purge'], '*');
  // @ts-expect-error no such condition
  iamPolicyFor(['SqsTools.purgeQueues'], { queue }, { without: ['backups'] });
});
