import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sourceText } from '../../support/files-in.js';
import { root } from '../../support/guide-programs.js';

const page = readFileSync(join(root, 'docs/guides/rollback-at-night.md'), 'utf8');
const source = sourceText();

/** `Hook failed` is composed of the work and its end. */
function isLogged(line: string): boolean {
  return source.includes(`'${line}'`) || source.includes(`\`\${nameOf(options)} ${line.split(' ')[1]}\``);
}

test('has alarms on lines that the package logs', () => {
  const quoted = [...page.matchAll(/\?"([A-Z][\w ]+)"/g)].map(([, line = '']) => line);

  expect(quoted.length).toBeGreaterThan(4);
  expect(quoted.filter((line) => !isLogged(line))).toEqual([]);
});
