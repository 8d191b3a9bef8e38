import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputProblem } from '../../core/errors.js';

/** A file of a folder, or why there is no text in it. */
export type FileText =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly problem: Omit<InputProblem, 'field'> };

/** Far more than ECS takes: 64 KiB. */
const maxBytes = 1024 * 1024;

/** Reads a file. That it cannot be read is no exception here: it is told with everything else that is wrong. */
export async function readText(folder: string, file: string): Promise<FileText> {
  const bytes = await readFile(join(folder, file)).catch(codeOf);
  if (typeof bytes === 'string')
    return { file, problem: { expected: 'a file that can be read', actual: bytes } };
  if (bytes.length > maxBytes)
    return { file, problem: { expected: 'at most 1 MiB', actual: `${bytes.length} bytes` } };
  try {
    // Takes away a byte order mark, too, which some editors put there, and which is no JSON.
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { file, problem: { expected: 'a text in UTF-8', actual: 'other bytes' } };
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return code === 'ENOENT' ? 'no file (ENOENT)' : code;
}
