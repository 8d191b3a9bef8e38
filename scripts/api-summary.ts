import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { exportedNames } from './exported-names.js';
import { publicEntries } from './public-entries.js';

const root = join(fileURLToPath(new URL('.', import.meta.url)), '..');

/** Members of an options object that a summary shows. */
const maxMembers = 24;

/** Writes the classes, with their methods and getters, and the functions of every subpath with their parameters and the first sentences of their doc blocks. */
export function apiSummary(): string {
  const entries = Object.entries(publicEntries()).filter(([subpath]) => subpath !== '.');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const program = ts.createProgram(
    entries.map(([, file]) => join(root, file)),
    { ...options, noEmit: true },
  );
  const checker = program.getTypeChecker();
  const sections = entries.map(([subpath, file]) => {
    const source = program.getSourceFile(join(root, file));
    const symbol = source && checker.getSymbolAtLocation(source);
    if (symbol === undefined) throw new Error(`${file} exports nothing`);
    const values = new Set(exportedNames(file).flatMap(({ name, isType }) => (isType ? [] : [name])));
    const lines = checker
      .getExportsOfModule(symbol)
      .filter(({ name }) => values.has(name))
      .map((it) => (it.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(it) : it))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .flatMap((it) => linesOf(it, checker));
    return `## ${subpath.replace('./', 'aws-blue-green-toolkit/')}\n\n${lines.join('\n')}\n`;
  });
  const introduction = readFileSync(join(root, 'scripts/api-summary-introduction.md'), 'utf8');
  return [introduction, ...sections].join('\n');
}

function linesOf(symbol: ts.Symbol, checker: ts.TypeChecker): string[] {
  if (symbol.flags & ts.SymbolFlags.Class) return classLines(symbol, checker);
  if (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable)) {
    const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
    const call =
      signature === undefined ? symbol.name : `${symbol.name}(${parametersOf(signature, checker)})`;
    return [`- ${code(call)}${sentenceOf(symbol, checker)}`];
  }
  return [];
}

function classLines(symbol: ts.Symbol, checker: ts.TypeChecker): string[] {
  const [creation] = checker.getTypeOfSymbol(symbol).getConstructSignatures();
  const created =
    creation === undefined ? symbol.name : `new ${symbol.name}(${parametersOf(creation, checker)})`;
  const instance = checker.getDeclaredTypeOfSymbol(symbol);
  const isError =
    instance.getProperty('stack') !== undefined && instance.getProperty('message') !== undefined;
  const members = isError ? [] : instance.getProperties();
  const methods = members.flatMap((it) => [...methodLines(it, checker), ...serviceLines(it, checker)]);
  return [`- ${isError ? code(symbol.name) : code(created)}${sentenceOf(symbol, checker)}`, ...methods];
}

function methodLines(symbol: ts.Symbol, checker: ts.TypeChecker): string[] {
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined || /^__|^#/.test(symbol.name)) return [];
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if (ts.getCombinedModifierFlags(declaration) & hidden) return [];
  const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
  if (signature === undefined)
    return ts.isGetAccessorDeclaration(declaration)
      ? [`  - ${code(symbol.name)}${sentenceOf(symbol, checker)}`]
      : [];
  return [`  - ${code(`${symbol.name}(${parametersOf(signature, checker)})`)}${sentenceOf(symbol, checker)}`];
}

/** Lists the methods and getters of a simulated service, which is a member of the cloud. */
function serviceLines(member: ts.Symbol, checker: ts.TypeChecker): string[] {
  const service = checker.getTypeOfSymbol(member);
  const name = service.symbol?.name ?? '';
  if (!name.startsWith('Simulated') || name === 'SimulatedClients' || member.name.includes('#')) return [];
  const methods = service
    .getProperties()
    .flatMap((it) => methodLines(it, checker))
    .filter((line) => line.includes('`: '));
  return methods.map((line) => line.replace('`', `\`${member.name}.`));
}

function parametersOf(signature: ts.Signature, checker: ts.TypeChecker): string {
  return signature.parameters
    .map((parameter) => {
      const declaration = parameter.valueDeclaration;
      const isOptional =
        declaration !== undefined &&
        ts.isParameter(declaration) &&
        (declaration.questionToken !== undefined || declaration.initializer !== undefined);
      const members = membersOf(checker.getNonNullableType(checker.getTypeOfSymbol(parameter)));
      const name = parameter.name.startsWith('__') ? 'options' : parameter.name;
      return (members ?? name) + (isOptional ? '?' : '');
    })
    .join(', ');
}

/** Lists the members of an options object of this package. Undefined for a type that is none. */
function membersOf(type: ts.Type): string | undefined {
  const isObject = (it: ts.Type) =>
    (it.flags & ts.TypeFlags.Object) !== 0 && it.getCallSignatures().length === 0;
  const parts = type.isUnion() || type.isIntersection() ? type.types : [type];
  const name = type.aliasSymbol?.name ?? type.symbol?.name ?? '';
  if (!/(Options|Request|__type)$/.test(name) || !parts.every((it) => isObject(it) || it.isIntersection()))
    return;
  const members = new Map<string, boolean>();
  for (const part of type.isUnion() ? type.types : [type])
    for (const member of part.getProperties()) {
      const isOptional = (member.flags & ts.SymbolFlags.Optional) !== 0;
      members.set(member.name, isOptional || members.get(member.name) === true);
    }
  if (members.size === 0 || members.size > maxMembers) return undefined;
  const required = [...members].filter(([, isOptional]) => !isOptional).map(([it]) => it);
  const optional = [...members].filter(([, isOptional]) => isOptional).map(([it]) => `${it}?`);
  return `{ ${[...required, ...optional].join(', ')} }`;
}

/** Returns the first sentence of the doc block, after a colon. */
function sentenceOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const text = ts
    .displayPartsToString(symbol.getDocumentationComment(checker))
    .replace(/\{@link ([\w.]+)\}/g, '`$1`')
    .replace(/\s+/g, ' ');
  const [sentence = ''] = /^.*?(?:[.:](?= |$)|$)/.exec(text) ?? [];
  return sentence === '' ? '' : `: ${sentence.replace(/[.:]$/, '')}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
