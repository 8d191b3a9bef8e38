import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const pages = ['README.md', ...readdirSync(join(root, 'docs/guides')).map((guide) => `docs/guides/${guide}`)];

/** The programs in the README and the guides that need nothing but the package, as if they were files of it. */
const programs = new Map(
  pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/```ts\n(.*?)```/gs)]
      .map(
        ([, code = ''], index) =>
          [join(root, `test/${page.replaceAll('/', '-')}-${index}.ts`), code] as const,
      )
      .filter(([, code]) => code.includes("from 'aws-blue-green-toolkit") && !code.includes("from './")),
  ),
);

test('Every program in the README and the guides compiles', { timeout: 120_000 }, () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  options.noUnusedLocals = false;
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => programs.has(file) || fileExists(file);
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

  expect([...programs.keys()].filter((file) => file.includes('README'))).toHaveLength(3);
  expect(problems).toEqual([]);
});
