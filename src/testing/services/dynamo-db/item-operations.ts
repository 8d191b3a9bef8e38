import type {
  DeleteItemCommandInput,
  DeleteItemCommandOutput,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  PutItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type OperationOutput, required } from '../../cloud/environment.js';
import type { Item } from './attribute-values.js';
import { parseProjection } from './document-projection.js';
import { ExpressionParameters } from './expression-tokens.js';
import { type PreparedWrite, prepareDelete, preparePut, prepareUpdate } from './item-writes.js';
import { runQuery } from './query.js';
import type { SimulatedItems } from './simulated-items.js';

/** Members of older requests that an expression replaces. */
const legacyMembers = [
  'AttributesToGet',
  'AttributeUpdates',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'IndexName',
] as const;

/** Creates the operations on items. `itemsOf` returns the items of a table that exists. */
export function itemOperations(itemsOf: (tableName: string) => SimulatedItems) {
  const open = (input: { TableName: string | undefined }): SimulatedItems => {
    const legacy = legacyMembers.find((name) => (input as Record<string, unknown>)[name] !== undefined);
    if (legacy !== undefined) throw new TypeError(`SimulatedCloud does not simulate ${legacy} of DynamoDB`);
    return itemsOf(required(input.TableName, 'TableName'));
  };
  return {
    GetItem: (input: GetItemCommandInput): OperationOutput<GetItemCommandOutput> => {
      const items = open(input);
      const key = items.requireKey(input.Key);
      const parameters = new ExpressionParameters(input);
      const projected = parseProjection(input.ProjectionExpression, parameters);
      parameters.requireAllUsed();
      const item = items.read(key, { isConsistent: input.ConsistentRead === true });
      return item === undefined ? {} : { Item: projected(item) };
    },

    PutItem: (input: PutItemCommandInput): OperationOutput<PutItemCommandOutput> =>
      attributes(write(preparePut(open(input), input))),

    UpdateItem: (input: UpdateItemCommandInput): OperationOutput<UpdateItemCommandOutput> =>
      attributes(write(prepareUpdate(open(input), input))),

    DeleteItem: (input: DeleteItemCommandInput): OperationOutput<DeleteItemCommandOutput> =>
      attributes(write(prepareDelete(open(input), input))),

    Query: (input: QueryCommandInput): OperationOutput<QueryCommandOutput> => runQuery(open(input), input),
  };
}

function write(prepared: PreparedWrite): Item | undefined {
  prepared.check();
  return prepared.apply();
}

function attributes(Attributes: Item | undefined) {
  return Attributes === undefined ? {} : { Attributes };
}
