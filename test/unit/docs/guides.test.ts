import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { documentedPrograms, root } from '../../support/guide-programs.js';

/** Programs in the README and the guides, by virtual paths in the package. */
const programs = new Map(
  documentedPrograms().map(({ path, code }) => [join(root, 'test', path), code] as const),
);
const folders = new Set([...programs.keys()].map((file) => dirname(file)));

test('compiles every program in the README and the guides', { timeout: 120_000 }, () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  options.noUnusedLocals = false;
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { getSourceFile, fileExists, directoryExists, readFile } = host;
  host.fileExists = (file) => programs.has(file) || fileExists(file);
  host.directoryExists = (folder) => folders.has(folder) || directoryExists?.(folder) === true;
  host.readFile = (file) => programs.get(file) ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const code = programs.get(file);
    return code === undefined
      ? getSourceFile(file, version, ...rest)
      : ts.createSourceFile(file, code, version, true);
  };

  const program = ts.createProgram([...programs.keys()], options, host);
  const problems = [...programs.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });

  expect([...programs.keys()].filter((file) => file.includes('/README.md/'))).toHaveLength(3);
  expect(problems).toEqual([]);
});

test('keeps the README within 150 lines', () => {
  const lines = readFileSync(join(root, 'README.md'), 'utf8').trimEnd().split('\n');

  expect(lines.length).toBeLessThanOrEqual(150);
});
