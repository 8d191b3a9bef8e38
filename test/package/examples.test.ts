import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { repositoryFolder } from './run.js';

/** Packages that the examples name besides this one and the AWS SDK. */
const others = ['@aws', 'aws-local-stepfunctions', 'cdk-nag', 'listr2', 'vitest'];

/** Errors about `import.meta` and a top-level `await`, which a CommonJS module does not have. */
const ofModulesOnly = [1309, 1343, 1378, 1470];

const strict = {
  target: 'es2022',
  lib: ['es2023'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
  typeRoots: [join(repositoryFolder, 'node_modules', '@types')],
  types: ['node'],
};

let folder: string;

/** Copies the examples beside the installed tarball. Nothing of the repository is above them. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aws-blue-green-toolkit-examples-'));
  await cp(join(repositoryFolder, 'examples'), join(folder, 'examples'), {
    recursive: true,
    filter: (path) => !['node_modules', 'cdk.out', 'dist'].includes(basename(path)),
  });
  const installed = join(inject('consumer'), 'node_modules');
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  const names = (await readdir(installed)).filter((name) => !others.includes(name));
  for (const name of names) await symlink(join(installed, name), join(modules, name));
  for (const name of others) await symlink(join(repositoryFolder, 'node_modules', name), join(modules, name));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Compiles every file of the examples, and returns the errors with their files. */
function errorsUnder(compilerOptions: object): ts.Diagnostic[] {
  const config = { compilerOptions: { ...strict, ...compilerOptions }, include: ['examples'] };
  const { fileNames, options, errors } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  expect(fileNames.length).toBeGreaterThan(60);
  return [...errors, ...ts.getPreEmitDiagnostics(ts.createProgram(fileNames, options))];
}

const textOf = ({ file, messageText }: ts.Diagnostic) =>
  `${file?.fileName.slice(folder.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;

describe('the examples, with the installed tarball', () => {
  test('compile as ES modules', async () => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));

    expect(errorsUnder({ module: 'nodenext' }).map(textOf)).toEqual([]);
  });

  test('compile for a bundler', async () => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));

    expect(errorsUnder({ module: 'esnext', moduleResolution: 'bundler' }).map(textOf)).toEqual([]);
  });

  test('compile as CommonJS, except for programs that run from the command line', async () => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({}));

    const errors = errorsUnder({ module: 'commonjs' });

    expect(errors.filter(({ code }) => !ofModulesOnly.includes(code)).map(textOf)).toEqual([]);
    const deployed = /\/(lambda|lambdas|hooks)\/|\/(hooks|ecs-hook|handler|swap|shift-traffic)\.ts$/;
    const files = errors.map(({ file }) => file?.fileName.slice(folder.length) ?? '');
    expect(files.filter((file) => deployed.test(file) && !file.endsWith('whole-stack-swap/swap.ts'))).toEqual(
      [],
    );
  });
});
