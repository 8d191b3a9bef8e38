import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { iamDocs } from '../../../scripts/iam-docs.js';
import type { Permission } from '../../../src/core/permissions.js';
import { methodPermissions } from '../../../src/iam/method-permissions.js';

const source = fileURLToPath(new URL('../../../src', import.meta.url));
const permissions: Readonly<Record<string, readonly Permission[]>> = methodPermissions;

const actionsOf = (list: readonly Permission[]) => [...new Set(list.map(({ action }) => action))].sort();

/** Actions after `@remarks IAM` in the doc comment of each class, method and function. */
const documented = new Map(
  readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('testing/'))
    .flatMap((file) => remarksIn(readFileSync(join(source, file), 'utf8'))),
);

function remarksIn(text: string): [name: string, actions: string[]][] {
  const found: [string, string[]][] = [];
  let owner = '';
  for (const [, comment = '', kind, name = ''] of text.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:export )?(?:override )?(?:async )?(class |function )?(\w+)/g,
  )) {
    if (kind === 'class ') owner = name;
    const remarks = comment.match(/@remarks IAM([\s\S]*?)(?=\n\s*\* @|$)/)?.[1];
    if (remarks === undefined) continue;
    const actions = [...remarks.matchAll(/\b[a-z\d-]+:[A-Z]\w+/g)].map(([action]) => action);
    found.push([kind === undefined ? `${owner}.${name}` : name, [...new Set(actions)].sort()]);
  }
  return found;
}

describe('docs/iam.md', () => {
  test('equals the output of `npm run docs:iam`', () => {
    expect(readFileSync(join(source, '../docs/iam.md'), 'utf8')).toBe(iamDocs());
  });
});

describe('Doc comments › @remarks IAM', () => {
  test.each(Object.entries(permissions))('name the actions of %s', (name, list) => {
    expect(documented.get(name) ?? []).toEqual(actionsOf(list));
  });

  test('name the actions of all methods in the comment of a class', () => {
    const classes = [...documented].filter(([name]) => /^[A-Z]\w+$/.test(name));
    const ofMethods = (owner: string) =>
      Object.entries(permissions).flatMap(([name, list]) => (name.startsWith(`${owner}.`) ? list : []));

    expect(classes.length).toBeGreaterThan(0);
    expect(classes).toEqual(classes.map(([name]) => [name, actionsOf(ofMethods(name))]));
  });

  test('name no action for anything without permissions', () => {
    const names = [...documented].filter(([, actions]) => actions.length > 0).map(([name]) => name);

    expect(names.filter((name) => permissions[name] === undefined && !/^[A-Z]\w+$/.test(name))).toEqual([]);
  });
});
