import { createRequire } from 'node:module';
import { join } from 'node:path';
import type ts from 'typescript';

/** Package name of an installed TypeScript compiler. */
export type CompilerName = 'typescript' | 'typescript-5.9';

/** Project of a consumer. Its modules are compiled one by one, without writing files. */
export interface Project {
  readonly compiler: CompilerName;
  /** The folder that has the `node_modules`. */
  readonly folder: string;
  /** As in a tsconfig.json. */
  readonly compilerOptions: Readonly<Record<string, unknown>>;
  /** `.ts`, `.mts` or `.cts`. */
  readonly extension: string;
}

/** Result of compiling one module. */
export interface Compiled {
  /** Such as `12: TS2353: Object literal may only specify known properties …`, with the module's line. */
  readonly errors: readonly string[];
  /** The declarations, when `declaration` is set. */
  readonly declarations: string;
}

const load = createRequire(import.meta.url);

/** Returns a function that compiles one module of the project. It parses the files of `node_modules` only once. */
export function compilerFor(project: Project): (source: string) => Compiled {
  const compiler: typeof ts = load(project.compiler);
  const { options, errors } = compiler.convertCompilerOptionsFromJson(
    project.compilerOptions,
    project.folder,
  );
  if (errors.length > 0) throw new Error(messagesOf(compiler, errors).join('\n'));
  const subject = join(project.folder, `subject${project.extension}`);
  const parsed = new Map<string, ts.SourceFile | undefined>();

  return (source) => {
    const host = compiler.createCompilerHost(options);
    const { fileExists, getSourceFile } = host;
    let declarations = '';
    host.fileExists = (file) => file === subject || fileExists(file);
    host.getSourceFile = (file, version, ...rest) => {
      if (file === subject) return compiler.createSourceFile(file, source, version);
      const format = typeof version === 'object' ? version.impliedNodeFormat : undefined;
      const key = `${file} ${format}`;
      if (!parsed.has(key)) parsed.set(key, getSourceFile(file, version, ...rest));
      return parsed.get(key);
    };
    host.writeFile = (_, text) => {
      declarations = text;
    };
    const program = compiler.createProgram([subject], options, host);
    const emitted = program.emit();
    const diagnostics = [...compiler.getPreEmitDiagnostics(program), ...emitted.diagnostics];
    return { errors: [...new Set(messagesOf(compiler, diagnostics))], declarations };
  };
}

function messagesOf(compiler: typeof ts, diagnostics: readonly ts.Diagnostic[]): string[] {
  return diagnostics.map(({ code, messageText, file, start = 0 }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    return `${line}: TS${code}: ${compiler.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
