import ts from 'typescript';
import { type InstalledDeclarations, isTypeExport, readDeclarations } from './installed-declarations.js';

/** Declarations of one subpath of the installed package. */
export interface DeclaredSubpath {
  readonly specifier: string;
  /** Names that exist at run time, according to the declarations. */
  readonly values: readonly string[];
  /** A module that uses each method and function without a type of its own, so that TypeScript has to infer and name it. */
  readonly inferring: string;
  /** Types that the declarations mention and the subpath does not export, with the declaration that mentions each. */
  readonly missing: readonly string[];
}

/**
 * Types that a consumer cannot need by name: TypeScript resolves these conditional types before it writes a declaration.
 */
const resolvedByTypeScript = ['Remaining', 'Permissions', 'TypesIn'];

/** Fields that a user passes in; their types are those of every SDK client and belong to `@smithy/types`. */
const passedInOnly = ['ClientConfig'];

/** Reads the declarations of every subpath in the consumer's `node_modules`. */
export function declaredSubpaths(consumer: string, specifiers: readonly string[]): DeclaredSubpath[] {
  const declarations = readDeclarations(consumer, specifiers);
  return specifiers.map((specifier) => {
    const surface = new Surface(declarations, specifier);
    return {
      specifier,
      values: surface.values(),
      inferring: surface.inferring(specifier),
      missing: surface.missing(),
    };
  });
}

class Surface {
  readonly #declarations: InstalledDeclarations;
  /** Symbols by exported name. */
  readonly #exports: ReadonlyMap<string, { symbol: ts.Symbol; isType: boolean }>;

  constructor(declarations: InstalledDeclarations, specifier: string) {
    this.#declarations = declarations;
    const { exports } = declarations.entryOf(specifier);
    this.#exports = new Map(
      exports.map((exported) => [
        exported.name,
        { symbol: declarations.targetOf(exported), isType: isTypeExport(exported) },
      ]),
    );
  }

  values(): string[] {
    const isValue = ({ symbol, isType }: { symbol: ts.Symbol; isType: boolean }) =>
      !isType && (symbol.flags & ts.SymbolFlags.Value) !== 0;
    return [...this.#exports].filter(([, exported]) => isValue(exported)).map(([name]) => name);
  }

  inferring(specifier: string): string {
    const lines = [...this.#exports].flatMap(([name, { symbol, isType }]) => {
      // Without an import statement, TypeScript has to find each name through the subpath.
      const imported = `import('${specifier}').${name}`;
      if (symbol.flags & ts.SymbolFlags.Function && !isType)
        return [
          `declare const ${name}: typeof ${imported};`,
          `export const ${name}_result = resultOf(${name});`,
          ...(isGeneric(symbol) ? [] : [`export const ${name}_arguments = argumentsOf(${name});`]),
        ];
      return this.#memberNames(symbol).map(
        (member) => `export const ${name}_${member} = (it: ${imported}) => it.${member};`,
      );
    });
    return [
      'declare const resultOf: <R>(each: (...args: never[]) => R) => () => R;',
      'declare const argumentsOf: <A extends unknown[]>(each: (...args: A) => unknown) => (...args: A) => void;',
      ...lines,
    ].join('\n');
  }

  /** The public members of a class, interface or alias of ours that takes no type argument. */
  #memberNames(symbol: ts.Symbol): string[] {
    const isOurs = (symbol.declarations ?? []).some(
      (each) =>
        (ts.isClassDeclaration(each) || ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each)) &&
        each.typeParameters === undefined &&
        this.#declarations.isOurs(each),
    );
    if (!isOurs || passedInOnly.includes(symbol.name)) return [];
    return this.#declarations.checker
      .getPropertiesOfType(this.#declarations.checker.getDeclaredTypeOfSymbol(symbol))
      .filter(
        (member) =>
          /^\w+$/.test(member.name) &&
          (member.declarations ?? []).every((each) => this.#declarations.isOurs(each)),
      )
      .map((member) => member.name);
  }

  missing(): string[] {
    const exported = new Map([...this.#exports.values()].map(({ symbol, isType }) => [symbol, isType]));
    const missing = new Map<ts.Symbol, string>();
    const seen = new Set<ts.Symbol>();

    const visit = (symbol: ts.Symbol) => {
      if (seen.has(symbol)) return;
      seen.add(symbol);
      for (const declaration of symbol.declarations ?? [])
        for (const node of this.#signatureNodes(declaration, exported.get(symbol) ?? true))
          read(node, symbol);
    };

    const read = (node: ts.Node, from: ts.Symbol): void => {
      // TypeScript resolves it to the keys.
      if (ts.isTypeOperatorNode(node) && ts.isTypeQueryNode(node.type)) return;
      const name = mentionedName(node);
      const mentioned = name && this.#declarations.checker.getSymbolAtLocation(name);
      if (mentioned !== undefined)
        note(this.#declarations.targetOf(mentioned), from, ts.isTypeQueryNode(node));
      node.forEachChild((child) => read(child, from));
    };

    const note = (symbol: ts.Symbol, from: ts.Symbol, isQuery: boolean) => {
      const [declaration] = symbol.declarations ?? [];
      if (declaration === undefined || symbol.flags & ts.SymbolFlags.TypeParameter) return;
      const isOurs = this.#declarations.isOurs(declaration);
      if (!isOurs && !declaration.getSourceFile().fileName.includes('/@aws-sdk/')) return;
      // TypeScript expands the type of a constant, and names that of a class or function.
      const isNamed = !isQuery || (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Function)) !== 0;
      if (isNamed && !exported.has(symbol) && !resolvedByTypeScript.includes(symbol.name))
        missing.set(symbol, `${symbol.name}, mentioned by ${from.name}`);
      if (isOurs) visit(symbol);
    };

    for (const symbol of exported.keys()) visit(symbol);
    return [...missing.values()].sort();
  }

  /** The nodes of a declaration from which a consumer can infer a type. */
  #signatureNodes(declaration: ts.Declaration, isTypeOnly: boolean): ts.Node[] {
    if (!this.#declarations.isOurs(declaration)) return [];
    if (!ts.isClassDeclaration(declaration)) return [declaration];
    const parents = (declaration.heritageClauses ?? []).filter(
      ({ token }) => token === ts.SyntaxKind.ExtendsKeyword,
    );
    const members = declaration.members.filter(
      (member) =>
        !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) &&
        !(isTypeOnly && ts.isConstructorDeclaration(member)),
    );
    return [...parents, ...(declaration.typeParameters ?? []), ...members];
  }
}

function isGeneric(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (each) => ts.isFunctionDeclaration(each) && each.typeParameters !== undefined,
  );
}

function mentionedName(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  if (ts.isTypeQueryNode(node)) return node.exprName;
  return undefined;
}
