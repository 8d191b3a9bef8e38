import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './guide-programs.js';

/** All files in a folder and its folders, as absolute paths; folders of some names are left out. */
export function filesIn(folder: string, { except = [] }: { except?: readonly string[] } = {}): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return except.includes(entry.name) ? [] : filesIn(path, { except });
  });
}

/** The text of every file of the source. */
export function sourceText(): string {
  return filesIn(join(root, 'src'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}
