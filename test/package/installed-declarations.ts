import { join } from 'node:path';
import ts from 'typescript';
import { packageName } from './manifest.js';

/** Declarations of the installed package, read by TypeScript. */
export interface InstalledDeclarations {
  readonly checker: ts.TypeChecker;
  /** Returns the entry file of a subpath, and its exports. */
  entryOf(specifier: string): { readonly source: ts.SourceFile; readonly exports: readonly ts.Symbol[] };
  /** Returns true for declarations of the package itself. */
  isOurs(declaration: ts.Declaration): boolean;
  /** Resolves the alias of an exported name. */
  targetOf(symbol: ts.Symbol): ts.Symbol;
}

/** Reads the declarations of these subpaths in the consumer's `node_modules`. */
export function readDeclarations(consumer: string, specifiers: readonly string[]): InstalledDeclarations {
  const installed = join(consumer, 'node_modules', packageName, 'dist');
  const fileOf = (specifier: string) => join(installed, specifier.slice(packageName.length), 'index.d.ts');
  const program = ts.createProgram(specifiers.map(fileOf), {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  return {
    checker,
    entryOf: (specifier) => {
      const source = program.getSourceFile(fileOf(specifier));
      const module = source && checker.getSymbolAtLocation(source);
      if (source === undefined || module === undefined)
        throw new Error(`Declarations of ${specifier} not found`);
      return { source, exports: checker.getExportsOfModule(module) };
    },
    isOurs: (declaration) => declaration.getSourceFile().fileName.startsWith(`${installed}/`),
    targetOf: (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol),
  };
}

/** Returns true for a name that is exported as a type only. */
export function isTypeExport(exported: ts.Symbol): boolean {
  return (exported.declarations ?? []).some(ts.isTypeOnlyImportOrExportDeclaration);
}
