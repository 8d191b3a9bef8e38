import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Item, invalid } from './attribute-values.js';
import type { DocumentPath } from './expression-tokens.js';

/** Returns the value at the path; undefined when there is none. */
export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const part of path) value = childOf(value, part);
  return value;
}

function childOf(value: AttributeValue | undefined, part: string | number): AttributeValue | undefined {
  if (typeof part === 'number') return value?.L?.[part];
  return value?.M !== undefined && Object.hasOwn(value.M, part) ? value.M[part] : undefined;
}

/** Writes a value into the item. An index beyond the end of a list appends. */
export function setAt(item: Item, path: DocumentPath, value: AttributeValue): void {
  const { parent, last } = parentOf(item, path);
  if (typeof last === 'string' && parent.M !== undefined) parent.M[last] = value;
  else if (typeof last === 'number' && parent.L !== undefined)
    parent.L[Math.min(last, parent.L.length)] = value;
  else throw invalidPath();
}

/** Removes values from the item. The indexes of a list are those before the removal. */
export function removeAt(item: Item, paths: readonly DocumentPath[]): void {
  const highestIndexFirst = [...paths].sort((one, other) => Number(other.at(-1)) - Number(one.at(-1)) || 0);
  for (const path of highestIndexFirst) {
    const { parent, last } = parentOf(item, path);
    if (typeof last === 'string' && parent.M !== undefined) delete parent.M[last];
    else if (typeof last === 'number' && parent.L !== undefined) parent.L.splice(last, 1);
    else throw invalidPath();
  }
}

/** Returns a part of the item that holds only these paths, as a projection does. */
export function project(item: Item, paths: readonly DocumentPath[]): Item {
  const projected: Item = {};
  for (const path of paths) {
    const value = valueAt(item, path);
    if (value !== undefined) graft(projected, path, value);
  }
  return projected;
}

/** Refuses paths of which one contains another: the result would depend on their order. */
export function requireDisjoint(paths: readonly DocumentPath[], kind: string): void {
  for (const [index, one] of paths.entries()) {
    const clash = paths.slice(index + 1).find((other) => isWithin(one, other) || isWithin(other, one));
    if (clash === undefined) continue;
    throw invalid(
      `Invalid ${kind}: Two document paths overlap with each other; must remove or rewrite one of these paths; ` +
        `path one: [${one.join(', ')}], path two: [${clash.join(', ')}]`,
    );
  }
}

function isWithin(path: DocumentPath, other: DocumentPath): boolean {
  return other.every((part, index) => path[index] === part);
}

/** A list in a projection keeps only its projected elements, in order. */
function graft(root: Item, path: DocumentPath, value: AttributeValue): void {
  let node: AttributeValue = { M: root };
  for (const [index, part] of path.entries()) {
    const next = path[index + 1];
    const empty: AttributeValue = typeof next === 'number' ? { L: [] } : { M: {} };
    const child: AttributeValue = next === undefined ? value : (childOf(node, part) ?? empty);
    if (typeof part === 'string' && node.M !== undefined) node.M[part] = child;
    else if (node.L !== undefined) node.L.push(child);
    node = child;
  }
}

function parentOf(item: Item, path: DocumentPath): { parent: AttributeValue; last: string | number } {
  const last = path.at(-1);
  const parent = path.length === 1 ? { M: item } : valueAt(item, path.slice(0, -1));
  if (parent === undefined || last === undefined) throw invalidPath();
  return { parent, last };
}

function invalidPath() {
  return invalid('The document path provided in the update expression is invalid for update');
}
