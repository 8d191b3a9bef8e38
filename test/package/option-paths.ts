import ts from 'typescript';
import { type InstalledDeclarations, isTypeExport } from './installed-declarations.js';

/** Types that allow any key by design: a state of the Amazon States Language. */
const openTypes = ['StateDefinition'];

/** Maximum depth, enough for `options.blue.forward.stickiness`. */
const maxDepth = 4;

/** Type helpers of the paths. They distribute over unions. */
export const pathHelpers = `
type PropertyOf<T, Key> = T extends unknown ? (Key extends keyof T ? T[Key] : never) : never;
type ElementOf<T> = T extends readonly (infer Element)[] ? Element : never;
`;

/**
 * Lists every object type of ours that a caller writes as a literal: the parameters of all exported functions, constructors
 * and methods, and their properties.
 *
 * @returns TypeScript types, such as `PropertyOf<ConstructorParameters<typeof import('…/sqs').SqsTools>[0], 'blue'>`, in terms of
 * {@link pathHelpers}.
 */
export function optionPaths(declarations: InstalledDeclarations, specifier: string): string[] {
  const { checker, targetOf } = declarations;
  const { source, exports } = declarations.entryOf(specifier);
  const seen = new Set<ts.Type>();
  const paths = new Set<string>();

  const isOurs = (type: ts.Type) =>
    checker
      .getPropertiesOfType(type)
      .some((property) => property.declarations?.some((each) => declarations.isOurs(each)));

  const isLiteralObject = (type: ts.Type) =>
    (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 &&
    type.getCallSignatures().length === 0 &&
    !type.isClass() &&
    !openTypes.includes(type.symbol?.name ?? '') &&
    isOurs(type);

  const visit = (type: ts.Type, path: string, depth: number): void => {
    // A list of JSON values contains itself.
    if (depth > maxDepth) return;
    const propertyType = checker.getNonNullableType(type);
    for (const each of propertyType.isUnion() ? propertyType.types : [propertyType]) {
      const element = checker.isArrayLikeType(each)
        ? checker.getIndexTypeOfType(each, ts.IndexKind.Number)
        : undefined;
      if (element !== undefined) visit(element, `ElementOf<${path}>`, depth + 1);
      else if (isLiteralObject(each)) visitObject(each, path, depth);
    }
  };

  const visitObject = (type: ts.Type, path: string, depth: number): void => {
    if (seen.has(type)) return;
    seen.add(type);
    paths.add(path);
    for (const property of checker.getPropertiesOfType(type)) {
      const propertyType = checker.getTypeOfSymbolAtLocation(property, source);
      visit(propertyType, `PropertyOf<${path}, '${property.name}'>`, depth + 1);
    }
  };

  const visitParameters = (signature: ts.Signature | undefined, path: string) => {
    for (const [index, parameter] of (signature?.getParameters() ?? []).entries()) {
      // The options of a generic rest parameter depend on the other arguments; test/types covers them.
      if (
        parameter.valueDeclaration &&
        ts.isParameter(parameter.valueDeclaration) &&
        parameter.valueDeclaration.dotDotDotToken
      )
        continue;
      visit(checker.getTypeOfSymbolAtLocation(parameter, source), `${path}[${index}]`, 0);
    }
  };

  for (const exported of exports) {
    const symbol = targetOf(exported);
    const imported = `import('${specifier}').${exported.name}`;
    if (/Options$/.test(exported.name) && !takesTypeArguments(symbol)) {
      visit(checker.getDeclaredTypeOfSymbol(symbol), imported, 0);
    }
    if (isTypeExport(exported)) continue;
    if (symbol.flags & ts.SymbolFlags.Function) {
      const [signature] = checker.getTypeOfSymbolAtLocation(symbol, source).getCallSignatures().slice(-1);
      visitParameters(signature, `Parameters<typeof ${imported}>`);
    }
    if (symbol.flags & ts.SymbolFlags.Class) {
      const [construct] = checker.getTypeOfSymbolAtLocation(symbol, source).getConstructSignatures();
      // Only a subclass calls the constructor of an abstract class.
      if (!isAbstract(symbol)) visitParameters(construct, `ConstructorParameters<typeof ${imported}>`);
      for (const member of checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))) {
        const [signature] = checker.getTypeOfSymbolAtLocation(member, source).getCallSignatures().slice(-1);
        visitParameters(signature, `Parameters<${imported}['${member.name}']>`);
      }
    }
  }
  return [...paths];
}

function isAbstract(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (each) =>
      ts.isClassDeclaration(each) &&
      each.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword),
  );
}

function takesTypeArguments(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (each) =>
      (ts.isTypeAliasDeclaration(each) || ts.isInterfaceDeclaration(each)) &&
      each.typeParameters !== undefined,
  );
}
