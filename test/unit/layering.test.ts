import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** Which rooms each room may import from, besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  aurora: ['core'],
  cloudwatch: ['core'],
  dynamo: ['core'],
  ecs: ['core'],
  // A rollout reads services as the tool does, and evaluates the checks of a traffic shift.
  'ecs-rollout': ['core', 'ecs', 'traffic'],
  kinesis: ['core'],
  lambda: ['core'],
  sns: ['core'],
  sqs: ['core'],
  hooks: ['core', 'traffic'],
  'step-functions': ['core', 'traffic'],
  durable: ['core', 'traffic'],
  'custom-resource': ['core', 'traffic', 'step-functions', 'durable'],
  traffic: ['core'],
  iam: [
    'core',
    'aurora',
    'cloudwatch',
    'custom-resource',
    'durable',
    'dynamo',
    'ecs',
    'ecs-rollout',
    'hooks',
    'kinesis',
    'lambda',
    'sns',
    'sqs',
    'step-functions',
    'traffic',
  ],
  testing: ['core'],
};

const imports = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(/(?:from|import) '(\.[^']+)'/g)].map((match) => ({
      file,
      target: relative(source, join(source, dirname(file), match[1] ?? '')),
    })),
  );

const roomOf = (path: string) => path.split('/')[0] ?? '';

describe('The rooms of the code', () => {
  test('are all known', () => {
    const rooms = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map((entry) => entry.name).sort()).toEqual(Object.keys(allowed).sort());
  });

  test('import downwards only', () => {
    const upward = imports.filter(({ file, target }) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      return from !== to && !allowed[from]?.includes(to);
    });
    expect(upward).toEqual([]);
  });

  test('import from files, and index files from nowhere but index files', () => {
    const barrels = imports.filter(
      ({ file, target }) => !file.endsWith('index.ts') && target.endsWith('index.js'),
    );
    expect(barrels).toEqual([]);
  });
});
