import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type ReturnValue,
  type ReturnValuesOnConditionCheckFailure,
} from '@aws-sdk/client-dynamodb';
import { clientFault } from '../../cloud/environment.js';
import { type Item, invalid } from './attribute-values.js';
import { isMet, parseCondition } from './condition-expression.js';
import { project } from './document-paths.js';
import { type DocumentPath, ExpressionParameters } from './expression-tokens.js';
import type { SimulatedItems } from './simulated-items.js';
import { parseUpdate } from './update-expression.js';

/** The members that every write has. */
interface WriteInput {
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
  readonly ReturnValues?: ReturnValue | undefined;
}

/** A write that has been parsed and checked, but not made. */
export interface PreparedWrite {
  readonly items: SimulatedItems;
  readonly key: Item;
  /** Refuses the write when its condition fails, with the stored item when the request asks for it. */
  check(): void;
  /** Makes the write. Returns the attributes that the request asks for. */
  apply(): Item | undefined;
  /** Refuses an update that does not fit the stored item. */
  tryOut(): void;
}

/** Parses a PutItem. */
export function preparePut(
  items: SimulatedItems,
  input: WriteInput & { Item?: Item | undefined },
): PreparedWrite {
  const item = input.Item ?? {};
  const key = items.keyOf(item);
  items.requireStorable(item, 'Item size has exceeded the maximum allowed size');
  requireReturnValues(input, ['NONE', 'ALL_OLD']);
  return prepare(items, key, input, { change: () => item });
}

/** Parses a DeleteItem. */
export function prepareDelete(
  items: SimulatedItems,
  input: WriteInput & { Key?: Item | undefined },
): PreparedWrite {
  const key = items.requireKey(input.Key);
  requireReturnValues(input, ['NONE', 'ALL_OLD']);
  return prepare(items, key, input, { change: () => undefined });
}

/** Parses a ConditionCheck of a transaction. */
export function prepareCheck(
  items: SimulatedItems,
  input: WriteInput & { Key?: Item | undefined },
): PreparedWrite {
  const key = items.requireKey(input.Key);
  return prepare(items, key, input, { change: undefined });
}

/** Parses an UpdateItem, which creates the item when there is none. */
export function prepareUpdate(
  items: SimulatedItems,
  input: WriteInput & { Key?: Item | undefined; UpdateExpression?: string | undefined },
): PreparedWrite {
  const key = items.requireKey(input.Key);
  const parameters = new ExpressionParameters(input);
  const { UpdateExpression } = input;
  const update = UpdateExpression === undefined ? undefined : parseUpdate(UpdateExpression, parameters);
  const changedKey = update?.paths.find(([name]) => items.keyNames.includes(String(name)));
  if (changedKey !== undefined) {
    throw invalid(
      `One or more parameter values were invalid: Cannot update attribute ${changedKey[0]}. This attribute is part of the key`,
    );
  }
  const change = (old: Item | undefined) => {
    const base = old ?? key;
    const changed = update?.apply(base) ?? base;
    items.requireStorable(changed, 'Item size to update has exceeded the maximum allowed size');
    return changed;
  };
  return prepare(items, key, input, { change, parameters, paths: update?.paths });
}

function prepare(
  items: SimulatedItems,
  key: Item,
  input: WriteInput,
  {
    change,
    parameters = new ExpressionParameters(input),
    paths = [],
  }: {
    change: ((old: Item | undefined) => Item | undefined) | undefined;
    parameters?: ExpressionParameters;
    paths?: readonly DocumentPath[] | undefined;
  },
): PreparedWrite {
  const { ConditionExpression } = input;
  const condition =
    ConditionExpression === undefined
      ? undefined
      : parseCondition(ConditionExpression, 'ConditionExpression', parameters);
  parameters.requireAllUsed();
  return {
    items,
    key,
    check() {
      const stored = items.find(key);
      if (condition === undefined || isMet(condition, stored)) return;
      const returnsItem = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && stored !== undefined;
      throw new ConditionalCheckFailedException({
        ...clientFault('The conditional request failed'),
        ...(returnsItem && { Item: stored }),
      });
    },
    tryOut: () => void change?.(items.find(key)),
    apply() {
      const old = items.find(key);
      if (change === undefined) return undefined;
      const changed = change(old);
      if (changed !== undefined || old !== undefined) items.write(key, changed);
      return returned(input.ReturnValues, { old, changed, paths });
    },
  };
}

function returned(
  wanted: ReturnValue | undefined,
  {
    old,
    changed,
    paths,
  }: { old: Item | undefined; changed: Item | undefined; paths: readonly DocumentPath[] },
): Item | undefined {
  if (wanted === 'ALL_OLD') return old;
  if (wanted === 'ALL_NEW') return changed;
  const source = wanted === 'UPDATED_OLD' ? old : wanted === 'UPDATED_NEW' ? changed : undefined;
  const part = source === undefined ? {} : project(source, paths);
  return Object.keys(part).length > 0 ? part : undefined;
}

function requireReturnValues({ ReturnValues }: WriteInput, allowed: readonly string[]): void {
  if (ReturnValues === undefined || allowed.includes(ReturnValues)) return;
  throw invalid('Return values set to invalid value');
}
