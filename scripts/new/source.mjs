import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Reads a file of the repository. */
export function readText(root, file) {
  return readFileSync(join(root, file), 'utf8');
}

/** Parses the text of a TypeScript file. */
export function parse(text) {
  return ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2022, true);
}

/** Returns the first node, outermost first, that fits. */
export function findNode(node, fits) {
  return fits(node) ? node : ts.forEachChild(node, (child) => findNode(child, fits));
}

/** Inserts text before or after the line of a pattern: before its first match, or after its last one. */
export function insertAtLine(text, { before, after }, addition) {
  const lines = text.split('\n');
  const index =
    before === undefined
      ? lines.findLastIndex((line) => after.test(line)) + 1
      : lines.findIndex((line) => before.test(line));
  if (index < (before === undefined ? 1 : 0)) throw new Error(`no line matches ${before ?? after}`);
  return lines.toSpliced(index, 0, ...addition.split('\n')).join('\n');
}

/** Inserts an element at the end of the array or object that a variable or property of this name holds. */
export function insertIntoLiteral(text, name, addition) {
  const literal = findLiteral(text, name);
  if (literal === undefined) throw new Error(`no array or object literal is named ${name}`);
  const items = literal.elements ?? literal.properties;
  const end = items.length === 0 ? literal.getStart() + 1 : items.end;
  const separator = items.length > 0 && !items.hasTrailingComma ? ',' : '';
  return `${text.slice(0, end)}${separator}\n${addition},${text.slice(end).replace(/^,/, '')}`;
}

/** Returns the array or object that a variable or property of this name holds. */
export function findLiteral(text, name) {
  const declaration = findNode(
    parse(text),
    (node) =>
      (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) &&
      node.name.getText() === name &&
      literalIn(node.initializer) !== undefined,
  );
  return literalIn(declaration?.initializer);
}

function literalIn(node) {
  if (node === undefined) return undefined;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return literalIn(node.expression);
  return ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node) ? node : undefined;
}

/** Inserts names into the imports or exports from a module. Adds a statement when there is none for values. */
export function insertNames(text, { from, names }) {
  const lists = [];
  findNode(parse(text), (node) => {
    if ((ts.isNamedImports(node) || ts.isNamedExports(node)) && moduleOf(node) === from) lists.push(node);
    return false;
  });
  const present = new Set(lists.flatMap((list) => list.elements.map((it) => it.name.text)));
  const missing = names.filter((it) => !present.has(it.replace('type ', '')));
  const list = lists.find((it) => !isTypeOnly(it.parent));
  if (missing.length === 0) return text;
  if (list === undefined) return `import { ${missing.join(', ')} } from '${from}';\n${text}`;
  const start = list.getStart() + 1;
  return `${text.slice(0, start)} ${missing.join(', ')}, ${text.slice(start)}`;
}

function moduleOf(list) {
  return (list.parent.moduleSpecifier ?? list.parent.parent.moduleSpecifier)?.text;
}

function isTypeOnly(node) {
  return ts.isImportClause(node) ? node.phaseModifier === ts.SyntaxKind.TypeKeyword : node.isTypeOnly;
}
