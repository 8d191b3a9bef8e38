import type { QueryCommandInput, QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import type { OperationOutput } from '../../cloud/environment.js';
import { type Item, invalid } from './attribute-values.js';
import { type Condition, isMet, type Operand, parseCondition } from './condition-expression.js';
import { parseProjection } from './document-projection.js';
import { ExpressionParameters } from './expression-tokens.js';
import type { SimulatedItems } from './simulated-items.js';

/**
 * Runs a Query on the table itself. A page ends after `Limit` items that were read, before the filter.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
 */
export function runQuery(
  items: SimulatedItems,
  input: QueryCommandInput,
): OperationOutput<QueryCommandOutput> {
  const { KeyConditionExpression, FilterExpression, ExclusiveStartKey, Limit } = input;
  if (KeyConditionExpression === undefined)
    throw invalid(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  if (Limit !== undefined && Limit < 1)
    throw invalid(`1 validation error detected: Value '${Limit}' at 'limit' failed to satisfy constraint`);
  const parameters = new ExpressionParameters(input);
  const keyCondition = parseCondition(KeyConditionExpression, 'KeyConditionExpression', parameters);
  requireKeyCondition(keyCondition, items);
  const filter =
    FilterExpression === undefined
      ? undefined
      : parseCondition(FilterExpression, 'FilterExpression', parameters);
  const projected = parseProjection(input.ProjectionExpression, parameters);
  parameters.requireAllUsed();

  const found = items
    .readAll({ isConsistent: input.ConsistentRead === true })
    .filter((item) => isMet(keyCondition, item));
  if (input.ScanIndexForward === false) found.reverse();
  const start = startAfter(items, found, ExclusiveStartKey, input.ScanIndexForward !== false);
  const page = found.slice(start, start + (Limit ?? found.length));
  const matching = page.filter((item) => filter === undefined || isMet(filter, item));
  const last = page.at(-1);
  const isFull = Limit !== undefined && page.length === Limit && last !== undefined;
  return {
    ...(input.Select !== 'COUNT' && { Items: matching.map(projected) }),
    Count: matching.length,
    ScannedCount: page.length,
    ...(isFull && { LastEvaluatedKey: items.keyOf(last) }),
  };
}

/** The item of the key may have been deleted since the last page; the next one follows it in the order of the keys. */
function startAfter(
  items: SimulatedItems,
  found: readonly Item[],
  key: Item | undefined,
  isForward: boolean,
): number {
  if (key === undefined) return 0;
  const after = items.requireKey(key);
  const index = found.findIndex((item) => {
    const order = items.compareKeys(item, after);
    return isForward ? order > 0 : order < 0;
  });
  return index === -1 ? found.length : index;
}

/** Requires equality of the partition key, and at most one condition on the sort key. */
function requireKeyCondition(condition: Condition, { key }: SimulatedItems): void {
  const parts = condition.kind === 'and' ? [condition.left, condition.right] : [condition];
  const names = parts.map(nameIn);
  const onPartition = parts[names.indexOf(key.partition.name)];
  if (onPartition?.kind !== 'compare' || onPartition.comparator !== '=')
    throw invalid(
      names.includes(key.partition.name)
        ? 'Query key condition not supported'
        : `Query condition missed key schema element: ${key.partition.name}`,
    );
  const others = names.filter((name) => name !== key.partition.name);
  if (others.some((name) => name === undefined || name !== key.sort?.name))
    throw invalid('Query key condition not supported');
}

function nameIn(condition: Condition): string | undefined {
  if (condition.kind !== 'compare' && condition.kind !== 'function') return undefined;
  const isSupported =
    condition.kind === 'compare'
      ? condition.comparator !== '<>' && condition.comparator !== 'IN'
      : condition.name === 'begins_with';
  const [operand, ...others]: readonly Operand[] = condition.operands;
  const hasValues = others.every(({ kind }) => kind === 'value');
  if (!isSupported || operand?.kind !== 'path' || operand.path.length !== 1 || !hasValues) return undefined;
  return String(operand.path[0]);
}
