import { DynamoSwapRecord } from '../../../src/swap/dynamo/dynamo-swap-record.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { ObservedChanges } from './observed-changes.js';

/** Creates a table whose records are observed as they are stored. */
export function observedTable(cloud: SimulatedCloud, observed: ObservedChanges): DynamoSwapRecord {
  const { clients, clock, dynamoDb } = cloud;
  dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  const operations: Record<string, (input: never) => unknown> = dynamoDb.operations;
  const { PutItem } = dynamoDb.operations;
  operations['PutItem'] = (input: Parameters<typeof PutItem>[0]) => {
    const output = PutItem(input);
    if (input.TableName === 'stack-swaps') observed.stored(JSON.parse(input.Item?.['record']?.S ?? ''));
    return output;
  };
  return new DynamoSwapRecord({ tableName: 'stack-swaps', clients, clock });
}
