import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { readText } from './source.mjs';

/** The forms of a name such as `my-target`: `MyTarget`, `myTarget`, `my target`, `My target`. */
export function formsOf(name) {
  const words = name.split('-');
  const pascal = words.map(capitalize).join('');
  return {
    name,
    pascal,
    camel: `${pascal[0].toLowerCase()}${pascal.slice(1)}`,
    words: words.join(' '),
    title: capitalize(words.join(' ')),
  };
}

/** Returns the problem with the name of a new file, or undefined. */
export function fileNameProblem(kind, name) {
  if (/^[a-z][a-z\d]*(-[a-z\d]+)*$/.test(name)) return undefined;
  return `Invalid name of a ${kind}: expected lower-case words with hyphens between them, such as my-${kind}, got ${JSON.stringify(name)}.`;
}

/** Returns the problem with new files, the first of which exports a name that has to be new, or undefined. */
export function newFileProblem(root, { kind, files, exported }) {
  const chooseAnother = 'Choose another name.';
  const present = files.find((file) => existsSync(join(root, file)));
  if (present !== undefined) return `The ${kind} exists already: ${present}. ${chooseAnother}`;
  if (isReserved(exported))
    return `Invalid name of a ${kind}: ${exported} is a reserved word. ${chooseAnother}`;
  const index = ['src/index.ts', 'src/traffic/index.ts'].find((it) =>
    new RegExp(`\\b${exported}\\b`).test(readText(root, it)),
  );
  return index && `The name ${exported} exists already: ${index} exports it. ${chooseAnother}`;
}

/** Returns the problem with the name of a new method, or undefined. */
export function methodNameProblem(name) {
  if (/^[a-z][A-Za-z\d]*$/.test(name) && name !== 'constructor') return undefined;
  return `Invalid name of a method: expected a name in camel case, such as countMessages, got ${JSON.stringify(name)}.`;
}

/** Returns the problem with a name that has to be one of these, or undefined. */
export function choiceProblem(what, name, known) {
  if (known.includes(name)) return undefined;
  return `Unknown ${what}: expected one of ${known.join(', ')}, got ${JSON.stringify(name)}.`;
}

function isReserved(name) {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, true);
  scanner.setText(name);
  const kind = scanner.scan();
  return kind >= ts.SyntaxKind.FirstReservedWord && kind <= ts.SyntaxKind.LastFutureReservedWord;
}

function capitalize(word) {
  return `${word[0].toUpperCase()}${word.slice(1)}`;
}
