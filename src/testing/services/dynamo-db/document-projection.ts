import type { Item } from './attribute-values.js';
import { project, requireDisjoint } from './document-paths.js';
import { type DocumentPath, type ExpressionParameters, ExpressionTokens } from './expression-tokens.js';

const kind = 'ProjectionExpression';

/** Returns a function that keeps the projected parts of an item, and all of it without an expression. */
export function parseProjection(
  expression: string | undefined,
  parameters: ExpressionParameters,
): (item: Item) => Item {
  if (expression === undefined) return (item) => item;
  const tokens = new ExpressionTokens(expression, kind, parameters);
  const paths: DocumentPath[] = [tokens.readPath()];
  while (tokens.takes(',')) paths.push(tokens.readPath());
  if (!tokens.isAtEnd) throw tokens.syntaxError();
  requireDisjoint(paths, kind);
  return (item) => project(item, paths);
}
