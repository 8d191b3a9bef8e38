import { afterAll, describe, expect, inject, test } from 'vitest';
import { type CompilerName, compilerFor, type Project } from './compile.js';
import { cdkSpecifier, packageName, specifiers } from './manifest.js';
import { usageProgram } from './usage-program.js';

/** Compiler setup of a consumer's project. */
export interface Setup {
  readonly module: string;
  readonly moduleResolution: string;
  readonly extension: '.ts' | '.mts' | '.cts';
  /** Further compiler options. */
  readonly further?: Readonly<Record<string, unknown>>;
}

const common = { target: 'es2022', lib: ['es2023'], strict: true, skipLibCheck: true, types: [] };

/** Import of an internal file, which is not a subpath and has a hash in its name. */
const privatePath = /import\("[^"]*(?:node_modules|\/dist\/|\.pnpm)/;

/** Compiles the tarball's subpaths under each setup, with and without declarations, and prints the results as a table. */
export function describeMatrix(name: string, compiler: CompilerName, setups: readonly Setup[]): void {
  describe(`the packed tarball, compiled by ${name}`, () => {
    const results = new Map<Setup, string[]>(setups.map((setup) => [setup, []]));

    afterAll(() => {
      // biome-ignore lint/suspicious/noConsole: the table is the report of this test
      console.log(tableOf(name, results));
    });

    const record = (setup: Setup, problems: readonly string[]) => {
      results.get(setup)?.push(problems.length === 0 ? 'compiles' : `${problems.length} errors`);
      expect(problems).toEqual([]);
    };

    const title = 'with module $module, moduleResolution $moduleResolution in a $extension file';

    test.each(setups)(`resolves every subpath ${title}`, (setup) => {
      const compile = compilerFor(projectOf(compiler, setup, inject('consumer')));

      const { errors } = compile(usageProgram);

      record(setup, errors);
    });

    test.each(setups)(`names every inferred type through its one subpath ${title}`, (setup) => {
      const declared = { declaration: true, emitDeclarationOnly: true };
      const compile = compilerFor(projectOf(compiler, setup, inject('strictConsumer'), declared));

      // The root has the types of options only, so that an inferred type is named through the subpath of its class.
      const subpaths = inject('subpaths').filter(
        ({ specifier }) =>
          specifier !== packageName &&
          // node10 names the types of the CDK by their files, which are links here.
          !(specifier === cdkSpecifier && setup.moduleResolution === 'node10'),
      );
      const problems = subpaths.flatMap(({ specifier, inferring }) => {
        const { errors, declarations } = compile(inferring);
        // node10 names a type of a nested subpath, such as ./swap/dynamo, by its file. It can import that: it knows no `exports`.
        const isNested = specifier.slice(packageName.length + 1).includes('/');
        const isByFile = setup.moduleResolution === 'node10' && isNested;
        const unportable = declarations.split('\n').filter((line) => !isByFile && privatePath.test(line));
        return [...errors, ...unportable].map((problem) => `${specifier}: ${problem}`);
      });

      record(setup, problems);
    });
  });
}

function projectOf(compiler: CompilerName, setup: Setup, folder: string, more: object = {}): Project {
  const { module, moduleResolution, extension, further } = setup;
  return {
    compiler,
    folder,
    extension,
    compilerOptions: { ...common, module, moduleResolution, ...further, ...more },
  };
}

function tableOf(name: string, results: ReadonlyMap<Setup, readonly string[]>): string {
  const rows = [...results].map(
    ([{ module, moduleResolution, extension }, [without = '-', declared = '-']]) => [
      module,
      moduleResolution,
      extension,
      without,
      declared,
    ],
  );
  const head = ['module', 'moduleResolution', 'file', 'declaration: false', 'declaration: true'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [`${name}, ${specifiers.length} subpaths`, line(head), rule, ...rows.map(line)].join('\n');
}
