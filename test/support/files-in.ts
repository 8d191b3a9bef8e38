import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** All files in a folder and its folders, as absolute paths; folders of some names are left out. */
export function filesIn(folder: string, { except = [] }: { except?: readonly string[] } = {}): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return except.includes(entry.name) ? [] : filesIn(path, { except });
  });
}
