import {
  type CancellationReason,
  ConditionalCheckFailedException,
  IdempotentParameterMismatchException,
  type TransactGetItemsCommandInput,
  type TransactGetItemsCommandOutput,
  TransactionCanceledException,
  type TransactWriteItem,
  type TransactWriteItemsCommandInput,
  type TransactWriteItemsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { ServiceException } from '@smithy/core/client';
import { clientFault, type OperationOutput, required } from '../../cloud/environment.js';
import { invalid } from './attribute-values.js';
import { parseProjection } from './document-projection.js';
import { ExpressionParameters } from './expression-tokens.js';
import { type PreparedWrite, prepareCheck, prepareDelete, preparePut, prepareUpdate } from './item-writes.js';
import type { SimulatedItems } from './simulated-items.js';

const maxActions = 100;
const tokenMilliseconds = 10 * 60_000;

/**
 * Creates the operations of transactions.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export function transactionOperations(itemsOf: (tableName: string) => SimulatedItems, now: () => number) {
  const completed = new Map<string, { readonly request: string; readonly at: number }>();
  return {
    TransactWriteItems: (
      input: TransactWriteItemsCommandInput,
    ): OperationOutput<TransactWriteItemsCommandOutput> => {
      const { ClientRequestToken: token, ...rest } = input;
      const request = JSON.stringify(rest);
      const earlier = token === undefined ? undefined : completed.get(token);
      if (earlier !== undefined && now() - earlier.at < tokenMilliseconds) {
        if (earlier.request === request) return {};
        throw new IdempotentParameterMismatchException(
          clientFault('The ClientRequestToken was used with other parameters in the last 10 minutes'),
        );
      }
      writeAll(requireActions(input.TransactItems).map((action) => prepareAction(action, itemsOf)));
      if (token !== undefined) completed.set(token, { request, at: now() });
      return {};
    },

    TransactGetItems: (
      input: TransactGetItemsCommandInput,
    ): OperationOutput<TransactGetItemsCommandOutput> => ({
      Responses: requireActions(input.TransactItems).map(({ Get }) => {
        const get = required(Get, 'Get');
        const items = itemsOf(required(get.TableName, 'TableName'));
        const parameters = new ExpressionParameters(get);
        const projected = parseProjection(get.ProjectionExpression, parameters);
        parameters.requireAllUsed();
        const item = items.find(items.requireKey(get.Key));
        return item === undefined ? {} : { Item: projected(item) };
      }),
    }),
  };
}

function requireActions<Action>(actions: readonly Action[] | undefined): readonly Action[] {
  const { length } = actions ?? [];
  if (length >= 1 && length <= maxActions) return actions ?? [];
  throw invalid(
    `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length from 1 to ${maxActions}, got ${length}`,
  );
}

function prepareAction(
  action: TransactWriteItem,
  itemsOf: (tableName: string) => SimulatedItems,
): PreparedWrite {
  const { Put, Update, Delete, ConditionCheck, ...others } = action;
  if (Object.keys(others).length > 0 || Object.values(action).filter(Boolean).length !== 1)
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  const table = (Put ?? Update ?? Delete ?? ConditionCheck)?.TableName;
  const items = itemsOf(required(table, 'TableName'));
  if (Put) return preparePut(items, Put);
  if (Update) return prepareUpdate(items, Update);
  return Delete ? prepareDelete(items, Delete) : prepareCheck(items, ConditionCheck ?? {});
}

/** Makes all writes or none. */
function writeAll(writes: readonly PreparedWrite[]): void {
  const isRepeated = writes.some(({ items, key }, index) =>
    writes.slice(index + 1).some((other) => other.items === items && items.compareKeys(key, other.key) === 0),
  );
  if (isRepeated) throw invalid('Transaction request cannot include multiple operations on one item');
  const reasons = writes.map(cancellationReason);
  if (reasons.some(({ Code }) => Code !== 'None')) {
    const codes = reasons.map(({ Code }) => Code).join(', ');
    throw new TransactionCanceledException({
      ...clientFault(
        `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      ),
      CancellationReasons: reasons,
    });
  }
  for (const write of writes) write.apply();
}

/** A reason without a problem has the code `None`, a string. */
function cancellationReason(write: PreparedWrite): CancellationReason {
  try {
    write.check();
    write.tryOut();
    return { Code: 'None' };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return {
        Code: 'ConditionalCheckFailed',
        Message: error.message,
        ...(error.Item !== undefined && { Item: error.Item }),
      };
    }
    if (error instanceof ServiceException) return { Code: 'ValidationError', Message: error.message };
    throw error;
  }
}
