import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { filesIn } from './files-in.js';
import { root as original } from './guide-programs.js';

/** The files and folders that the generators of `npm run new` read and write. */
const generated = [
  'src',
  'test',
  'docs/guides',
  'docs/iam.md',
  'scripts',
  'templates',
  'plopfile.mjs',
  'package.json',
  'biome.json',
  'typedoc.json',
  'tsconfig.json',
  'knip.json',
];

/** The files that are in git or could be added to it. */
export function repositoryFiles(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = execFileSync('git', args, { cwd: original, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(original, file)));
}

/** Copies the repository, or a part of it, into a temporary folder, in which a test may change files. */
export function copyOfRepository(paths: readonly string[] = generated) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'toolkit-')));
  for (const path of paths) cpSync(join(original, path), join(root, path), { recursive: true });
  symlinkSync(realpathSync(join(original, 'node_modules')), join(root, 'node_modules'), 'dir');
  const files = () =>
    new Map(
      filesIn(root, { except: ['node_modules'] })
        .filter((file) => file !== join(root, 'node_modules'))
        .map((file) => [relative(root, file), readFileSync(file, 'utf8')]),
    );
  const before = files();
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const changes = () => {
    const now = files();
    const added = [...now.keys()].filter((file) => !before.has(file));
    const changed = [...before].filter(([file, text]) => now.get(file) !== text).map(([file]) => file);
    return { added: added.toSorted(), changed: changed.toSorted() };
  };
  return {
    root,
    write,
    /** The files that were added and changed since the copy was made. */
    changes,
    /** Restores the files. */
    reset() {
      const { added, changed } = changes();
      for (const file of added) rmSync(join(root, file));
      for (const file of changed) write(file, before.get(file) ?? '');
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}
