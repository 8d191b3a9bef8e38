import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Item, invalid } from './attribute-values.js';
import { type Comparator, functions, holds, isComparator } from './condition-operators.js';
import { valueAt } from './document-paths.js';
import { type DocumentPath, type ExpressionParameters, ExpressionTokens } from './expression-tokens.js';

/** A value of the request, a value of the item, or the size of one. */
export type Operand =
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'path'; readonly path: DocumentPath }
  | { readonly kind: 'size'; readonly of: Operand };

/** A parsed condition. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly operands: readonly Operand[] }
  | { readonly kind: 'function'; readonly name: string; readonly operands: readonly Operand[] };

/**
 * Parses a ConditionExpression, a FilterExpression or a KeyConditionExpression.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export function parseCondition(
  expression: string,
  kind: string,
  parameters: ExpressionParameters,
): Condition {
  const tokens = new ExpressionTokens(expression, kind, parameters);
  const condition = readOr(tokens);
  if (!tokens.isAtEnd) throw tokens.syntaxError();
  return condition;
}

/** Returns true when the item, or the absence of one, meets the condition. */
export function isMet(condition: Condition, item: Item | undefined): boolean {
  switch (condition.kind) {
    case 'and':
      return isMet(condition.left, item) && isMet(condition.right, item);
    case 'or':
      return isMet(condition.left, item) || isMet(condition.right, item);
    case 'not':
      return !isMet(condition.condition, item);
    default: {
      const values = condition.operands.map((operand) => resolveOperand(operand, item ?? {}));
      if (condition.kind === 'compare') return holds(condition.comparator, values);
      return functions.get(condition.name)?.isTrue(values) ?? false;
    }
  }
}

function resolveOperand(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'path') return valueAt(item, operand.path);
  const size = functions.size(resolveOperand(operand.of, item));
  return size === undefined ? undefined : { N: String(size) };
}

function readOr(tokens: ExpressionTokens): Condition {
  let left = readAnd(tokens);
  while (tokens.takes('OR')) left = { kind: 'or', left, right: readAnd(tokens) };
  return left;
}

function readAnd(tokens: ExpressionTokens): Condition {
  let left = readNot(tokens);
  while (tokens.takes('AND')) left = { kind: 'and', left, right: readNot(tokens) };
  return left;
}

function readNot(tokens: ExpressionTokens): Condition {
  return tokens.takes('NOT') ? { kind: 'not', condition: readNot(tokens) } : readPrimary(tokens);
}

function readPrimary(tokens: ExpressionTokens): Condition {
  if (tokens.takes('(')) {
    const condition = readOr(tokens);
    tokens.expect(')');
    return condition;
  }
  if (tokens.peek(1) === '(' && tokens.peek() !== 'size') return readFunction(tokens);
  const first = readOperand(tokens);
  if (tokens.takes('BETWEEN')) {
    const low = readOperand(tokens);
    tokens.expect('AND');
    return comparison(tokens, 'BETWEEN', [first, low, readOperand(tokens)]);
  }
  if (tokens.takes('IN')) return comparison(tokens, 'IN', [first, ...readList(tokens)]);
  const comparator = tokens.read();
  if (!isComparator(comparator)) throw tokens.syntaxError();
  return comparison(tokens, comparator, [first, readOperand(tokens)]);
}

function comparison(tokens: ExpressionTokens, comparator: Comparator, operands: Operand[]): Condition {
  const [first, second] = operands;
  if (first?.kind === 'path' && second?.kind === 'path' && first.path.join('.') === second.path.join('.')) {
    throw invalid(
      `Invalid ${tokens.kind}: The first operand must be distinct from the remaining operands for this operator or function; ` +
        `operator: ${comparator}, first operand: [${first.path.join(', ')}]`,
    );
  }
  return { kind: 'compare', comparator, operands };
}

function readFunction(tokens: ExpressionTokens): Condition {
  const name = tokens.read();
  const known = functions.get(name);
  if (known === undefined) throw invalid(`Invalid ${tokens.kind}: Invalid function name; function: ${name}`);
  const operands = readList(tokens);
  if (operands.length !== known.operands) {
    throw invalid(
      `Invalid ${tokens.kind}: Incorrect number of operands for operator or function; operator or function: ${name}, ` +
        `number of operands: ${operands.length}`,
    );
  }
  if (operands[0]?.kind !== 'path' && name.startsWith('attribute_')) {
    throw invalid(
      `Invalid ${tokens.kind}: Operator or function requires a document path; operator or function: ${name}`,
    );
  }
  return { kind: 'function', name, operands };
}

function readList(tokens: ExpressionTokens): Operand[] {
  tokens.expect('(');
  const operands = [readOperand(tokens)];
  while (tokens.takes(',')) operands.push(readOperand(tokens));
  tokens.expect(')');
  return operands;
}

function readOperand(tokens: ExpressionTokens): Operand {
  if (tokens.peek() === 'size' && tokens.peek(1) === '(') {
    tokens.read();
    const [of, ...others] = readList(tokens);
    if (of === undefined || others.length > 0) throw tokens.syntaxError();
    return { kind: 'size', of };
  }
  if (!tokens.peek().startsWith(':')) return { kind: 'path', path: tokens.readPath() };
  return { kind: 'value', value: tokens.parameters.valueOf(tokens.read(), tokens.kind) };
}
