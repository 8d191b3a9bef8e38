/**
 * Prints the reading grade of each guide: `npm run docs:grade`, or of the named files. `-- --at <commit>` reads them from a commit.
 * Lower is easier: 9 is a text for a reader of 15 years.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readingGrade } from './readability.js';

const args = process.argv.slice(2);
const commit = args[0] === '--at' ? args[1] : undefined;
const named = commit === undefined ? args : args.slice(2);
const files = named.length > 0 ? named : listGuides();

for (const file of files) {
  const { grade, words, sentences, longSentences } = readingGrade(read(file));
  const average = (words / Math.max(1, sentences)).toFixed(1);
  const details = `${words} words, ${average} in a sentence, ${longSentences.length} sentences over 25 words`;
  console.log(`${grade.toFixed(1).padStart(5)}  ${file}  (${details})`);
}

function listGuides(): string[] {
  const list = commit === undefined ? ['ls-files'] : ['ls-tree', '-r', '--name-only', commit];
  return git([...list, '--', 'docs/guides'])
    .split('\n')
    .filter((file) => file.endsWith('.md'));
}

function read(file: string): string {
  return commit === undefined ? readFileSync(file, 'utf8') : git(['show', `${commit}:${file}`]);
}

function git(command: readonly string[]): string {
  return execFileSync('git', command, { encoding: 'utf8', maxBuffer: 2 ** 26 });
}
