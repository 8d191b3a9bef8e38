/**
 * Finds the names and words that docs/language.md retires: `npm run check:names`. Fails when there is one.
 * `npm run check:names -- --counts <commit>` prints the counts of a commit instead.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { findRetiredName, retiredCodes, retiredOpenings, retiredWords } from './language-rules.js';

interface Finding {
  readonly kind: 'name' | 'opening' | 'word';
  readonly text: string;
}

const [flag, commit] = process.argv.slice(2);
const isCount = flag === '--counts' && commit !== undefined;
const files = listFiles(['src', 'test', 'examples', 'bench', 'scripts', 'docs', 'README.md']);
const findings = files.flatMap(findIn);

for (const { text } of isCount ? [] : findings) console.log(text);
const count = (wanted: Finding['kind']) => findings.filter(({ kind }) => kind === wanted).length;
console.log(
  `${count('name')} retired names; ${count('opening')} comment lines of src that open with ${retiredOpenings.join(', ')}; ` +
    `${count('word')} times ${retiredWords.join(', ')} in src, docs and README.md`,
);
if (!isCount && findings.length > 0) process.exitCode = 1;

function listFiles(paths: readonly string[]): string[] {
  const args = isCount
    ? ['ls-tree', '-r', '--name-only', commit, '--', ...paths]
    : ['ls-files', '--', ...paths];
  const listed = execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\n');
  return listed.filter((file) => /\.(ts|mjs|js|cjs|md)$/.test(file) && !file.startsWith('docs/api/'));
}

function read(file: string): string {
  return isCount
    ? execFileSync('git', ['show', `${commit}:${file}`], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    : readFileSync(file, 'utf8');
}

function findIn(file: string): Finding[] {
  const text = read(file);
  const isRules = /^scripts\/(check-language|language-rules)\.ts$/.test(file);
  const isCode = /\.(ts|mjs|js|cjs)$/.test(file);
  const isSource = file.startsWith('src/');
  return [
    ...(isRules ? [] : nameFindings(file, file)),
    ...(isCode && !isRules ? namesIn(file, text) : []),
    ...(isSource ? openingsIn(file, text) : []),
    ...(isSource || file.startsWith('docs/') || file === 'README.md' ? wordsIn(file, text) : []),
  ];
}

function nameFindings(name: string, place: string): Finding[] {
  const retired = findRetiredName(name, place);
  return retired ? [{ kind: 'name', text: `${place}: ${name}: use ${retired.use}` }] : [];
}

/** Identifiers, the keys of objects among them, and strings that are a retired error code. */
function namesIn(file: string, text: string): Finding[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false);
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    const place = () => `${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node))
      findings.push(...nameFindings(node.text, place()));
    if (ts.isStringLiteral(node) && retiredCodes.includes(node.text)) {
      findings.push({ kind: 'name', text: `${place()}: '${node.text}' is no error code` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

function openingsIn(file: string, text: string): Finding[] {
  const opening = new RegExp(`^\\s*(/\\*\\*|\\*|//) ?(${retiredOpenings.join('|')})\\b`);
  return linesOf(file, text, opening, 'opening');
}

function wordsIn(file: string, text: string): Finding[] {
  return linesOf(file, text, new RegExp(`\\b(${retiredWords.join('|')})\\b`, 'i'), 'word');
}

function linesOf(file: string, text: string, pattern: RegExp, kind: Finding['kind']): Finding[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      pattern.test(line) ? [{ kind, text: `${file}:${index + 1}: ${line.trim()}` }] : [],
    );
}
