import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesIn } from '../../support/files-in.js';
import { pages, programsOf, root } from '../../support/guide-programs.js';

/** Methods that return when AWS has accepted a change, with the methods that wait for its effect. */
const waits = {
  startDatabase: ['waitForClusterState', 'databaseStarted'],
  enableEventMapping: ['waitForEventMappingState'],
  enableService: ['waitForServiceStable'],
} as const;

const examples = filesIn(join(root, 'examples'), { except: ['node_modules', 'cdk.out'] })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({ name: relative(root, file), code: readFileSync(file, 'utf8') }));
const documented = pages.flatMap(programsOf).map(({ path, code }) => ({ name: path, code }));
const programs = [...documented, ...examples];

describe.each(Object.entries(waits))('a program that calls %s', (method, waiting) => {
  // A step of a swap, such as `step.startDatabase`, waits by itself.
  const starting = programs.filter(({ code }) => new RegExp(`(?<!\\bstep)\\.${method}\\(`).test(code));

  test('exists in the guides or the examples', () => {
    expect(starting).not.toEqual([]);
  });

  test.each(starting)('waits for its effect: $name', ({ code }) => {
    const after = code.slice(code.lastIndexOf(`.${method}(`));

    expect(waiting.some((wait) => after.includes(`${wait}(`))).toBe(true);
  });
});
