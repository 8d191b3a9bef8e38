import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readText } from './source.mjs';

/**
 * Adds the actions of the generators to plop's own:
 * - `edit` inserts into existing files, into all of them or into none;
 * - `format` sorts and formats files with Biome;
 * - `run` runs a script of the repository.
 */
export function registerActions(plop, root) {
  plop.setActionType('edit', (_answers, { changes }) => {
    const texts = changes.map(({ path, change }) => ({ path, text: changed(root, path, change) }));
    for (const { path, text } of texts) writeFileSync(join(root, path), text);
    return texts.map(({ path }) => path).join('\n   ');
  });
  const manifestOf = (name) => createRequire(join(root, 'package.json')).resolve(`${name}/package.json`);
  const runTool = (name, file, args) =>
    execFileSync(process.execPath, [join(dirname(manifestOf(name)), file), ...args], {
      cwd: root,
      stdio: 'pipe',
    });
  plop.setActionType('format', (_answers, { paths }) => {
    runTool('@biomejs/biome', 'bin/biome', ['check', '--write', ...paths]);
    return `${paths.length} files`;
  });
  plop.setActionType('run', (_answers, { script }) => {
    runTool('tsx', 'dist/cli.mjs', [script]);
    return script;
  });
}

/** Returns the actions that change files, write new ones, format all of them, run scripts, and print the remaining work. */
export function actionsOf(forms, { add = {}, edit = {}, afterwards = [], remaining }) {
  const paths = [...Object.keys(add), ...Object.keys(edit)];
  const changes = Object.entries(edit).map(([path, change]) => ({ path, change }));
  return [
    ...(changes.length > 0 ? [{ type: 'edit', changes }] : []),
    ...Object.entries(add).map(([path, templateFile]) => ({ type: 'add', path, templateFile, data: forms })),
    ...(paths.length > 0 ? [{ type: 'format', paths }] : []),
    ...afterwards.map((script) => ({ type: 'run', script })),
    ['To do:', ...remaining.map((step, index) => `  ${index + 1}. ${step}`)].join('\n'),
  ];
}

function changed(root, path, change) {
  try {
    return change(readText(root, path));
  } catch (error) {
    throw new Error(`Cannot insert into ${path}: ${error.message}. No file was changed. Update scripts/new.`);
  }
}
