import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputProblem } from '../../core/errors.js';

/** A file of a folder: its text, or the problem with it. */
export type FileText =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly problem: Omit<InputProblem, 'field'> };

/** Far more than ECS accepts: 64 KiB. */
const maxBytes = 1024 * 1024;

/** Reads a file of at most 1 MiB. A file that cannot be read is a problem like all others, not an exception. */
export async function readText(folder: string, file: string): Promise<FileText> {
  const bytes = await readBytes(join(folder, file)).catch((error: unknown) => unreadable(error));
  if ('expected' in bytes) return { file, problem: bytes };
  try {
    // Removes a byte order mark, too, which some editors write, and which is not JSON.
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { file, problem: { expected: 'a text in UTF-8', actual: 'other bytes' } };
  }
}

type Problem = Omit<InputProblem, 'field'>;

/** Reads no more than the limit. */
async function readBytes(path: string): Promise<Uint8Array | Problem> {
  const info = await stat(path);
  // A pipe without a writer would never be opened.
  if (!info.isFile() && !info.isDirectory()) return { expected: 'a file', actual: 'a pipe or a device' };
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) return tooLong(`${size} bytes`);
    // A file that is being written has more than its size says.
    const buffer = new Uint8Array(maxBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
    return tooLong('more');
  } finally {
    await handle.close();
  }
}

function tooLong(actual: string): Problem {
  return { expected: 'at most 1 MiB', actual };
}

function unreadable(error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return { expected: 'a file that can be read', actual: code === 'ENOENT' ? 'no file (ENOENT)' : code };
}
