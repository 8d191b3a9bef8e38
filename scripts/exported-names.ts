import { readFileSync, writeFileSync } from 'node:fs';
import { builtBase, type PublicEntries } from './public-entries.js';

/** A name that an index file exports. */
export interface ExportedName {
  readonly name: string;
  /** True when the name is exported as a type only. */
  readonly isType: boolean;
}

/** Reads the exported names of an index file of `src`, which contains only `export { … } from '…'`. */
export function exportedNames(file: string): ExportedName[] {
  const statements = readFileSync(file, 'utf8').matchAll(/^export (type )?\{([^}]*)\} from/gm);
  return [...statements].flatMap(([, typeOfAll, list = '']) =>
    list
      .split(',')
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map((text) => ({
        name: text.replace(/^type /, '').replace(/^\w+ as /, ''),
        isType: typeOfAll !== undefined || text.startsWith('type '),
      })),
  );
}

/**
 * Marks type-only exports in the built declarations of each entry. The bundler of the declarations drops these marks, and a class
 * without one looks constructible.
 */
export function markTypeExports(entries: PublicEntries): void {
  for (const [, file] of Object.entries(entries)) {
    const types = new Set(
      exportedNames(file)
        .filter(({ isType }) => isType)
        .map(({ name }) => name),
    );
    for (const extension of ['.d.ts', '.d.cts']) {
      const built = `${builtBase(file)}${extension}`;
      writeFileSync(built, withTypeMarks(readFileSync(built, 'utf8'), types));
    }
  }
}

function withTypeMarks(declarations: string, types: ReadonlySet<string>): string {
  return declarations.replace(/^export \{ ([^}]*) \};?$/gm, (_, list: string) => {
    const marked = list.split(', ').map((text) => {
      const name = text.replace(/^type /, '').replace(/^\S+ as /, '');
      return types.has(name) && !text.startsWith('type ') ? `type ${text}` : text;
    });
    return `export { ${marked.join(', ')} };`;
  });
}
